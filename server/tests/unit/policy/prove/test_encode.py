"""The solver's meaning of a condition is the evaluator's, errors included; its models are real requests."""

import os
from itertools import product
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.lang import every_part
from server.tests.unit.policy.lang.conditions import FACTS as DECLARED
from server.tests.unit.policy.lang.conditions import core_of
from server.tests.unit.policy.lang.cores import CONDITIONS, SOME_FACTS

from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core, Read
from newel.policy.lang.evaluate import AFFIXES, evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.prove.affixes import backwards, example, filler, inside, tree
from newel.policy.prove.demand import Scene
from newel.policy.prove.encode import Encoder, Formula
from newel.policy.prove.solve import Search
from newel.policy.prove.zones import kept, offset, offsets

SCENE = Scene(target="shop.order:pay", facts=DECLARED, counters=())
MANY = 3000 if os.environ.get("NEWEL_NIGHTLY") else 60
SLOW = settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(condition: Core, facts: dict[str, Any]) -> tuple[bool, bool]:
    """The value of a condition, and whether it failed."""
    try:
        return bool(evaluate(condition, facts)), False
    except MissingFact:
        return True, True


def fixed(formulas: Encoder, facts: dict[str, Any]) -> list[Formula]:
    """What says that the facts are these."""
    said: list[Formula] = []
    for path, absent in formulas.missing.items():
        said.append(absent == (path not in facts))
    for path, value in formulas.facts.items():
        if path in facts:
            said.append(value == number(formulas, facts, path))
    for (group, text), member in formulas.members.items():
        if group in facts:
            said.append(member == (text in facts[group]))
    return said


def number(formulas: Encoder, facts: dict[str, Any], path: str) -> Any:
    """The number of a text, or the value itself."""
    value = facts[path]
    if isinstance(value, str):
        others = sorted({each for each in facts.values() if isinstance(each, str)})
        return formulas.words.numbers.get(value, others.index(value))
    return value


def affixes_of(formulas: Encoder, facts: dict[str, Any]) -> list[Formula]:
    """What says which affixes the texts have, and which sets they are in."""
    said: list[Formula] = []
    for path, value in formulas.facts.items():
        if not isinstance(facts.get(path), str):
            continue
        family = formulas.words.family(path)
        found = formulas.words.affixes.get(family)
        asked = (
            []
            if found is None
            else [
                (where, text)
                for where, texts in zip(AFFIXES, (found.starts, found.ends, found.parts), strict=True)
                for text in texts
            ]
        )
        for where, text in filter(itemgetter(1), asked):
            held = AFFIXES[where](facts[path], text)
            said.append(formulas._other_affix(family, where, text, value) == held)
        if "subject.groups" in facts:
            said.append(formulas.function("in", "subject.groups")(value) == (facts[path] in facts["subject.groups"]))
    return said


