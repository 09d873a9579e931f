"""Comparing two policies of 200 rules of which one was edited: proved by the solver in its own process, on the wall clock.

Some rules are edited in turn, those that speak of every target among them: once what they demand, once their condition.
The slowest counts. The command is measured as a whole beside it, with its start and the reading of both files.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from line import Figure, show
from newel.cli.prove_child import SECONDS, asker
from newel.policy.document import Document
from newel.policy.message import Source
from newel.policy.prove.diff import diff
from newel.policy.read.document import read_document
from policy_workload import Rule, Term, policy, rules

RULES, EVERY, NOW = 200, 20, 1_790_000_000
BUDGET = 0.5
EDITED = "{evidence: {phr: 1m}}"
NARROWER = Term("ctx.new_payee", "context.ctx.new_payee", "r.sub.new_payee")


def document(given: tuple[Rule, ...]) -> Document:
    """The typed policy of these rules."""
    return read_document([Source.of("policy.yaml", policy(given))])


def demanding(rule: Rule) -> Rule:
    """The same rule with another demand."""
    return replace(rule, demand=EDITED)


def narrower(rule: Rule) -> Rule:
    """The same rule with one more thing that must be true."""
    return replace(rule, terms=(*rule.terms, NARROWER))


EDITS = (demanding, narrower)


def edited(given: tuple[Rule, ...], at: int, edit: Callable[[Rule], Rule] = demanding) -> tuple[Rule, ...]:
    """The same rules, one of them edited."""
    return (*given[:at], edit(given[at]), *given[at + 1 :])


def comparing(given: tuple[Rule, ...], at: int, edit: Callable[[Rule], Rule]) -> float:
    """Seconds to find all that one edited rule changes. The benchmark ends where nothing was found."""
    old, new = document(given), document(edited(given, at, edit))
    began = time.perf_counter()
    findings = diff(old, new, asker(SECONDS), at=NOW)
    took = time.perf_counter() - began
    if not findings:
        sys.exit(f"editing {given[at].id} was not noticed")
    return took


def commanding(given: tuple[Rule, ...], at: int) -> float:
    """Seconds of the whole command on two files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("old.yaml", "new.yaml")]
        for file, each in zip(files, (given, edited(given, at)), strict=True):
            file.write_text(policy(each))
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "newel", "policy", "diff", *files], check=False, capture_output=True)
        return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    given = tuple(rules(RULES))
    places = range(0, RULES, EVERY)
    slowest = max(min(comparing(given, at, edit) for _ in range(2)) for at in places for edit in EDITS)
    show(
        [
            Figure(
                figure="policy: diff of one edited rule, 200 rules", value=round(slowest, 2), unit="s", budget=BUDGET
            ),
            Figure(
                figure="policy: the same as a command, from its start", value=round(commanding(given, 0), 2), unit="s"
            ),
        ]
    )


if __name__ == "__main__":
    main()
