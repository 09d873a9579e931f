"""uvicorn as it is run here."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from newel.cli.listener import bind

SERVER = """
import asyncio, json, socket, sys
from newel.cli.answering import answer
from newel.config import Config

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        if sys.argv[3] == "failing":
            await send({"type": "lifespan.startup.failed", "message": "no"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("closed", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    told = {"client": scope["client"][0], "scheme": scope["scheme"]}
    if scope["path"] == "/slow":
        print("slow", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})

listener = socket.socket(fileno=int(sys.argv[1]))
lifeline = socket.socket(fileno=int(sys.argv[2]))
lifeline.setblocking(False)
sys.exit(answer(application, Config(), listener, ready=lambda: print("ready", flush=True), lifeline=lifeline))
"""


@contextmanager
def served(kind: str = "good") -> Generator[tuple[subprocess.Popen[str], int, socket.socket]]:
    ours, theirs = socket.socketpair()
    with bind("127.0.0.1", 0) as listener, ours, theirs:
        command = [sys.executable, "-c", SERVER, str(listener.fileno()), str(theirs.fileno()), kind]
        inherited = (listener.fileno(), theirs.fileno())
        with subprocess.Popen(
            command, pass_fds=inherited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            theirs.close()
            try:
                yield process, listener.getsockname()[1], ours
            finally:
                process.kill()


def line(process: subprocess.Popen[str]) -> str:
    return (process.stdout.readline() if process.stdout else "").strip()


def get(port: int, path: str = "/", **headers: str) -> tuple[Any, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body, named = json.loads(answer.read()), {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return body, named


def test_s36_forwarded_headers_are_not_believed_and_the_server_has_no_name() -> None:
    with served() as (process, port, _):
        assert line(process) == "ready"
        told, headers = get(port, **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
        assert told == {"client": "127.0.0.1", "scheme": "http"}
        assert "server" not in headers
        assert "date" in headers


def test_s35_a_long_header_is_refused_before_the_application() -> None:
    with served() as (process, port, _):
        line(process)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


def test_sigterm_lets_a_request_under_way_finish_and_ends_with_0() -> None:
    with served() as (process, port, _):
        line(process)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/slow")
        assert line(process) == "slow"
        process.send_signal(signal.SIGTERM)
        print("go on", file=process.stdin, flush=True)
        assert connection.getresponse().status == 200
        connection.close()
        assert line(process) == "closed"
        assert process.wait(60) == 0


def test_the_end_of_the_life_line_is_taken_for_a_signal() -> None:
    with served() as (process, _, lifeline):
        line(process)
        lifeline.close()
        assert line(process) == "closed"
        assert process.wait(60) == 0


def test_an_application_that_cannot_start_ends_without_being_ready() -> None:
    with served("failing") as (process, _, _lifeline):
        assert line(process) == ""
        assert process.wait(60) == 3