def in_range(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts within their declared ranges; those that are replaced when absent are there."""
    kept_facts = dict(facts)
    for path, value in facts.items():
        fact = DECLARED[path]
        if fact.kind in {"int", "timestamp", "duration"}:
            kept_facts[path] = min(max(value, fact.low), fact.high)
    kept_facts.setdefault("risk.score", 100)
    return kept_facts


def said_alike(condition: Core, facts: dict[str, Any]) -> None:
    search = Search(SCENE, [condition])
    term = search.formulas.term(condition)
    said = [*fixed(search.formulas, facts), *affixes_of(search.formulas, facts)]
    value, failed = outcome(condition, facts)
    fails = False if term.fails is None else term.fails
    assert search.find(*said) is not None
    assert search.find(*said, fails != failed) is None
    if not failed:
        assert search.find(*said, term.value != value) is None


@SLOW
@given(CONDITIONS, SOME_FACTS)
def test_with_the_facts_fixed_the_solver_says_what_the_evaluator_says(condition: Core, facts: dict[str, Any]) -> None:
    said_alike(condition, in_range(facts))


@pytest.mark.parametrize("name", every_part.CONDITIONS)
def test_every_part_has_its_meaning_in_the_solver(name: str) -> None:
    for facts in every_part.ROWS[:3]:
        said_alike(every_part.CONDITIONS[name], in_range(facts))


@SLOW
@given(CONDITIONS, st.booleans())
def test_what_the_solver_finds_is_so_and_what_it_excludes_is_not(condition: Core, wanted: bool) -> None:
    search = Search(SCENE, [condition])
    matches = search.formulas.matches(condition)
    found = search.find(matches if wanted else matches == False)  # ruff: ignore[true-false-comparison] - a formula
    if found is not None:
        value, failed = outcome(condition, {"risk.score": 100, **found})
        assert (value or failed) is wanted


LETTERS = st.text("ab", max_size=3)
TESTS = st.lists(st.tuples(st.sampled_from(sorted(AFFIXES)), LETTERS), min_size=1, max_size=4, unique=True)
SHORT = ["".join(word) for size in range(8) for word in product("abz", repeat=size)]


@settings(max_examples=MANY // 2, deadline=None)
@given(TESTS, st.data())
def test_affixes_go_together_as_in_some_text(tests: list[tuple[Any, str]], data: st.DataObject) -> None:
    facts = {"s": Fact(name="s", kind="string")}
    looks = [core.Affix(where, Read("s"), text) for where, text in tests]
    wanted = [data.draw(st.booleans()) for _ in tests]
    search = Search(Scene(target="a:b", facts=facts, counters=()), looks)
    there = search.formulas.absence("s") == False  # ruff: ignore[true-false-comparison] - a formula
    said = [search.formulas.term(look).value == want for look, want in zip(looks, wanted, strict=True)]
    found = search.find(there, *said)
    # 7 letters hold a beginning, two parts and an end only where they share; so look among the built ones too
    built = example_words(tests, wanted)
    real = [
        word
        for word in (*SHORT, *built)
        if all(AFFIXES[where](word, text) is want for (where, text), want in zip(tests, wanted, strict=True))
    ]
    assert (found is not None) is bool(real)
    if found is not None:
        signs = [AFFIXES[where](found["s"], text) for where, text in tests]
        assert signs == wanted


def example_words(tests: list[tuple[Any, str]], wanted: list[bool]) -> list[str]:
    """All ways to put what is demanded in a row."""
    held = [each for each, want in zip(tests, wanted, strict=True) if want]
    starts = [text for where, text in held if where == "startsWith"] or [""]
    ends = [text for where, text in held if where == "endsWith"] or [""]
    parts = [text for where, text in held if where == "contains"]
    return ["z".join([start, *parts, end]) for start in starts for end in ends]


def test_beginnings_are_a_tree() -> None:
    assert tree(["b", "ab", "a", "abc", "b"]).spans == {"a": (1, 3), "ab": (2, 3), "abc": (3, 3), "b": (4, 4)}
    assert tree(["a", "ab"]).below(2) == ("a", "ab")
    assert tree([]).below(0) == ()


def test_a_part_inside_another_is_known() -> None:
    assert set(inside(["ab"], ["ca"], ["a", "b", "ab"])) == {
        ("startsWith", "ab", "a"),
        ("startsWith", "ab", "b"),
        ("startsWith", "ab", "ab"),
        ("endsWith", "ca", "a"),
        ("contains", "ab", "a"),
        ("contains", "ab", "b"),
    }


def test_a_filler_is_a_letter_that_nothing_has() -> None:
    assert filler(["a-b"]) == "_"
    assert filler(["-_.~+=#%^|§¤", "\u4e00"]) == "\u4e01"
    assert example("ab", "ba", ["c"], "-", 2) == "ab--c--ba"
    assert backwards("abc") == "cba"


def texts_scene() -> Scene:
    """Three texts and a set."""
    names = ("x.a", "x.b", "x.c")
    facts = {name: Fact(name=name, kind="string") for name in names}
    return Scene(target="a:b", facts={**facts, "x.set": Fact(name="x.set", kind="set")}, counters=())


def test_texts_that_are_compared_are_equal_or_not() -> None:
    scene = texts_scene()
    same = core.Compare("==", Read("x.a"), Read("x.b"))
    start = core.Affix("startsWith", Read("x.a"), "ab")
    other = core.Affix("startsWith", Read("x.b"), "ac")
    member = core.HasMember(Read("x.set"), Read("x.b"))
    apart = core.Negation(core.Compare("==", Read("x.a"), Read("x.c")))
    out = core.Negation(core.HasMember(Read("x.set"), Read("x.c")))
    known = core.OneOf(Read("x.c"), ("abba", "q"))
    everything = (same, start, member, apart, out, known)
    search = Search(scene, [*everything, other])
    found = search.find(*(search.formulas.holds(each) for each in everything))
    assert found is not None
    assert all(evaluate(each, found) for each in everything)
    assert search.find(search.formulas.holds(same), search.formulas.holds(start), search.formulas.holds(other)) is None


def test_clocks_agree_with_the_summer_and_the_winter() -> None:
    late = core_of('now.getHours("Europe/Berlin") - now.getHours("UTC") == 2')
    search = Search(SCENE, [late])
    found = search.find(search.formulas.holds(late))
    assert found is not None
    assert evaluate(late, found)
    never = core_of('now.getHours("Europe/Berlin") - now.getHours("UTC") == 3')
    search = Search(SCENE, [never])
    assert search.find(search.formulas.holds(never)) is None


def test_a_zone_keeps_its_offset_for_a_while() -> None:
    summer = 1_782_864_000
    first, last = kept(summer, "Europe/Berlin")
    assert {offset(time, "Europe/Berlin") for time in (first, summer, last)} == {7200}
    assert offset(first - 1, "Europe/Berlin") == offset(last + 1, "Europe/Berlin") == 3600
    assert kept(summer, "UTC") == (summer - 200 * 86400, summer + 200 * 86400)
    assert offsets("Asia/Kathmandu", 10**9, 2 * 10**9) == (20700,)
