"""From ASGI to an endpoint and back, and whatever goes wrong between."""

import json
import logging
from functools import partial
from typing import Any

import pytest

from newel.http.adapter import Adapter, Failure, record_number
from newel.http.errors import RequestError
from newel.http.request import Request
from newel.http.responses import Response

LOG = logging.getLogger("test")
FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


async def echo(services: str, request: Request) -> Response:  # ruff: ignore[unused-async] - an endpoint is awaited
    return Response(200, (("x-method", request.method),), f"{services}:{sorted(request.form)}".encode())


class Peer:
    """A client of the adapter: sends these chunks, keeps what comes."""

    def __init__(self, *chunks: bytes, goes: bool = False) -> None:
        self.messages = [
            {"type": "http.request", "body": chunk, "more_body": goes or number < len(chunks)}
            for number, chunk in enumerate(chunks or (b"",), 1)
        ]
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self.messages.pop(0) if self.messages else {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def ask(
        self, adapter: Adapter[str], method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None
    ) -> int:
        scope = {"method": method, "path": "/x", "query_string": b"", "headers": headers or [], "client": None}
        await adapter(scope, self.receive, self.send)
        return int(self.sent[0]["status"]) if self.sent else 0

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return bytes(self.sent[1]["body"])


adapter = partial(Adapter, "s", methods=("GET", "POST"), log=LOG)


async def test_an_endpoint_is_given_its_services_and_the_whole_body() -> None:
    peer = Peer(b"a=1&", b"b=2")
    assert await peer.ask(adapter(echo), "POST", FORM) == 200
    assert peer.body == b"s:['a', 'b']"
    assert peer.headers[b"content-length"] == b"12"


async def test_head_comes_with_get_and_has_no_body() -> None:
    peer = Peer()
    assert await peer.ask(adapter(echo), "HEAD") == 200
    assert (peer.body, peer.headers[b"content-length"]) == (b"", b"4")


async def test_another_method_is_405_and_told_which_there_are() -> None:
    peer = Peer()
    assert await peer.ask(adapter(echo), "PUT") == 405
    assert peer.headers[b"allow"] == b"GET, HEAD, POST"


@pytest.mark.parametrize("length", [b"11", b"-1", b"1x", b"\xb2", b"0" * 4400 + b"5"])
async def test_s35_a_length_beyond_the_limit_is_413_before_anything_is_read(length: bytes) -> None:
    peer = Peer(b"a=1")
    assert await peer.ask(adapter(echo, limit=10), "POST", [*FORM, (b"content-length", length)]) == 413
    assert len(peer.messages) == 1
    assert peer.headers[b"connection"] == b"close"


async def test_a_body_that_grows_beyond_the_limit_is_413() -> None:
    assert await Peer(b"a=1", b"&b=2", b"&c=3").ask(adapter(echo, limit=10), "POST", FORM) == 413


async def test_a_request_that_cannot_be_read_is_400() -> None:
    peer = Peer(b"a=%zz")
    assert await peer.ask(adapter(echo), "POST", FORM) == 400
    assert json.loads(peer.body)["error"] == "invalid_request"


async def test_headers_that_contradict_each_other_are_400() -> None:
    assert await Peer().ask(adapter(echo), "GET", [(b"host", b"a"), (b"host", b"b")]) == 400


async def test_a_peer_that_goes_away_is_sent_nothing() -> None:
    peer = Peer(b"a=1", goes=True)
    assert await peer.ask(adapter(echo), "POST", FORM) == 0


async def test_what_an_endpoint_refuses_is_answered_with_its_code() -> None:
    async def refuse(_services: str, _request: Request) -> Response:  # ruff: ignore[unused-async] - it is awaited
        raise RequestError(404, "there is no such thing", error="not_found")

    peer = Peer()
    assert await peer.ask(adapter(refuse)) == 404
    assert json.loads(peer.body) == {"error": "not_found", "error_description": "there is no such thing"}


async def fall(_services: str, _request: Request) -> Response:  # ruff: ignore[unused-async] - an endpoint is awaited
    raise ZeroDivisionError("secret")


async def test_a_fault_says_a_record_number_and_no_trace_and_is_logged_under_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    peer = Peer()
    assert await peer.ask(adapter(fall, entropy=lambda n: bytes(range(1, n + 1)))) == 500
    said = json.loads(peer.body)
    assert (said["error"], said["record"]) == ("server_error", "0102-0304")
    assert b"secret" not in peer.body
    assert "ZeroDivisionError: secret" in caplog.text
    assert [vars(record)["record"] for record in caplog.records] == ["0102-0304"]


async def test_a_failure_page_that_fails_leaves_the_plain_answer() -> None:
    def broken(_headers: Any, _failure: Failure) -> Response:
        raise LookupError("template")

    peer = Peer()
    assert await peer.ask(adapter(fall, failed=broken)) == 500
    assert json.loads(peer.body)["error"] == "server_error"


def test_a_record_number_can_be_read_out() -> None:
    assert record_number(b"\x7f\x3a\x91\xc2") == "7F3A-91C2"
