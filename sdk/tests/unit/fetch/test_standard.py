"""The standard library's HTTP, against a real server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from newel_sdk.errors import FetchFailed
from newel_sdk.fetch import StandardFetch
from newel_sdk.fetch.standard import check_address

ANSWERS = {
    b"/ok": b"HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 2\r\n\r\nok",
    b"/away": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    b"/no": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
    b"/large": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100,
    b"/broken": b"nonsense\r\n\r\n",
}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1]
        if path == b"/echo":
            body = await reader.readexactly(4)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        elif path == b"/drip":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(20):
                writer.write(b"x")
                await asyncio.sleep(0.02)
        elif path in ANSWERS:
            writer.write(ANSWERS[path])
        else:
            await reader.read()
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*filter(None, serving))


async def test_an_answer_comes_back_whole_with_lower_case_headers(address: str) -> None:
    answer = await StandardFetch()("GET", address + "/ok")
    assert (answer.status, answer.body, answer.headers["x-test"]) == (200, b"ok", "Yes")
    sent = await StandardFetch()("POST", address + "/echo", headers={"Content-Type": "text/plain"}, body=b"ping")
    assert sent.body == b"ping"


async def test_s20_redirects_are_not_followed_and_errors_are_answers(address: str) -> None:
    assert (await StandardFetch()("GET", address + "/away")).status == 302
    assert (await StandardFetch()("GET", address + "/no")).body == b"no"


@pytest.mark.parametrize("path", ["/large", "/broken", "/silent", "/drip"])
async def test_s20_size_and_time_are_limited(address: str, path: str) -> None:
    with pytest.raises(FetchFailed):
        await StandardFetch(timeout=0.2, limit=50)("GET", address + path)


async def test_a_closed_port_is_a_failure() -> None:
    with pytest.raises(FetchFailed):
        await StandardFetch()("GET", "http://127.0.0.1:1/")


@pytest.mark.parametrize("url", ["http://example.com/", "file:///etc/passwd", "https:///x", "ftp://localhost/", "/x"])
def test_s20_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchFailed):
        check_address(url)


def test_https_is_an_address() -> None:
    check_address("https://example.com/")
