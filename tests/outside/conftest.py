"""One running server, and each stranger's client as an application registered at it."""

from collections.abc import Callable, Generator
from itertools import count

import pytest
from tests.outside.applications import (
    Application,
    Authlib,
    OpenidClient,
)
from tests.simulators.person import Browser
from tests.simulators.running import Person, Running, running

ROOM = {"NEWEL_GUESSING__PER_ADDRESS": "100000", "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000"}
_NAMES = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running(tmp_path_factory.mktemp("outside") / "newel", environment=ROOM) as started:
        yield started


@pytest.fixture(params=[OpenidClient, Authlib])
def application(request: pytest.FixtureRequest, server: Running) -> Generator[Application]:
    made: Callable[..., Application] = request.param
    opened = made(server.client(f"application-{next(_NAMES)}"))
    yield opened
    opened.close()


@pytest.fixture
def alex(server: Running) -> Person:
    return server.person(f"alex{next(_NAMES)}", app=True)


@pytest.fixture
def sam(server: Running) -> Person:
    return server.person(f"sam{next(_NAMES)}", password="meadow kettle 31")


@pytest.fixture
def browser(server: Running) -> Generator[Browser]:
    opened = server.browser()
    yield opened
    opened.close()
