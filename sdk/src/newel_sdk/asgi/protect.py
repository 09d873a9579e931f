"""A whole ASGI application or endpoint behind one check."""

from newel_sdk.asgi.answer import Answer, answer, error_answer
from newel_sdk.asgi.bearer import bearer_token
from newel_sdk.asgi.types import App, Message, Receive, Scope, Send
from newel_sdk.challenge import Unauthorized
from newel_sdk.errors import InputRefused, NewelError
from newel_sdk.guard.asking import enforce
from newel_sdk.guard.body import MAX_BYTES, parse_body
from newel_sdk.guard.check import RouteCheck
from newel_sdk.guard.outcome import Allowed

ALLOWED = "newel.allowed"


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _read(receive: Receive) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BYTES or message["type"] != "http.request":
            raise InputRefused(f"the request is over {MAX_BYTES} bytes, or was broken off")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed


def protect(app: App, check: RouteCheck) -> App:
    """Wrap an ASGI application: it runs for HTTP requests that are allowed, with `scope["newel.allowed"]` set."""

    async def protected(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise NewelError(f"{scope['type']} is not protected here")
        try:
            allowed, receive = await _decide(scope, receive, check)
        except NewelError as refused:
            allowed = error_answer(refused)
        if isinstance(allowed, Answer):
            await allowed.send(send)
            return
        await app({**scope, ALLOWED: allowed}, receive, send)

    return protected


async def _decide(scope: Scope, receive: Receive, check: RouteCheck) -> tuple[Allowed | Answer, Receive]:
    token = bearer_token(_header(scope, b"authorization"))
    await check.prepare(token)
    if not check.reads_input:
        outcome = await enforce(check, token)
    else:
        claims = check.authenticate(token)
        if isinstance(claims, Unauthorized):
            return answer(claims), receive
        body = await _read(receive)
        receive = _again(body, receive)
        outcome = await enforce(check, token, parse_body("".join(_header(scope, b"content-type")), body))
    return outcome if isinstance(outcome, Allowed) else answer(outcome), receive
