"""One application in this process, its clients and people."""

from collections.abc import Callable, Generator
from itertools import count

import pytest
from server.tests.inside.inside import Inside, inside
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying

from newel.domain.client import Authentication

SCOPES = ("openid", "profile", "offline_access", "payments", "vault")
_NAMES = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Inside]:
    with inside(tmp_path_factory.mktemp("inside") / "newel") as started:
        yield started


@pytest.fixture(scope="session")
def bank(server: Inside) -> Relying:
    types = ("bank.transfer", "depot.order")
    resources = ("http://localhost:9/archive",)
    return server.client(
        "bank-web", audience="http://localhost:9", scopes=SCOPES, action_types=types, resources=resources
    )


@pytest.fixture(scope="session")
def app(server: Inside) -> Relying:
    """A public client."""
    return server.client("app", authentication=Authentication.NONE)


@pytest.fixture
def alex(server: Inside) -> Person:
    return server.person(f"alex{next(_NAMES)}", app=True, recovery=True)


@pytest.fixture
def sam(server: Inside) -> Person:
    return server.person(f"sam{next(_NAMES)}", password="meadow kettle 31")


@pytest.fixture
def browser(server: Inside) -> Generator[Browser]:
    opened = server.browser()
    yield opened
    opened.close()


@pytest.fixture
def twin(server: Inside, browser: Browser) -> Generator[Callable[[], Browser]]:
    """Another tab of the same browser."""
    opened: list[Browser] = []

    def another() -> Browser:
        opened.append(server.twin(browser))
        return opened[-1]

    yield another
    for each in opened:
        each.close()


@pytest.fixture
def ask(browser: Browser, bank: Relying) -> Callable[..., Page]:
    """Send an authorization request in the browser; the page it leads to, or the client's answer."""

    def send(client: Relying = bank, **more: str) -> Page:
        return browser.follow(browser.get(authorize_url(client.id, client.redirect_uri, **more)))

    return send


@pytest.fixture
def sign_in(browser: Browser, ask: Callable[..., Page]) -> Callable[..., Page]:
    """Sign in with a password, on whatever request; the client's answer."""

    def signed_in(person: Person, **more: str) -> Page:
        return browser.follow(browser.submit(ask(**more), username=person.name, password=person.password))

    return signed_in


@pytest.fixture
def stepping(sign_in: Callable[..., Page], ask: Callable[..., Page], alex: Person) -> Page:
    """The page that asks alex, who is signed in by password, for a code."""
    sign_in(alex)
    return ask(acr_values="aal2")
