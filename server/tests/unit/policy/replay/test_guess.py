"""A guessed profile fits the policy that it is guessed for, whatever facts that declares."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.cores import CONDITIONS
from server.tests.unit.policy.replay.documents import document, rule
from server.tests.unit.policy.replay.test_build import column
from server.tests.unit.policy.replay.test_cases import policy_of

from newel.domain.requirement import NOTHING
from newel.domain.value import replace
from newel.policy.document import Counter, Document
from newel.policy.facts import Fact
from newel.policy.fields import Field
from newel.policy.lang.core import Affix, Compare, Constant, Core, HasMember, Negation, OneOf, Read
from newel.policy.replay.guess import guessed
from newel.policy.replay.log import Log
from newel.policy.replay.profile import read_profile
from newel.policy.replay.run import Named, replay
from newel.policy.replay.simulate import simulate

SIZE = {"people": 30, "requests": 400, "days": 3, "start": 1_793_750_400}


def made(policy: Document) -> Log:
    """A log from the guess."""
    return simulate(read_profile(guessed(policy, **SIZE)), policy, np.random.default_rng(1))


@settings(max_examples=25, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=5))
def test_every_guess_is_a_profile_that_its_policy_takes(conditions: list[Core]) -> None:
    policy = policy_of(conditions)
    report = replay(made(policy), Named("a", policy), Named("b", policy))
    assert report.requests == 400
    assert report.synthetic.startswith("profile guessed for bank")


def test_texts_are_those_that_conditions_name_and_others() -> None:
    conditions: list[Core] = [
        Compare("==", Read("ctx.branch"), Constant("main", "string")),
        OneOf(Read("ctx.branch"), ("dev", "test")),
        Affix("startsWith", Read("ctx.branch"), "release/"),
        Negation(HasMember(Read("ctx.tags"), Constant("hot", "string"))),
        HasMember(Read("subject.groups"), Constant("vendor", "string")),
    ]
    facts: dict[str, Any] = {"ctx.branch": "string", "ctx.tags": "set", "subject.groups": "set", "ctx.wait": "duration"}
    rules = (rule(f"r{number}", "bank:send", NOTHING, each) for number, each in enumerate(conditions))
    policy = document(*rules, facts=facts)
    branch = replace(policy.facts["ctx.branch"], optional=True)
    log = made(replace(policy, facts={**policy.facts, "ctx.branch": branch}))
    assert set(column(log, "ctx.branch", "text")) == {"main", "dev", "test", "release/", "other", None}
    assert set(column(log, "ctx.tags", "set")) == {frozenset(), frozenset({"hot"})}
    assert set(log.groups) == {frozenset(), frozenset({"vendor"})}
    assert all(0 <= wait <= 86_400 for wait in column(log, "ctx.wait", "int"))


def test_numbers_keep_to_their_range_amounts_are_like_payments_and_counters_are_counted() -> None:
    policy = document(rule("r", "bank:send", NOTHING))
    facts = [
        Fact(name="ctx.amount", kind="int", low=0, high=10**6, field=("amount", "minor")),
        Fact(name="ctx.rows", kind="int", low=5, high=50),
        Fact(name="risk.level", kind="enum", values=("calm", "wild")),
        Fact(name="velocity.v", kind="int", low=0, high=9),
    ]
    bank = replace(
        policy.resources["bank"],
        fields={"amount": Field(kind="money", label="Amount")},
        facts={fact.name: fact for fact in facts},
    )
    counter = Counter(name="velocity.v", kind="count", targets=("bank:send",), fact="", by="subject.id", over=9, high=9)
    log = made(replace(policy, resources={"bank": bank}, counters={"velocity.v": counter}))
    assert {path for path, _ in log.facts} == {"ctx.amount", "ctx.rows", "risk.level"}
    assert 1000 < np.median(column(log, "ctx.amount", "int")) < 20_000
    assert all(5 <= rows <= 50 for rows in column(log, "ctx.rows", "int"))
    assert set(column(log, "risk.level", "text")) == {"calm", "wild"}


def test_a_policy_of_built_in_targets_alone_has_a_guess_too() -> None:
    policy = document()
    named = replace(policy.resources["bank"], name="newel.session")
    assert len(made(replace(policy, resources={"newel.session": named}))) == 400


def test_a_fact_of_every_kind_is_guessed() -> None:
    policy = policy_of(list(every_part.CONDITIONS.values()))
    enum = Fact(name="risk.level", kind="enum", values=("calm", "wild"))
    log = made(replace(policy, facts={**policy.facts, "risk.level": enum}))
    assert {path for path, _ in log.facts} >= {*policy.facts, "risk.level"} - {"subject.id", "subject.groups", "now"}
    assert set(column(log, "risk.level", "text")) == {"calm", "wild"}
    assert set(column(log, "ctx.known", "bool")) == {True, False}
