"""`session: {max_life: …}`: the access token of whom it is demanded lives no longer, however long others live."""

import json
from collections.abc import Generator

import pytest
from server.tests.protocol.conftest import ROOM
from server.tests.protocol.exchange import PAYMENT, claims
from server.tests.protocol.switching import BASE
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Relying, Running, running

SHORT = """
  - id: short-profile
    on: newel.scope:profile
    require: {session: {max_life: 90s}}
  - id: shorter-for-some
    on: newel.session:sign_in
    when: '"short" in subject.groups'
    require: {session: {max_life: 40s}}
  - id: short-transfer
    on: bank.transfer:send
    require: {session: {max_life: 15s}}
  - id: long
    on: newel.session:sign_in
    require: {session: {max_life: 30d}}
"""
USUAL = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    folder = tmp_path_factory.mktemp("life")
    policy = folder / "policy.yaml"
    policy.write_text(BASE + SHORT, "utf-8")
    with running(folder / "newel", environment=ROOM, policy=policy) as started:
        yield started


@pytest.fixture(scope="module")
def bank(server: Running) -> Relying:
    return server.client("bank-web", audience="http://localhost:9", scopes=("openid", "profile", "offline_access"))


def life(answer: dict[str, object], bank: Relying) -> int:
    """How long the access token of an answer lives, which the answer, the token and introspection agree in."""
    token = str(answer["access_token"])
    said, told = claims(token), bank.introspect(token)
    assert answer["expires_in"] == said["exp"] - said["iat"] == told["exp"] - told["iat"]
    return int(said["exp"]) - int(said["iat"])


def entered(server: Running, bank: Relying, name: str, groups: tuple[str, ...] = ()) -> Browser:
    person, browser = server.person(name, groups=groups), server.browser()
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri)))
    browser.submit(page, username=person.name, password=person.password)
    return browser


@pytest.mark.parametrize(
    ("name", "groups", "scope", "most"),
    [
        ("ada", (), "openid", USUAL),
        ("bea", (), "openid profile", 90),
        ("cleo", ("short",), "openid", 40),
        ("dora", ("short",), "openid profile", 40),
    ],
)
def test_a_token_lives_as_long_as_the_shortest_life_that_is_demanded_and_so_do_those_refreshed(
    server: Running, bank: Relying, name: str, groups: tuple[str, ...], scope: str, most: int
) -> None:
    browser = entered(server, bank, name, groups=groups)
    scope += " offline_access"
    answer = browser.get(authorize_url(bank.id, bank.redirect_uri, scope=scope)).answer
    tokens = bank.redeem(answer["code"]).json()
    assert life(tokens, bank) == most
    assert life(bank.refresh(tokens["refresh_token"]).json(), bank) == most
    browser.close()


def test_a_refreshed_token_of_fewer_scopes_is_as_long_as_theirs(server: Running, bank: Relying) -> None:
    browser = entered(server, bank, "eva")
    url = authorize_url(bank.id, bank.redirect_uri, scope="openid profile offline_access")
    tokens = bank.redeem(browser.get(url).answer["code"]).json()
    assert life(bank.refresh(tokens["refresh_token"], scope="openid").json(), bank) == USUAL
    browser.close()


def test_a_token_with_a_bound_action_lives_as_long_as_the_action_allows(server: Running, bank: Relying) -> None:
    person, browser = server.person("fay", app=True), server.browser()
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri)))
    browser.submit(page, username=person.name, password=person.password)
    details = json.dumps([PAYMENT])
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, authorization_details=details)))
    tokens = bank.redeem(browser.submit(page, otp=person.code()).answer["code"]).json()
    assert tokens["authorization_details"]
    assert life(tokens, bank) == 15
    browser.close()
