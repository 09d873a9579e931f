"""The limits on the wire, tried with raw sockets against a running uvicorn."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

import pytest
import uvicorn
import uvloop
from uvicorn.server import ServerState

from newel.http.adapter import Receive, Scope, Send
from newel.http.limits import Limits, limited

OK_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
SMALL = Limits(head_seconds=0.1, body_seconds=0.1, linger_seconds=0.1, body=4096)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    text = b"%d headers, %d bytes" % (len(scope["headers"]), len(body))
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"%d" % len(text))],
        }
    )
    await send({"type": "http.response.body", "body": text})


@contextlib.asynccontextmanager
async def running(limits: Limits) -> AsyncGenerator[int]:
    """Serve the protocol itself on this loop; uvicorn's own server stands around it in the last test."""
    protocol = limited(limits)
    config = uvicorn.Config(echo, http=protocol, ws="none", lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)


async def ask(port: int, *parts: bytes, eof: bool = False) -> bytes:
    """Send the parts in turn and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
        if eof:
            writer.write_eof()
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def closing(*lines: bytes, body: bytes = b"") -> bytes:
    return OK_HEAD + b"Connection: close\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


async def test_an_ordinary_request_is_answered() -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, closing())) == 200


async def test_a_request_in_single_bytes_is_answered() -> None:
    async with running(Limits()) as port:
        request = closing(b"X-Name: value")
        answer = await ask(port, *(request[i : i + 1] for i in range(len(request))))
        assert status(answer) == 200


async def test_a_post_with_a_body_is_answered() -> None:
    request = closing(b"Content-Length: 5", body=b"a=b&c").replace(b"GET", b"POST")
    async with running(SMALL) as port:
        assert (await ask(port, request)).endswith(b"5 bytes")


async def test_twenty_megabytes_in_one_header_are_431() -> None:
    async with running(SMALL) as port:
        answer = await ask(port, OK_HEAD + b"X: ", *(b"x" * 1_000_000 for _ in range(20)))
        assert status(answer) == 431


async def test_200_000_headers_are_431() -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, OK_HEAD, b"X-A: b\r\n" * 200_000)) == 431


async def test_a_hundred_headers_pass_and_one_more_is_431() -> None:
    async with running(SMALL) as port:
        assert b"100 headers" in await ask(port, closing(*(b"X-%d: a" % n for n in range(98))))
        assert status(await ask(port, closing(*(b"X-%d: a" % n for n in range(99))))) == 431


async def test_sixteen_kilobytes_pass_and_more_are_431() -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, closing(b"X: " + b"a" * 16_200))) == 200
        assert status(await ask(port, closing(b"X: " + b"a" * 16_400))) == 431


async def test_a_long_address_is_414() -> None:
    async with running(SMALL) as port:
        answer = await ask(port, b"GET /" + b"a" * 13_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert status(answer) == 414
        assert status(await ask(port, b"GET /" + b"a" * 2_000_000)) == 414


async def test_a_head_that_comes_too_slowly_is_408() -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, OK_HEAD + b"X: ")) == 408


async def test_a_connection_that_says_nothing_is_closed_silently() -> None:
    async with running(SMALL) as port:
        assert await ask(port) == b""


async def test_a_body_that_comes_too_slowly_is_408() -> None:
    request = OK_HEAD.replace(b"GET", b"POST") + b"Content-Length: 10\r\n\r\nabc"
    async with running(SMALL) as port:
        assert status(await ask(port, request)) == 408


async def test_the_second_head_of_a_connection_has_its_own_time() -> None:
    async with running(SMALL) as port:
        answer = await ask(port, OK_HEAD + b"\r\n", OK_HEAD + b"X: ")
        assert answer.count(b"HTTP/1.1 200") == 1
        assert b"HTTP/1.1 408" in answer


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: -1"],
        [b"Content-Length: 5", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5x"],
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked, identity"],
        [b"X: a\x00b"],
        [b"X : a"],
        [b" folded"],
    ],
)
async def test_an_ambiguous_head_is_400(lines: list[bytes]) -> None:
    async with running(SMALL) as port:
        request = closing(*lines, body=b"hello").replace(b"GET", b"POST")
        assert status(await ask(port, request, eof=True)) == 400


async def test_a_trailer_never_becomes_a_header() -> None:
    body = b"1\r\na\r\n0\r\nAuthorization: Bearer stolen\r\n\r\n"
    async with running(SMALL) as port:
        request = closing(b"Transfer-Encoding: chunked", body=body).replace(b"GET", b"POST")
        assert status(await ask(port, request)) == 400


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: b"1\r\na\r\n" * 20_000,
        lambda: b"1;" + b"e" * 60_000 + b"\r\na\r\n",
        lambda: b"186A0\r\n" + b"a" * 100_000 + b"\r\n",
        lambda: b"0" * 60_000,
    ],
)
async def test_a_chunked_bomb_is_413_or_400(bomb: Callable[[], bytes]) -> None:
    async with running(SMALL) as port:
        head = OK_HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n"
        assert status(await ask(port, head, bomb())) in {400, 413}


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01", b"\x00" * 100, b"GET\r\n\r\n", b"HELLO / HTTP/1.1\r\n\r\n"]
)
async def test_what_is_not_http_is_400(junk: bytes) -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, junk)) == 400


async def test_an_offer_to_upgrade_is_answered_in_http() -> None:
    async with running(SMALL) as port:
        answer = await ask(port, OK_HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        assert status(answer) == 200


async def test_pipelined_requests_are_answered_in_turn() -> None:
    async with running(SMALL) as port:
        answer = await ask(port, (OK_HEAD + b"\r\n") * 3 + closing())
        assert answer.count(b"HTTP/1.1 200") == 4


async def test_a_refusal_leaves_the_next_connection_alone() -> None:
    async with running(SMALL) as port:
        assert status(await ask(port, OK_HEAD + b"X: " + b"x" * 40_000)) == 431
        assert status(await ask(port, closing())) == 200


def test_the_whole_uvicorn_on_uvloop_keeps_the_limits() -> None:
    async def talk() -> list[int]:
        config = uvicorn.Config(
            echo, host="127.0.0.1", port=0, http=limited(SMALL), ws="none", lifespan="off", log_config=None
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]
        answers = [
            await ask(port, closing()),
            await ask(port, OK_HEAD + b"X: ", *(b"x" * 1_000_000 for _ in range(20))),
            await ask(port, OK_HEAD + b"X: "),
            await ask(port, b"GET /" + b"a" * 13_000),
        ]
        await server.shutdown()
        return [status(answer) for answer in answers]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(talk()) == [200, 431, 408, 414]
