"""A bare ASGI application behind a check."""

import json
from typing import Any

import pytest

from newel_sdk.asgi import ALLOWED, protect
from newel_sdk.asgi.types import App, Message, Receive, Scope, Send
from newel_sdk.errors import FetchFailed, NewelError
from newel_sdk.guard import Demand, Guard, MemorySpentStore
from newel_sdk.jwks import RemoteKeys
from newel_sdk.testing import Issuer

NOW = 1_790_000_000
ISSUER = Issuer(clock=lambda: NOW)
GUARD = Guard(
    issuer=ISSUER.issuer,
    audience=ISSUER.audience,
    keys=ISSUER.keys,
    spent=MemorySpentStore(lambda: NOW),
    clock=lambda: NOW,
)
SEND = GUARD.require_action(
    "bank.transfer:send", fields={"minor": "minor"}, demand=lambda _f, _x: Demand(acr="aal2", bind=True)
)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    if scope["type"] == "http":
        body = (await receive()).get("body", b"") + json.dumps((await receive())["type"]).encode()
    await send({"type": "test", "allowed": scope.get(ALLOWED), "body": body})


async def call(app: App, *chunks: bytes, kind: str = "http", **headers: str) -> list[Message]:
    messages = [{"type": "http.request", "body": c, "more_body": c is not chunks[-1]} for c in chunks]
    messages.append({"type": "http.disconnect"})
    sent: list[Message] = []

    async def receive() -> Message:  # ruff: ignore[unused-async] - ASGI awaits it
        return messages.pop(0)

    async def send(message: Message) -> None:  # ruff: ignore[unused-async] - ASGI awaits it
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await app({"type": kind, "headers": named}, receive, send)
    return sent


def bearer(**claims: Any) -> str:
    return f"Bearer {ISSUER.token(**claims)}"


async def test_an_allowed_request_runs_with_its_claims_and_its_whole_body() -> None:
    fields = {"minor": 5}
    token = bearer(acr="aal2", action=("bank.transfer:send", fields))
    sent = await call(protect(echo, SEND), b'{"min', b'or":5}', authorization=token, content_type="application/json")
    assert sent[0]["allowed"].fields == fields
    assert sent[0]["body"] == b'{"minor":5}"http.disconnect"'
    plain = await call(protect(echo, GUARD.require()), b"x", authorization=bearer())
    assert plain[0]["allowed"].claims.subject == "alice"


async def test_a_refused_request_never_reaches_the_application() -> None:
    sent = await call(protect(echo, GUARD.require(acr="aal2")), b"x", authorization=bearer())
    assert (sent[0]["status"], json.loads(sent[1]["body"])["acr_values"]) == (401, "aal2 phr aal3")
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]
    for headers in ({}, {"authorization": "Bearer x"}):
        assert (await call(protect(echo, SEND), b"x", **headers))[0]["status"] == 401


@pytest.mark.parametrize("chunks", [(b"x" * 70_000,), (b"x" * 40_000, b"x" * 40_000), ()])
async def test_s35_an_oversized_or_broken_body_is_400(chunks: tuple[bytes, ...]) -> None:
    sent = await call(protect(echo, SEND), *chunks, authorization=bearer(), content_type="application/json")
    assert sent[0]["status"] == 400


async def test_without_keys_the_answer_is_503_and_other_scopes_are_refused() -> None:
    async def broken(*_: Any, **__: Any) -> Any:  # ruff: ignore[unused-async] - a Fetch is awaited
        raise FetchFailed("unreachable")

    guard = Guard(issuer="https://i.example", audience="a", keys=RemoteKeys("https://i.example", fetch=broken))
    sent = await call(protect(echo, guard.require()), b"", authorization=bearer())
    assert (sent[0]["status"], json.loads(sent[1]["body"])["detail"]) == (503, "")
    assert (await call(protect(echo, guard.require()), b"", kind="lifespan"))[0]["allowed"] is None
    with pytest.raises(NewelError):
        await call(protect(echo, guard.require()), b"", kind="websocket")
