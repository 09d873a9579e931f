"""Facts in flows: what a request states comes from its fields alone, what the directory says has the declared kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from server.tests.inside.inside import DEPOT, Inside
from server.tests.inside.switched import BANK, UNMET, deciding
from tests.security.stage import PAYMENT
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying

from newel.cli.opening import Open
from newel.domain.value import replace
from newel.storage.base import Unit
from newel.storage.sql.subjects import replace_subject, subject

Do = Callable[..., Page]
TYPED = BANK.replace(
    "    now: timestamp\n",
    """    now: timestamp
    subject.level: {type: int, range: [0, 9], from: directory}
    subject.staff: {type: bool, from: directory}
    subject.teams: {set: string, from: directory}
""",
    1,
)
TRUSTED = """
  - id: profile-of-the-trusted
    on: newel.scope:profile
    unless: subject.level >= 3 && subject.staff && "treasury" in subject.teams
    require: {evidence: {aal2: session}}
"""
GROUPS = """
  - id: profile-of-the-office
    on: newel.scope:profile
    unless: '"office" in subject.groups'
    require: {deny: only-for-the-office}
"""
SMALL: dict[str, Any] = {**PAYMENT, "fields": {**PAYMENT["fields"], "amount": {"minor": 100, "currency": "EUR"}}}
GOOD = {"level": "5", "staff": "true", "teams": "treasury,sales"}


def test_s09_a_request_fact_that_no_field_gives_only_adds(sign_in: Do, ask: Do, alex: Person) -> None:
    sign_in(alex)
    page = ask(authorization_details=json.dumps([SMALL]))
    assert page.form("otp")


@pytest.mark.parametrize("name", ["ctx.payee_known", "payee_known", "amount.known"])
def test_a_request_fact_beside_the_fields_is_refused(sign_in: Do, ask: Do, alex: Person, name: str) -> None:
    sign_in(alex)
    told = {**SMALL, "fields": {**SMALL["fields"], name: True}}
    assert ask(authorization_details=json.dumps([told])).answer["error"] == "invalid_authorization_details"


def test_facts_in_the_query_are_nobodys(sign_in: Do, ask: Do, alex: Person) -> None:
    sign_in(alex)
    more = {"ctx.payee_known": "true", "subject.groups": "office", "risk.score": "0"}
    assert ask(authorization_details=json.dumps([SMALL]), **more).form("otp")


@pytest.mark.parametrize(
    ("attributes", "trusted"),
    [
        (GOOD, True),
        ({**GOOD, "level": "2"}, False),
        ({**GOOD, "staff": "false"}, False),
        ({**GOOD, "teams": "sales"}, False),
        ({"level": "5", "staff": "true"}, False),
        ({}, False),
    ],
)
def test_attributes_have_the_kinds_that_the_policy_declares(
    server: Inside, sign_in: Do, ask: Do, bank: Relying, attributes: dict[str, str], trusted: bool
) -> None:
    person = server.person(_name(), app=True, attributes=attributes)
    with deciding(server, TYPED + TRUSTED, DEPOT):
        sign_in(person)
        answer = ask(scope="openid profile")
        if not trusted:
            assert answer.form("otp")
            return
        assert bank.redeem(answer.answer["code"]).json()["scope"] == "openid profile"


@pytest.mark.parametrize("wrong", [{"level": "high"}, {"level": "10"}, {"level": "-1"}, {"staff": "perhaps"}])
def test_an_attribute_of_a_wrong_kind_denies(server: Inside, sign_in: Do, ask: Do, wrong: dict[str, str]) -> None:
    person = server.person(_name(), app=True, attributes={**GOOD, **wrong})
    with deciding(server, TYPED + TRUSTED, DEPOT):
        sign_in(person)
        refused = ask(scope="openid profile").answer
    assert (refused["error"], refused["error_description"]) == (UNMET, "this is refused")


def test_groups_are_read_again_where_tokens_are_issued(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, bank: Relying
) -> None:
    member, other = server.person(_name(), groups=("office",)), server.person(_name(), groups=("garden",))
    with deciding(server, BANK + GROUPS, DEPOT):
        sign_in(member)
        tokens = bank.redeem(ask(scope="openid profile offline_access").answer["code"]).json()
        assert "profile" in tokens["scope"].split()
        moved(server, member)
        assert "profile" not in bank.refresh(tokens["refresh_token"]).json()["scope"].split()
        browser.cookies.clear()
        sign_in(other)
        assert ask(scope="openid profile").answer["error"] == UNMET


NAMES = iter(range(1000))


def _name() -> str:
    return f"fact-finder-{next(NAMES)}"


def moved(server: Inside, person: Person) -> None:
    """The person is in no group any more."""

    async def work(everything: Open) -> None:
        found = await everything.store.one(subject(person.id))
        assert found is not None
        await everything.store.commit(Unit((replace_subject(replace(found, groups=frozenset())),)))

    server.open(work)
