"""Risk as the server states it where no risk engine is switched on: low, 0, the owner, no signals.

A witness shows it wherever that can be, and says so where it cannot. No proof leans on it: an engine may be switched on
at any time, and a policy is judged for that day too.
"""

from collections.abc import Iterator
from itertools import starmap
from typing import Any

import z3

from newel.policy.facts import Fact
from newel.policy.prove.encode import Encoder, Formula
from newel.policy.prove.stated import QUIET


def quiet(formulas: Encoder) -> Iterator[tuple[str, Formula]]:
    """For each risk fact that was read: its name, and that it is stated so."""
    for path, value in QUIET.items():
        fact = formulas.scene.facts.get(path)
        if fact is None or not _can_be(fact, value):
            continue
        said = list(_said(formulas, path, fact, value))
        if said:
            gone = formulas.missing.get(path)
            yield path, z3.And(*said, *([] if gone is None else [z3.Not(gone)]))


def _said(formulas: Encoder, path: str, fact: Fact, value: object) -> Iterator[Formula]:
    if fact.kind == "set":
        yield from (z3.Not(member) for (group, _), member in formulas.members.items() if group == path)
    elif path in formulas.facts:
        number = formulas.words.numbers.get(str(value)) if fact.kind == "enum" else value
        if number is not None:
            yield formulas.facts[path] == number


def _can_be(fact: Fact, value: Any) -> bool:
    match fact.kind:
        case "enum":
            return value in fact.values
        case "int":
            return bool(fact.low <= value <= fact.high)
        case _:
            return True


class Hush:
    """Names for what is quiet, made anew where more was read: they can be asked for, and are never taken for granted."""

    def __init__(self) -> None:
        self._read = (0, 0)
        self.named: dict[int, Formula] = {}

    def look(self, formulas: Encoder) -> None:
        """Name what is quiet among what was read by now."""
        read = len(formulas.facts), len(formulas.members)
        if read == self._read or not any(path in formulas.scene.facts for path in QUIET):
            return
        self._read = read
        named = [(z3.Bool(f"quiet {path} {read}"), formula) for path, formula in quiet(formulas)]
        formulas.sides += list(starmap(z3.Implies, named))
        self.named = {name.get_id(): name for name, _ in named}
