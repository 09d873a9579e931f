"""An issuer with its own ES256 key: what a guard believes in a test."""

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from newel_sdk.action import Target, build, digest
from newel_sdk.clock import unix_time
from newel_sdk.encoding import base64url
from newel_sdk.fetch.base import Response
from newel_sdk.jwks.key_set import KeySet, parse_key_set
from newel_sdk.requirement import CLASS_ORDER

Json = dict[str, Any]
_PASSWORD: Json = {"method": "pwd", "uv": False, "phr": False, "hw": False, "binding": None}
_LEDGERS: Mapping[str, tuple[Json, ...]] = {
    "aal1": (_PASSWORD,),
    "aal2": (_PASSWORD, _PASSWORD | {"method": "totp"}),
    "phr": (_PASSWORD | {"method": "webauthn", "uv": True, "phr": True},),
    "aal3": (_PASSWORD | {"method": "webauthn", "uv": True, "phr": True, "hw": True},),
}
_AMR: Mapping[str, list[str]] = {
    "aal1": ["pwd"],
    "aal2": ["pwd", "otp", "mfa"],
    "phr": ["swk", "user", "mfa"],
    "aal3": ["hwk", "user", "mfa"],
}


def down_set(acr: str) -> list[str]:
    """Return a class and all it counts as."""
    return [acr, *(lower for below in CLASS_ORDER.get(acr, ()) for lower in down_set(below))]


class Issuer:
    """Mints access tokens, a key set and epochs; `fetch` serves its documents as the network would."""

    def __init__(
        self,
        issuer: str = "https://issuer.example",
        *,
        audience: str = "https://rs.example",
        client_id: str = "client",
        kid: str = "test-1",
        clock: Callable[[], int] = unix_time,
    ) -> None:
        self.issuer, self.audience, self.client_id, self.kid, self.clock = issuer, audience, client_id, kid, clock
        self._key = ECKey.generate_key("P-256", parameters={"kid": kid, "use": "sig", "alg": "ES256"})
        self._ids = count(1)
        self.published_epoch: str | None = None

    @property
    def keys(self) -> KeySet:
        """The public keys, as a guard takes them."""
        return parse_key_set(self.jwks())

    def jwks(self) -> Json:
        """The public keys as a JWK Set."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def next_id(self, prefix: str) -> str:
        """Return a new identifier."""
        return f"{prefix}-{next(self._ids)}"

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """Sign any claims under any `typ`."""
        header = {"alg": "ES256", "kid": self.kid, "typ": typ}
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
        return jws.serialize_compact(header, payload, self._key, algorithms=["ES256"])

    def token(
        self,
        *,
        sub: str = "alice",
        acr: str = "aal1",
        auth_time: int | None = None,
        now: int | None = None,
        life: int = 300,
        acrs: Mapping[str, int] | None = None,
        ledger: Iterable[Json] | None = None,
        action: tuple[str, Mapping[str, Any]] | None = None,
        binding: str = "signed",
        **claims: Any,
    ) -> str:
        """Mint an access token: `acr` at `auth_time` (now), with an approval of `action` (target, fields) if given.

        Further `claims` replace or add members; one that is None is left out.
        """
        issued_at = self.clock() if now is None else now
        at = issued_at if auth_time is None else auth_time
        members: Json = {
            "iss": self.issuer,
            "sub": sub,
            "aud": self.audience,
            "client_id": self.client_id,
            "iat": issued_at,
            "exp": issued_at + life,
            "jti": self.next_id("token"),
            "scope": "openid",
            "sid": f"session-{sub}",
            "acr": acr,
            "auth_time": at,
            "amr": _AMR.get(acr, []),
            "newel_acrs": dict.fromkeys(down_set(acr), at) if acrs is None else dict(acrs),
            "newel_ledger": [{**event, "at": at} for event in _LEDGERS.get(acr, ())]
            if ledger is None
            else list(ledger),
        }
        if action is not None:
            members["authorization_details"] = [self.elevation(sub, *action, binding=binding, now=issued_at)]
        members |= claims
        return self.sign({name: value for name, value in members.items() if value is not None}, typ="at+jwt")

    def elevation(self, sub: str, target: str, fields: Mapping[str, Any], *, binding: str, now: int) -> Json:
        """Make the `authorization_details` entry of an approved action."""
        parsed = Target.parse(target)
        approved = build(
            issuer=self.issuer,
            audience=self.audience,
            client_id=self.client_id,
            confirmation=None,
            subject=sub,
            interaction=self.next_id("interaction"),
            target=parsed,
            fields=fields,
            locale="en",
            text=f"{parsed.action} {parsed.resource}",
            expires_at=now + 600,
        )
        return {
            "type": parsed.resource,
            "actions": [parsed.action],
            "fields": approved["fields"],
            "elevation": approved,
            "binding": binding,
            "digest": base64url(digest(approved)),
        }

    def epoch(
        self,
        *,
        now: int | None = None,
        keys: int = 1,
        policy: int = 1,
        revocations: int = 0,
        revoked_sessions: Iterable[tuple[str, int]] = (),
        revoked_tokens: Iterable[str] = (),
        revoked_families: Iterable[str] = (),
    ) -> str:
        """Mint a signed epoch."""
        issued_at = self.clock() if now is None else now
        members = {
            "iss": self.issuer,
            "iat": issued_at,
            "exp": issued_at + 30,
            "epoch": {"keys": keys, "policy": policy, "revocations": revocations},
            "revoked_sessions": [list(entry) for entry in revoked_sessions],
            "revoked_tokens": list(revoked_tokens),
            "revoked_families": list(revoked_families),
        }
        return self.sign(members, typ="newel-epoch+jwt")

    def metadata(self) -> Json:
        """The discovery document."""
        paths = {
            "jwks_uri": "/jwks",
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "pushed_authorization_request_endpoint": "/par",
            "end_session_endpoint": "/end_session",
        }
        return {"issuer": self.issuer, **{name: self.issuer + path for name, path in paths.items()}}

    async def fetch(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Serve discovery, keys and epoch; anything else is 404."""
        del headers, body
        path = url.removeprefix(self.issuer)
        if method == "GET" and path == "/.well-known/openid-configuration":
            return _json(200, self.metadata())
        if method == "GET" and path == "/jwks":
            return _json(200, self.jwks())
        if method == "GET" and path == "/epoch":
            return Response(status=200, headers={}, body=(self.published_epoch or self.epoch()).encode("ascii"))
        return _json(404, {"error": "not_found"})


def _json(status: int, document: Json) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(document).encode("utf-8")
    )
