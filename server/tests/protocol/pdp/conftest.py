"""A running decision point, the resource servers that ask it, and people with tokens."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from server.tests.protocol.pdp.asking import FAMILY, Caller
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.cli.opening import Open
from newel.domain.subject import Subject
from newel.storage.base import Unit
from newel.storage.sql.registrations import Registration, register
from newel.storage.sql.subjects import add_subject

HERE = Path(__file__).parent
collect_ignore = [] if os.environ.get("NEWEL_VECTORS") else ["test_pdp_gateway_outside.py"]
API = "http://localhost:9/bank"
SHELF = (
    "101 Legal alice, 102 Legal bob, 103 Legal carol, 104 Accounting dan, 105 Legal erin, 106 Accounting felix, "
    "107 Sales alice, 108 Legal bob, 109 Accounting carol, 110 Sales dan, 111 Accounting erin, 112 Legal felix, "
    "113 Sales alice, 114 Accounting bob, 115 Finance carol, 116 Legal dan, 117 Legal erin, 118 Accounting felix, "
    "119 Legal alice, 120 Accounting bob"
)
"""The interop scenario's records: id, department, owner."""
_NAMES = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """The house of house.py on a free port."""
    folder = tmp_path_factory.mktemp("point") / "newel"
    subprocess.run([sys.executable, "-m", "newel", "init", "--dir", str(folder)], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        told = {
            "NEWEL_SERVER__ISSUER": f"http://localhost:{listener.getsockname()[1]}",
            "NEWEL_LOG__LEVEL": "warning",
            "NEWEL_GUESSING__PER_ADDRESS": "100000",
            "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000",
        }

        def start() -> "subprocess.Popen[str]":
            command = [sys.executable, str(HERE / "house.py"), str(folder / "newel.toml"), str(listener.fileno())]
            process = subprocess.Popen(
                command,
                env={**os.environ, **told},
                pass_fds=(listener.fileno(),),
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        running = Running(folder, told["NEWEL_SERVER__ISSUER"], start(), start)
        yield running
        running.http.close()
        running.process.terminate()
        running.process.wait(20)
        assert running.process.stdout is not None
        running.process.stdout.close()


def _caller(server: Running, identifier: str, **more: Any) -> Caller:
    return Caller(server.client(identifier, **{"states": (), **more}))


@pytest.fixture(scope="session")
def bank(server: Running) -> Caller:
    """The bank's resource server, registered to state facts about transfers."""
    return _caller(server, "bank-api", audience=API, states=("bank.transfer", "bank.statement", "bank.leaflet"))


@pytest.fixture(scope="session")
def stranger(server: Running) -> Caller:
    """A resource server that is registered for nothing."""
    return _caller(server, "stranger", audience="http://localhost:9/other")


@pytest.fixture(scope="session")
def todo_app(server: Running) -> Caller:
    return _caller(server, "todo-app", states=("todo", "user"))


@pytest.fixture(scope="session")
def family(directory: Callable[..., None], todo_app: Caller) -> Caller:
    """The application of the todo scenario, whose people are in the directory."""
    directory({each: {"role": role, "email": email} for each, (role, email) in FAMILY.items()})
    return todo_app


@pytest.fixture(scope="session")
def gateway(server: Running) -> Caller:
    """An API gateway: it asks about routes."""
    return _caller(server, "gateway", states=("route",))


@pytest.fixture(scope="session")
def shelf(server: Running) -> Caller:
    """The owner of the records of the interop scenario, which it registered."""
    caller = _caller(server, "records", states=("record",))

    async def seed(everything: Open) -> None:
        for row in SHELF.split(", "):
            number, department, owner = row.split()
            properties = {"department": department, "Owner": owner, "shelf": "3"}
            record = Registration(client_id="records", type="record", id=number, properties=properties)
            await everything.store.commit(Unit((register(record),)))

    server.open(seed)
    return caller


@pytest.fixture(scope="session")
def web(server: Running) -> Relying:
    """The application whose access tokens are for the bank's resource server."""
    return server.client("bank-web", audience=API, action_types=("bank.transfer",))


@pytest.fixture(scope="session")
def directory(server: Running) -> Callable[..., None]:
    """Put somebody into the directory who never signs in here."""

    def seeded(people: Mapping[str, Mapping[str, str]]) -> None:
        async def seed(everything: Open) -> None:
            for identifier, attributes in people.items():
                subject = Subject(
                    id=identifier,
                    name=identifier,
                    display=identifier,
                    person=identifier,
                    created_at=int(time.time()),
                    attributes=attributes,
                )
                await everything.store.commit(Unit((add_subject(subject, identifier.lower()),)))

        server.open(seed)

    return seeded


@pytest.fixture
def alex(server: Running) -> Person:
    """Somebody with a password and an app."""
    return server.person(f"alex{next(_NAMES)}", app=True)


@pytest.fixture
def browser(server: Running) -> Generator[Browser]:
    opened = server.browser()
    yield opened
    opened.close()


@pytest.fixture
def token(browser: Browser, web: Relying) -> Callable[..., str]:
    """The access token of a person who signs in by password where nobody is signed in, and steps up as the request asks."""

    def issued(person: Person, client: Relying = web, **more: str) -> str:
        page = browser.follow(browser.get(authorize_url(client.id, client.redirect_uri, **more)))
        if "code" not in page.answer and any("password" in form["fields"] for form in page.parsed.forms):
            page = browser.follow(browser.submit(page, username=person.name, password=person.password))
        if "code" not in page.answer:
            page = browser.submit(page, otp=person.code())
        return str(client.redeem(page.answer["code"]).json()["access_token"])

    return issued
