"""People to whom the rules say the same are asked about once, and a large directory stays a small question."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import ALL, CONDITIONS, shop

from newel.policy.lang import core
from newel.policy.lang.core import TRUE, Constant, Core, Read
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.prove import lockout
from newel.policy.prove.alike import Person
from newel.policy.prove.fold import folded
from newel.policy.prove.ideal import authenticator
from newel.policy.prove.lockout import lock_outs
from newel.policy.prove.problem import Answer, Problem
from newel.policy.prove.substitute import FALSE, known

PASSWORD, PASSKEY = (authenticator(method) for method in ("password", "passkey"))
MANY = 60_000
VIP = 'has(ctx.branch) && ctx.branch.startsWith("release/")'


def everybody(number: int) -> list[Person]:
    """So many people, each with facts of their own, in hundreds of groups; one in five is in none."""
    held = (PASSWORD,), (PASSWORD, PASSKEY)
    groups = [frozenset({f"g{each % 700}", f"h{each % 11}"}) if each % 5 else frozenset[str]() for each in range(700)]
    return [
        Person(
            id=f"p{each}",
            facts={"subject.id": f"p{each}", "subject.groups": groups[each % 700]},
            groups=groups[each % 700],
            authenticators=held[each % 2],
        )
        for each in range(number)
    ]


def told(condition: Core, facts: Mapping[str, Any]) -> object:
    """The value of a condition, or that it is an error."""
    try:
        return bool(evaluate(condition, facts))
    except MissingFact:
        return "an error"


@given(CONDITIONS)
def test_a_folded_condition_means_the_same_at_every_request(condition: Core) -> None:
    folding = folded(condition)
    for facts in ALL:
        assert told(folding, facts) == told(condition, facts)


@given(CONDITIONS)
def test_what_is_known_can_be_folded_away(condition: Core) -> None:
    for facts in ALL:
        mine = {"x.n": facts["x.n"]} if "x.n" in facts else {}
        assert told(folded(known(condition, mine)), facts) == told(condition, facts)


def test_nothing_is_left_of_a_condition_that_is_known() -> None:
    banned = core.HasMember(Read("subject.groups"), Constant("banned", "string"))
    mine = Read("subject.id")
    facts = {"subject.groups": frozenset({"office"}), "subject.id": "ann"}
    assert folded(known(banned, facts)) == FALSE
    assert folded(known(core.Negation(banned), facts)) == TRUE
    assert folded(known(core.OneOf(mine, ("ann", "ben")), facts)) == TRUE
    assert folded(known(core.Every((core.Compare("==", mine, Constant("ben", "string")), Read("x.a"))), facts)) == FALSE
    assert folded(core.Every((Read("x.a"), FALSE))) == core.Every((Read("x.a"), FALSE))
    assert folded(core.Some((FALSE, Read("x.a")))) == Read("x.a")
    assert folded(core.Select(TRUE, Read("x.a"), FALSE)) == Read("x.a")


def test_sixty_thousand_people_are_a_few_questions_and_a_few_lines() -> None:
    asked: list[int] = []

    def ask(problems: Sequence[Problem]) -> Sequence[Answer | None]:
        asked.append(len(problems))
        return answer_all(problems)

    policy = shop((f"when: {VIP}", f'when: subject.id in ["p1", "p2"] && {VIP}'))
    few = lock_outs(policy, everybody(700), ask)
    many = lock_outs(policy, everybody(MANY), ask)
    assert asked[1] == asked[0] < 30
    assert [(each.target, each.text) for each in many.found] == [(each.target, each.text) for each in few.found]
    for each in many.found:
        assert each.everybody.of == MANY
        assert len(each.people) == each.everybody.locked
        assert sum(map(len, each.lines())) < 2000
        tree = each.as_json()
        assert (len(tree["people"]), tree["more_people"]) == (100, each.everybody.locked - 100)
        assert (len(tree["groups"]), tree["more_groups"]) == (100, len(each.groups) - 100)
        assert [*each.groups.values()] == sorted(each.groups.values(), key=lambda share: -share.locked)
        assert each.alone.of == MANY // 5


def test_people_who_all_differ_are_asked_about_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "MOST_CASES", 5)
    policy = shop(('ctx.branch.startsWith("release/")', "ctx.branch != subject.id"))
    asked: list[str] = []

    def ask(problems: Sequence[Problem]) -> Sequence[Answer | None]:
        asked.extend(each.scene.target for each in problems)
        return answer_all(problems)

    found = lock_outs(policy, everybody(12), ask)
    assert asked.count("shop.order:pay") == 5
    assert ("shop.order:pay", "7 people differ in more than 5 ways to its rules") in found.unknown
    assert all(each.everybody.of == 12 for each in found.found)
