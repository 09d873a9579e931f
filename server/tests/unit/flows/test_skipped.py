"""What is left where something is put off: never more than was proven, and never less than what no grace covers."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.assurance import SHIPPED
from newel.domain.evidence import Authenticator
from newel.domain.grace import Skip, Skippable
from newel.domain.interaction import Decided, Interaction, Purpose
from newel.domain.requirement import SESSION, Requirement, join, join_all, require
from newel.domain.standing import Standing, satisfied
from newel.domain.value import replace
from newel.flows.skipped import put_off

LAW = settings(max_examples=80, deadline=None, derandomize=True, database=None)
NOW, METHODS = 1_000_000, ("password", "totp", "passkey")
LEAST = require({"aal1": SESSION})
DEMANDS = [require({name: age}) for name, age in product(("aal1", "aal2", "phr", "aal3"), (60, SESSION))]
RULES = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(Skip, st.sampled_from(DEMANDS), st.integers(1, 3), st.sampled_from((NOW, NOW + 1))),
    min_size=1,
)
WANTED = st.frozensets(st.sampled_from("abcd"))


def having(*methods: str, proven: frozenset[str], age: int = 0) -> Standing:
    owned = {
        each: Authenticator(
            id=each,
            subject="s",
            method=each,
            name=each,
            created_at=0,
            material=b"",
            ceiling=None,
            user_verifying=each == "passkey",
        )
        for each in methods
    }
    events = (owned[each].evidence(event=each, at=NOW - age, interaction="i") for each in sorted(proven & owned.keys()))
    return Standing(now=NOW, active_at=NOW, events=tuple(events), authenticators=owned)


STANDINGS = st.builds(
    lambda proven, age: having(*METHODS, proven=proven, age=age),
    st.frozensets(st.sampled_from(METHODS)),
    st.sampled_from((0, 61)),
)


def asking(rest: Requirement, rules: dict[str, Skip], wanted: frozenset[str]) -> Interaction:
    whole = join(rest, join_all(each.requirement for each in rules.values()))
    decided = Decided(requirement=whole, policy="p", grace=Skippable(demanded=rest, rules=rules))
    return Interaction(
        id="i",
        purpose=Purpose.ACCOUNT,
        browser_hash=b"",
        created_at=0,
        expires_at=1,
        decided=decided,
        skipped=tuple(sorted(wanted)),
    )


@LAW
@given(st.sampled_from(DEMANDS), RULES, WANTED, STANDINGS)
def test_s02_a_skip_never_yields_more_than_was_proven(
    rest: Requirement, rules: dict[str, Skip], wanted: frozenset[str], standing: Standing
) -> None:
    reached = dict(standing.reached())
    where = put_off(asking(rest, rules, wanted), standing)
    if where is None:
        return
    assert where.standing is standing
    assert dict(where.standing.reached()) == reached
    for rule in where.skipped:
        (strongest, age) = min(rules[rule].requirement.evidence, key=lambda each: SHIPPED.order.index(each[0]))
        assert strongest not in reached or NOW - reached[strongest].at > age


@LAW
@given(st.sampled_from(DEMANDS), RULES, WANTED, STANDINGS)
def test_s09_what_no_grace_covers_is_always_demanded(
    rest: Requirement, rules: dict[str, Skip], wanted: frozenset[str], standing: Standing
) -> None:
    where = put_off(asking(rest, rules, wanted), standing)
    if where is None:
        return
    assert rest <= where.demanded
    assert not where.plan.met or satisfied(rest, standing)
    for rule, each in rules.items():
        if rule not in wanted or each.until <= NOW:
            assert each.requirement <= where.demanded
            assert rule not in where.skipped


def test_without_grace_nothing_is_put_off() -> None:
    blank = asking(LEAST, {"a": Skip(DEMANDS[2], 1, NOW + 1)}, frozenset("a"))
    standing = having("password", proven=frozenset({"password"}))
    assert blank.decided is not None
    assert put_off(blank, standing) is not None
    assert put_off(replace(blank, decided=None), standing) is None
    assert put_off(replace(blank, decided=replace(blank.decided, grace=None)), standing) is None


@pytest.mark.parametrize("wanted", ["", "d"])
def test_without_a_wish_nothing_is_put_off(wanted: str) -> None:
    blank = asking(LEAST, {"a": Skip(DEMANDS[2], 1, NOW + 1)}, frozenset(wanted))
    assert put_off(blank, having("password", proven=frozenset({"password"}))) is None
