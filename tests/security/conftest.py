"""One running server for a module, a client and people in it."""

from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import pytest
from tests.security.bank_site import Site, bank_site
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running, running

HERE = Path(__file__).parent
_NAMES = count()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One module is one server, so it stays in one process."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running(
        tmp_path_factory.mktemp("server") / "newel", environment={"NEWEL_GUESSING__PAGES_PER_ADDRESS": "100000"}
    ) as started:
        yield started


@pytest.fixture(scope="module")
def bank(server: Running) -> Relying:
    return server.client("bank-web", audience="http://localhost:9")


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


@pytest.fixture(scope="module")
def site(server: Running) -> Generator[Site]:
    with bank_site(server) as opened:
        yield opened
