"""What the tests of this folder share: reading tokens, making assertions, and moving stored moments into the past."""

import json
import time
from base64 import urlsafe_b64decode
from typing import Any

import httpx2
from joserfc import jwt as jose
from joserfc.jwk import ECKey
from msgspec import msgpack
from tests.simulators.person import Page
from tests.simulators.running import Relying, Running

from newel.cli.opening import Open
from newel.crypto import jwt
from newel.crypto.keys import KeyRing, SigningKey
from newel.flows.known import SIGNING_KEY
from newel.storage.base import Query, Statement, Unit
from newel.storage.sql.keys import signing_keys

PAYMENT = {
    "type": "bank.transfer",
    "actions": ["send"],
    "fields": {
        "amount": {"minor": 500000, "currency": "EUR"},
        "payee": {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"},
    },
}


def part(token: str, index: int) -> dict[str, Any]:
    """The header (0) or the claims (1) of a compact JWS, unverified."""
    encoded = token.split(".")[index]
    return dict(json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))))


def claims(token: str) -> dict[str, Any]:
    return part(token, 1)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a JSON error, which is never stored (RFC 6749 section 5.2)."""
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


def execute(server: Running, sql: str, **params: int | str | bytes | None) -> None:
    """Change the stored state beside the running server."""

    async def work(everything: Open) -> None:
        await everything.store.commit(Unit((Statement(sql, params),)))

    server.open(work)


AGED = {
    "session": (
        "SELECT evidence FROM sessions WHERE lineage = :key",
        "UPDATE sessions SET evidence = :body, active_at = active_at - :seconds WHERE lineage = :key",
    ),
    "interaction": (
        "SELECT body FROM interactions WHERE id = :key",
        "UPDATE interactions SET body = :body, expires_at = expires_at - :seconds WHERE id = :key",
    ),
}


def aged(server: Running, kind: str, key: str, seconds: int) -> None:
    """Move every moment of a stored session or interaction (`at`, `…_at`) `seconds` into the past."""
    read, write = AGED[kind]

    async def work(everything: Open) -> None:
        found = await everything.store.one(Query(read, {"key": key}, tuple))
        assert found is not None
        body = msgpack.encode(_moved(msgpack.decode(found[0]), seconds))
        await everything.store.commit(Unit((Statement(write, {"body": body, "seconds": seconds, "key": key}),)))

    server.open(work)


def _moved(value: Any, seconds: int) -> Any:
    if isinstance(value, list):
        return [_moved(each, seconds) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: each - seconds
        if isinstance(each, int) and (name == "at" or name.endswith("_at"))
        else _moved(each, seconds)
        for name, each in value.items()
    }


def signed_here(server: Running, *tokens: dict[str, Any], typ: str) -> list[str]:
    """Tokens signed with the server's own present key, whatever they say."""

    async def work(everything: Open) -> list[str]:
        stored = [each for each in await everything.store.all(signing_keys()) if each.alg == "ES256"]
        keys = [
            SigningKey(
                kid=each.kid,
                alg="ES256",
                private=everything.vault.open(SIGNING_KEY, each.sealed_private, associated=(each.kid,)),
                public_jwk=json.loads(each.public_jwk),
                created_at=each.created_at,
                active_at=each.active_at,
                retire_at=each.retire_at,
            )
            for each in stored
        ]
        ring = KeyRing(keys, everything.now)
        return [jwt.sign(ring, said, typ=typ) for said in tokens]

    return list(server.open(work))


def assertion(key: ECKey, client: str, audience: object, **more: Any) -> str:
    """A client assertion (RFC 7523); `more` changes claims, and `header` the header."""
    header = {"alg": "ES256", **more.pop("header", {})}
    said = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "exp": int(time.time()) + 60,
        "jti": str(time.time_ns()),
        **more,
    }
    return jose.encode(header, {name: value for name, value in said.items() if value is not None}, key)


def asserted(value: str) -> dict[str, str]:
    """The form fields of a client assertion."""
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": value,
    }


def told(client: Relying, page: Page) -> dict[str, object]:
    """The ID token's claims of a redirect's code."""
    return claims(client.redeem(page.answer["code"]).json()["id_token"])


def essential(**acr: object) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, **acr}}})
