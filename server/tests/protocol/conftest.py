"""One running server, clients and people in it."""

from collections.abc import Callable, Generator
from itertools import count
from typing import Any

import pytest
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running, running

from newel.domain.client import Authentication

ROOM = {"NEWEL_GUESSING__PER_ADDRESS": "100000", "NEWEL_GUESSING__PAGES_PER_ADDRESS": "1000000"}
"""One address plays every person, so what is counted by address is out of the way; names keep their limits."""
SCOPES = ("openid", "profile", "email", "offline_access", "payments")
_NAMES = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running(tmp_path_factory.mktemp("server") / "newel", environment=ROOM) as started:
        yield started


@pytest.fixture(scope="session")
def bank(server: Running) -> Relying:
    return server.client("bank-web", audience="http://localhost:9", scopes=SCOPES)


@pytest.fixture(scope="session")
def shop(server: Running) -> Relying:
    """Another confidential client."""
    return server.client("shop")


@pytest.fixture(scope="session")
def app(server: Running) -> Relying:
    """A public client."""
    return server.client("app", authentication=Authentication.NONE)


@pytest.fixture(scope="session")
def robin(server: Running) -> Person:
    """Who is signed in, by password, in the browser `home`."""
    return server.person("robin", attributes={"email": "robin@example.org"})


@pytest.fixture(scope="session")
def home(server: Running, bank: Relying, robin: Person) -> Generator[Browser]:
    """A browser in which robin is signed in; no test of it proves anything more."""
    opened = server.browser()
    page = opened.follow(opened.get(authorize_url(bank.id, bank.redirect_uri)))
    opened.submit(page, username=robin.name, password=robin.password)
    yield opened
    opened.close()


@pytest.fixture
def code(home: Browser, bank: Relying) -> Callable[..., str]:
    """A code for robin, given without a page."""

    def silent(client: Relying = bank, **more: str) -> str:
        return home.get(authorize_url(client.id, client.redirect_uri, **more)).answer["code"]

    return silent


@pytest.fixture
def tokens(code: Callable[..., str], bank: Relying) -> Callable[..., dict[str, Any]]:
    """The token answer of such a code."""

    def redeemed(client: Relying = bank, **more: str) -> dict[str, Any]:
        return dict(client.redeem(code(client, **more)).json())

    return redeemed


@pytest.fixture
def alex(server: Running) -> Person:
    return server.person(f"alex{next(_NAMES)}", app=True)


@pytest.fixture
def sam(server: Running) -> Person:
    return server.person(f"sam{next(_NAMES)}", password="meadow kettle 31")


Ask = Callable[..., Page]


@pytest.fixture
def browser(server: Running) -> Generator[Browser]:
    opened = server.browser()
    yield opened
    opened.close()


@pytest.fixture
def ask(browser: Browser, bank: Relying) -> Ask:
    """Send an authorization request in the browser; the page it leads to, or the client's answer."""

    def send(**more: str) -> Page:
        return browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, **more)))

    return send


@pytest.fixture
def sign_in(browser: Browser, ask: Ask) -> Callable[..., Page]:
    """Sign in with a password, on whatever request; the client's answer."""

    def signed_in(person: Person, **more: str) -> Page:
        return browser.follow(browser.submit(ask(**more), username=person.name, password=person.password))

    return signed_in
