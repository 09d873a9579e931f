"""Decisions of a policy and its loading, beside four libraries on the same rules and requests.

A decision begins with facts nested as JSON has them, checks types and ranges, and ends with requirement and reasons. Every
answer of every library is compared with ours before anything is measured.
"""

import sys
import time
from collections.abc import Callable, Sequence

from line import Figure, show
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from policy_libraries import LIBRARIES, Library
from policy_workload import Request, Rule, policy, requests, rules, targets

BUDGETS = {20: 3.0, 200: 3.0, 2000: 6.0}
COMPARED, MANY = 200, 2000
ASKED, ASKED_LIBRARIES, ROUNDS, LOADS = 2000, 300, 7, 3
AHEAD, LOAD = 10, 1.5
MICROSECONDS = 1e6


def each(decide: Callable[[Request], object], asked: Sequence[Request]) -> float:
    """Microseconds of CPU for one decision: the best round, since neighbours only ever slow it."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for request in asked:
            decide(request)
        spent.append((time.process_time() - began) / len(asked))
    return min(spent) * MICROSECONDS


def loaded(text: str) -> Snapshot:
    """A snapshot that is ready to decide at every target."""
    snapshot = Snapshot(read_document([Source.of("policy.yaml", text)]))
    snapshot.compile_all("nested")
    return snapshot


def loading(text: str) -> float:
    """Seconds of CPU from a text to a snapshot that is ready."""
    spent = []
    for _ in range(LOADS):
        began = time.process_time()
        loaded(text)
        spent.append(time.process_time() - began)
    return round(min(spent), 2)


def deciding(count: int) -> float:
    """Microseconds for one decision among so many rules."""
    decide = loaded(policy(rules(count))).decide_nested
    return round(each(lambda request: decide(request.target, request.facts), requests(ASKED, targets(count))), 2)


def agree(name: str, library: Library, snapshot: Snapshot, asked: Sequence[Request]) -> None:
    """Compare all answers; the benchmark ends where two differ."""
    for request in asked:
        conditions = snapshot.decide_nested(request.target, request.facts).conditions
        matching = frozenset(rule for rule, truth in conditions.items() if truth)
        found = library(request)
        if found != (bool(matching) if isinstance(found, bool) else matching):
            sys.exit(f"{name} says {found} where Newel says {sorted(matching)}: {request}")


def beside(given: Sequence[Rule], asked: Sequence[Request]) -> tuple[dict[str, float], float]:
    """Microseconds of each library for one decision, after it was found to agree; and how often ours fits into the fastest."""
    snapshot, found = loaded(policy(given)), dict[str, float]()
    for name, build in LIBRARIES.items():
        library = build(given)
        agree(name, library, snapshot, asked)
        found[name] = round(each(library, asked), 1)
    ours = each(lambda request: snapshot.decide_nested(request.target, request.facts), asked)
    return found, round(min(found.values()) / ours, 1)


def main() -> None:
    """Print the figures."""
    ours = {count: deciding(count) for count in BUDGETS}
    theirs, ahead = beside(rules(COMPARED), requests(ASKED_LIBRARIES, targets(COMPARED)))
    spread, single = loading(policy(rules(MANY))), loading(policy(rules(MANY, spread=False)))
    show(
        [
            *(
                Figure(figure=f"policy: a decision, {count} rules", value=ours[count], unit="us", budget=most)
                for count, most in BUDGETS.items()
            ),
            *(
                Figure(figure=f"policy: {name}, {COMPARED} rules", value=value, unit="us")
                for name, value in theirs.items()
            ),
            Figure(figure="policy: ahead of the fastest (at least)", value=ahead, unit="times", budget=AHEAD),
            Figure(figure=f"policy: load {MANY} rules, 500 targets", value=spread, unit="s", budget=LOAD),
            Figure(figure=f"policy: load {MANY} rules, one target", value=single, unit="s", budget=LOAD),
        ]
    )


if __name__ == "__main__":
    main()
