"""What the token endpoint gave, in a form the application can store as a text."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from newel_sdk.encoding import base64url, parse_object, unbase64url
from newel_sdk.errors import AuthorizationFailed

INVALID = "invalid_token_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One person's tokens; `evidence` names what they prove, so that a step-up that proved nothing new is seen.

    Keep them on the server. `expires_at` in seconds; `lineage` is the session id that survives rotation.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id_token: str = field(repr=False)
    subject: str
    lineage: str
    evidence: str
    expires_at: int

    def to_text(self) -> str:
        """Write it for storage."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Tokens":
        """Read what `to_text` wrote."""
        return cls(**parse_object(text))


def unverified_evidence(*tokens: str) -> str:
    """Name what tokens say was proven: only to see whether anything changed, never to believe it.

    The first token that is a readable JWT speaks: an access token may be opaque to a client (RFC 9068 section 6).
    """
    for token in tokens:
        parts = token.split(".")
        try:
            claims = parse_object(unbase64url(parts[1])) if len(parts) == 3 else {}  # ruff: ignore[magic-value-comparison] - a compact JWS
        except ValueError:
            continue
        if claims:
            return _fingerprint(claims)
    return ""


def _fingerprint(claims: dict[str, Any]) -> str:
    details = claims.get("authorization_details")
    entries = details if isinstance(details, list) else []
    digests = sorted(str(entry["digest"]) for entry in entries if isinstance(entry, dict) and "digest" in entry)
    proven = [claims.get("acr"), claims.get("auth_time"), claims.get("newel_acrs"), digests]
    return base64url(hashlib.sha256(json.dumps(proven, sort_keys=True).encode("utf-8")).digest())


def text_member(document: dict[str, Any], name: str) -> str:
    """Return a required text of a token response (RFC 6749 section 5.1); raises AuthorizationFailed."""
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise AuthorizationFailed(INVALID, f"{name} is missing")
    return value
