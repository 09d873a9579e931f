"""The object A of a bound action, its canonical form and digest (S17; RFC 8785; docs/wire.md).

The authorization server has its own writing of the same rules; tests/vectors/wire/action.json holds both to the same
bytes. Invariants: what two readers could understand differently is refused (floats, integers beyond 2^53, texts that
are not NFC, control and bidi characters), and one object has one canonical text.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newel_sdk.errors import ActionRefused

MAX_DEPTH = 8
MAX_INTEGER = 2**53
MAX_BYTES = 16_384
NONCE_BYTES = 32
PURPOSE = b"newel/bound/1"
# Unicode's Bidi_Control property (UAX 9) and the two separators that break a line without being control characters.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset("\u2028\u2029")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is guarded: `bank.transfer:send` is the action `send` of the resource `bank.transfer`."""

    resource: str
    action: str

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read `resource:action`; raises ActionRefused."""
        resource, _, action = text.partition(":")
        if not resource or not action or ":" in action:
            raise ActionRefused(f"{text!r} is not resource:action")
        return cls(resource=resource, action=action)


def _check_text(text: str, *, lines: bool) -> None:
    if text.isascii() and text.isprintable():
        return
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            raise ActionRefused("a lone surrogate")
        if (category == "Cc" and not (lines and character == "\n")) or character in _BREAKS:
            raise ActionRefused(f"control character U+{ord(character):04X}")
        if character in _BIDI:
            raise ActionRefused(f"bidi control U+{ord(character):04X}")
    if not unicodedata.is_normalized("NFC", text):
        raise ActionRefused("a text that is not NFC")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ActionRefused(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        _check_text(value, lines=False)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ActionRefused("an integer beyond 2^53")
    elif isinstance(value, Mapping | list | tuple):
        if isinstance(value, Mapping):
            _check_names(value)
        for member in value.values() if isinstance(value, Mapping) else value:
            _check(member, depth + 1)
    else:
        raise ActionRefused(f"a {type(value).__name__} cannot be bound")


def _check_names(members: Mapping[Any, Any]) -> None:
    for name in members:
        if not isinstance(name, str) or not name.isascii() or not name.isprintable() or not name:
            raise ActionRefused("a member name that is not printable ASCII")


def _plain(value: Any) -> Any:
    """Copy into plain JSON containers, so that any Mapping may be handed in."""
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value


def check_fields(fields: Fields) -> None:
    """Refuse fields that could not stand in an object A; raises ActionRefused."""
    if not isinstance(fields, Mapping):
        raise ActionRefused("fields are not an object")
    _check(fields, 1)  # A itself is the outermost object


def canonical(approved: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of an object A; a line feed may stand in `display.text` alone. Raises ActionRefused.

    Member names are printable ASCII, so code point order is RFC 8785's UTF-16 order, and there are no floats.
    """
    if not isinstance(approved, Mapping):
        raise ActionRefused("not an object")
    display = approved.get("display")
    if isinstance(display, Mapping) and isinstance(text := display.get("text"), str):
        _check_text(text, lines=True)
        _check({**approved, "display": {**display, "text": ""}}, 0)
    else:
        _check(approved, 0)
    text = json.dumps(_plain(approved), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    encoded = text.encode("utf-8")
    if len(encoded) > MAX_BYTES:
        raise ActionRefused(f"an action over {MAX_BYTES} bytes")
    return encoded


def digest(approved: Mapping[str, Any]) -> bytes:
    """Return SHA-256(JCS(A)), 32 bytes; raises ActionRefused."""
    return hashlib.sha256(canonical(approved)).digest()


def webauthn_challenge(nonce: bytes, action_digest: bytes) -> bytes:
    """Return the challenge that commits to a bound action: 32 bytes from a 32-byte nonce and the digest of A."""
    if len(nonce) != NONCE_BYTES or len(action_digest) != NONCE_BYTES:
        raise ActionRefused("nonce and digest have 32 bytes")
    return hashlib.sha256(PURPOSE + b"\0" + nonce + action_digest).digest()


def build(
    *,
    issuer: str,
    audience: str,
    client_id: str,
    confirmation: Mapping[str, str] | None,
    subject: str,
    interaction: str,
    target: Target,
    fields: Fields,
    locale: str,
    text: str,
    expires_at: int,
) -> dict[str, Any]:
    """Make the object A of one action; `text` is what the person reads, `expires_at` in seconds."""
    return {
        "v": 1,
        "iss": issuer,
        "aud": audience,
        "client_id": client_id,
        "cnf": None if confirmation is None else dict(confirmation),
        "sub": subject,
        "interaction": interaction,
        "action": target.action,
        "resource": target.resource,
        "fields": _plain(fields),
        "display": {"locale": locale, "text": text},
        "exp": expires_at,
    }


def authorization_detail(target: Target, fields: Fields) -> dict[str, Any]:
    """Return the `authorization_details` entry that asks for an approval (RFC 9396 section 2); raises ActionRefused."""
    check_fields(fields)
    return {"type": target.resource, "actions": [target.action], "fields": _plain(fields)}
