"""An interrupted request sent again, inside the application: through its middleware, routing and every check (S16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from newel_sdk.asgi.types import App, Message, Receive, Scope
from newel_sdk.client.tokens import Tokens
from newel_sdk.resume.intent import Intent

# Only this process can put an object into a scope; nothing on the network can.
RESUMED = "newel.resumed"
_KEPT_SCOPE = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "state")
_KEPT_HEADERS = frozenset({b"host", b"cookie", b"user-agent", b"accept", b"accept-language"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Stands in the scope of a request that is sent again: with which tokens, for which intent."""

    intent: Intent
    tokens: Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What the application answered."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


def _scope(callback: Scope, resumed: Resumed, origin: str) -> Scope:
    path, _, query = resumed.intent.route.partition("?")
    body = resumed.intent.body()
    own = [
        (b"content-type", resumed.intent.content_type.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        # The first sending was checked to be the application's own page; the second one is the application itself.
        (b"origin", origin.encode("ascii")),
        (b"sec-fetch-site", b"same-origin"),
    ]
    kept = [(name, value) for name, value in callback["headers"] if name.lower() in _KEPT_HEADERS]
    return {name: callback[name] for name in _KEPT_SCOPE if name in callback} | {
        "method": "POST",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": kept + own,
        RESUMED: resumed,
    }


async def replay(app: App, callback: Scope, resumed: Resumed, *, origin: str) -> Replayed:
    """Send the interrupted request again; `callback` is the scope of the request that brought the person back."""
    answered: list[Message] = []

    async def send(message: Message) -> None:  # ruff: ignore[unused-async] - ASGI awaits it
        answered.append(message)

    await app(_scope(callback, resumed, origin), _receive(resumed.intent.body()), send)
    start = next(message for message in answered if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in answered if message["type"] == "http.response.body")
    return Replayed(status=start["status"], headers=tuple(start.get("headers", ())), body=body)


def _receive(body: bytes) -> Receive:
    waiting = [body]

    async def receive() -> Message:  # ruff: ignore[unused-async] - ASGI awaits it
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive
