"""One answer in one write, and what is not plain as uvicorn writes it; over real sockets."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from newel.http.adapter import Receive, Scope, Send
from newel.http.limits import Limits, limited

Headers = list[tuple[bytes, bytes]]
ANSWERS: dict[str, tuple[Headers, list[bytes]]] = {
    "/plain": ([(b"content-length", b"5")], [b"hello"]),
    "/pieces": ([(b"content-length", b"5")], [b"hel", b"lo"]),
    "/chunked": ([], [b"hello"]),
    "/closing": ([(b"content-length", b"5"), (b"connection", b"close")], [b"hello"]),
    "/shorter": ([(b"content-length", b"9")], [b"hello"]),
    "/split": ([(b"content-length", b"5"), (b"x-a", b"b\r\nset-cookie: c=d")], [b"hello"]),
    "/fed": ([(b"content-length", b"5"), (b"x-a", b"b\nset-cookie: c=d")], [b"hello"]),
    "/named": ([(b"content-length", b"5"), (b"x a", b"b")], [b"hello"]),
}


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    headers, parts = ANSWERS[scope["path"]]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number, part in enumerate(parts, 1):
        await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})


class Counting:
    """A transport that keeps what was written at once."""

    def __init__(self, transport: asyncio.Transport, written: list[bytes]) -> None:
        self._transport, self._written = transport, written

    def write(self, data: bytes) -> None:
        self._written.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@contextlib.asynccontextmanager
async def running(written: list[bytes]) -> AsyncGenerator[int]:
    class Protocol(limited(Limits())):  # type: ignore[misc]  # a class that a function makes
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(Counting(transport, written))

    config = uvicorn.Config(application, http=Protocol, ws="none", lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0)
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)


async def asked(path: str, *, method: str = "GET", last: str = "") -> tuple[list[bytes], bytes]:
    """What was written at once, and all that came, for a request and then one that ends the connection."""
    written: list[bytes] = []
    async with running(written) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: a\r\n{last}\r\n".encode())
        writer.write_eof()
        came = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    return written, came


async def test_a_plain_answer_is_one_write() -> None:
    written, came = await asked("/plain")
    assert written == [came]
    assert came.startswith(b"HTTP/1.1 200 OK\r\n")
    assert came.endswith(b"\r\ncontent-length: 5\r\n\r\nhello")


async def test_head_says_the_length_and_sends_no_body() -> None:
    _, came = await asked("/plain", method="HEAD")
    assert came.endswith(b"\r\ncontent-length: 5\r\n\r\n")


@pytest.mark.parametrize("path", ["/pieces", "/closing"])
async def test_what_is_not_plain_comes_whole(path: str) -> None:
    _, came = await asked(path)
    assert came.partition(b"\r\n\r\n")[2] == b"hello"


async def test_a_body_without_a_length_is_chunked() -> None:
    _, came = await asked("/chunked")
    assert came.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


async def test_a_connection_that_is_to_end_is_told_so() -> None:
    _, came = await asked("/plain", last="Connection: close\r\n")
    assert b"\r\nconnection: close\r\n" in came


@pytest.mark.parametrize("path", ["/split", "/fed", "/named"])
async def test_s31_no_value_begins_another_header(path: str) -> None:
    _, came = await asked(path)
    assert b"set-cookie" not in came
    assert b"hello" not in came


async def test_a_length_that_is_not_the_bodys_is_no_whole_answer() -> None:
    written, _ = await asked("/shorter")
    assert b"".join(written).count(b"hello") <= 1
    assert len(written) != 1
