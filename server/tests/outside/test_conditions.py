"""Our conditions against two implementations of CEL that others wrote: one meaning, and nothing that only we accept."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from server.tests.outside.dice import Dice
from server.tests.outside.libraries import Libraries, Refused, Row
from server.tests.outside.ours import core_of, facts, theirs
from server.tests.outside.texts import Texts
from server.tests.unit.policy.lang.conditions import FACTS
from server.tests.unit.policy.lang.masks import generate

from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import Missing

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
TEXTS = 100_000 if NIGHTLY else 5_000
BROKEN = 100_000 if NIGHTLY else 5_000
ROWS = 5
PLACES = {path: place for place, path in enumerate(FACTS)}
LIBRARIES = Libraries(FACTS)


def _rows(dice: Dice) -> list[tuple[Mapping[str, Any], Row]]:
    return [(given, LIBRARIES.row(given)) for given in (facts(dice) for _ in range(ROWS))]


def _answers(found: Core, rows: list[tuple[Mapping[str, Any], Row]]) -> list[bool]:
    """Our answers, on which the generated function and the evaluation agree."""
    mask = generate([found], PLACES)
    answers = [bool(mask([given.get(path, Missing(path)) for path in PLACES])) for given, _ in rows]
    assert answers == [bool(evaluate(found, given)) for given, _ in rows]
    return answers


def _disagreements(text: str, found: Core, rows: list[tuple[Mapping[str, Any], Row]]) -> Iterator[str]:
    mine = _answers(found, rows)
    for name, compiled in (("C++", LIBRARIES.cpp), ("Rust", LIBRARIES.rust)):
        try:
            asked = compiled(theirs(text))
        except Refused as refused:
            yield f"{name} refuses {text!r}: {refused}"
            continue
        for answer, (given, row) in zip(mine, rows, strict=True):
            other = asked(row)
            if other is not None and answer is not other:
                yield f"{text!r} is {answer} to us and {other!r} to {name} over {given}"
                break


def test_a_condition_means_to_others_what_it_means_to_us() -> None:
    dice = Dice("conditions")
    writer, accepted, found = Texts(dice), 0, list[str]()
    rows = _rows(dice)
    for number in range(TEXTS):
        if number % 50 == 0:
            rows = _rows(dice)
        text = writer.condition(3)
        meaning = core_of(text)
        if meaning is not None:
            accepted += 1
            found += _disagreements(text, meaning, rows)
    assert not found, f"{len(found)} disagreements\n" + "\n".join(found[:20])
    assert accepted > TEXTS / 2, accepted


def test_a_broken_text_is_not_accepted_by_us_alone() -> None:
    dice = Dice("broken")
    writer, accepted, found = Texts(dice), 0, list[str]()
    rows = _rows(dice)
    for _ in range(BROKEN):
        text = writer.broken(writer.condition(1))
        meaning = core_of(text)
        if meaning is not None and "$" not in text:
            accepted += 1
            found += _disagreements(text, meaning, rows)
    assert not found, f"{len(found)} disagreements\n" + "\n".join(found[:20])
    assert 0 < accepted < BROKEN
