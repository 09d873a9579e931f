"""Which rule a prompt, a lock-out or a denial comes from.

The join's evidence is unmet exactly where that of one of its rules is (law L4), so a prompt exists only because of a
rule where that rule alone is unmet.
"""

import numpy as np

from newel.domain.value import dataclass
from newel.policy.replay.cases import UNDECLARED, Cases, demanded
from newel.policy.replay.columns import Array
from newel.policy.replay.count import Told
from newel.policy.replay.outcomes import DENIED, LOCKED, PROMPT
from newel.policy.replay.reach import Reaching

UNDECLARED_TARGET = "undeclared-target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """What comes from one rule under one policy, in requests."""

    matched: int = 0
    prompts: int = 0
    only: int = 0
    locked: int = 0
    denied: int = 0
    observes: bool = False


def blame(cases: Cases, reaching: Reaching, by_case: Array, told: Told) -> dict[str, Blame]:
    """What comes from each rule, by its id."""
    holders = _holders(cases)
    unmet = {rule: _unmet(cases, reaching, rule, held, told) for rule, held in holders.items() if rule != UNDECLARED}
    together = np.zeros(len(told.case), np.uint16)
    for rows in unmet.values():
        together[rows] += 1
    found: dict[str, Blame] = {}
    for rule, held in holders.items():
        matched, denied = int(by_case[held].sum()), int(by_case[held, DENIED].sum())
        if rule == UNDECLARED:
            found[UNDECLARED_TARGET] = Blame(matched=matched, denied=denied)
            continue
        rows = unmet[rule]
        asked = rows[told.outcome[rows] == PROMPT]
        declared = cases.document.rules[rule]
        found[declared.id] = Blame(
            matched=matched,
            prompts=len(asked),
            only=int((together[asked] == 1).sum()),
            locked=_locked(cases, reaching, rule, rows, told),
            denied=denied if demanded(declared).denied else 0,
            observes=declared.observe,
        )
    return found


def _holders(cases: Cases) -> dict[int, Array]:
    """For each rule the cases in which it matches."""
    held: dict[int, list[int]] = {}
    for number, case in enumerate(cases.table):
        for rule in case.rules:
            held.setdefault(rule, []).append(number)
    return {rule: np.array(numbers) for rule, numbers in sorted(held.items())}


def _unmet(cases: Cases, reaching: Reaching, rule: int, held: Array, told: Told) -> Array:
    """The told rows in which what this rule demands is not proven."""
    demand = demanded(cases.document.rules[rule])
    if demand.denied or not (demand.evidence or demand.bind):
        return np.zeros(0, np.int64)
    matching = np.zeros(len(cases.table), np.bool_)
    matching[held] = True
    rows = np.flatnonzero(matching[told.case])
    if demand.bound:
        return rows
    limits = np.minimum(np.array(reaching.limits(demand)), 2**31 - 1)
    too_old: Array = rows[(told.ages[rows] > limits).any(axis=1)]
    return too_old


def _locked(cases: Cases, reaching: Reaching, rule: int, rows: Array, told: Told) -> int:
    """Of these rows, those whose person cannot prove what the rule demands."""
    locked = rows[told.outcome[rows] == LOCKED]
    unable = np.array(reaching.unable(demanded(cases.document.rules[rule])), np.bool_)
    return int(unable[told.holding[locked]].sum())
