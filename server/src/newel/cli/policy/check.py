"""`newel policy check POLICY`: read it, and say every fault at its place, or what it declares."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from newel.cli.arguments import add_json
from newel.cli.policy.files import HOLDS, add_policy, read_at
from newel.cli.printing import count, print_json
from newel.policy.document import Document
from newel.policy.engine import Snapshot
from newel.policy.lang.reads import facts_read
from newel.policy.words import grace_text

NO_RISK = "no risk engine is switched on: rules on risk.* see a low risk and cannot fire"


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Check, print, and say by the exit code whether it can be used."""
    found = read_at(options.policy, options)
    snapshot = Snapshot(found.document)
    snapshot.compile_all()
    notes = [*([NO_RISK] if _reads_risk(found.document) else []), *_ended(found.document, int(time.time()))]
    if options.json:
        messages = [message.as_json() for message in found.warnings]
        print_json(
            {
                "holds": True,
                "name": found.document.name,
                "version": snapshot.version,
                "messages": messages,
                "notes": notes,
            }
        )
        return HOLDS
    for message in found.warnings:
        print(f"warning: {message}", file=sys.stderr)
    print(f"{found.document.name} can be used: {_counts(found.document)}.")
    print(f"version {snapshot.version}")
    for note in notes:
        print(f"note: {note}")
    return HOLDS


def _reads_risk(document: Document) -> bool:
    return any(path.startswith("risk.") for target in document.targets for path in _read(document, target))


def _ended(document: Document, now: int) -> Iterator[str]:
    """The graces that are over."""
    for rule in document.rules:
        if rule.grace is not None and rule.grace.ended(now):
            yield f"the grace of {rule.id} {grace_text(rule.grace, now)} ({rule.place.file}:{rule.place.line})"


def _read(document: Document, target: str) -> frozenset[str]:
    return frozenset().union(*(facts_read(rule.condition(target)) for rule in document.rules_at(target)))


def _counts(document: Document) -> str:
    counted = {"rule": len(document.rules), "target": len(document.targets), "invariant": len(document.invariants)}
    counted["test"] = len(document.tests)
    return ", ".join(count(number, what) for what, number in counted.items())
