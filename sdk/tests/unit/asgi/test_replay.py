"""An interrupted request sent again."""

from typing import Any

from newel_sdk.asgi import RESUMED, Resumed, replay
from newel_sdk.asgi.types import Receive, Scope, Send
from newel_sdk.client import Tokens
from newel_sdk.resume import Intent

INTENT = Intent(
    route="/tr%C3%A4nsfers%3F?x=%C3%A9",
    content_type="application/x-www-form-urlencoded",
    fields={"a": "1"},
    title="Send money",
    bound=False,
    subject="alice",
    lineage="l",
)
TOKENS = Tokens(
    access_token="t", refresh_token=None, id_token="i", subject="alice", lineage="l", evidence="e", expires_at=1
)


async def test_the_second_request_is_a_post_of_the_same_browser_with_the_same_fields() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.update(scope, first=await receive(), second=await receive())
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/done")]})
        await send({"type": "http.response.body", "body": b"o", "more_body": True})
        await send({"type": "http.response.body", "body": b"k"})

    callback = {
        "type": "http",
        "method": "GET",
        "path": "/callback",
        "session": "from a middleware",
        "headers": [(b"cookie", b"s=1"), (b"Host", b"bank"), (b"authorization", b"x"), (b"origin", b"evil")],
    }
    answered = await replay(app, callback, Resumed(intent=INTENT, tokens=TOKENS), origin="https://bank.example")
    assert (answered.status, answered.headers, answered.body) == (303, ((b"location", b"/done"),), b"ok")
    assert (seen["method"], seen["path"], seen["query_string"]) == ("POST", "/tränsfers?", b"x=%C3%A9")
    assert seen["raw_path"] == b"/tr%C3%A4nsfers%3F"
    assert "session" not in seen
    assert seen[RESUMED].tokens is TOKENS
    headers = dict(seen["headers"])
    assert headers[b"cookie"] == b"s=1"
    assert headers[b"origin"] == b"https://bank.example"
    assert b"authorization" not in headers
    assert (seen["first"]["body"], seen["second"]["type"]) == (b"a=1", "http.disconnect")
