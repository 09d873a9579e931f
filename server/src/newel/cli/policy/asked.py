"""A request on the command line: `bank.transfer:send ctx.amount=2000 …`, and words for what came of it."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from newel.cli.refusal import USAGE, Refusal
from newel.policy.document import Document
from newel.policy.facts import Fact
from newel.policy.message import Fault, Mark, Source, suggest
from newel.policy.read.values import value
from newel.policy.source import Node, Scalar, Sequence


def add_request(parser: ArgumentParser) -> None:
    """Declare a target and its facts."""
    parser.add_argument("target", metavar="RESOURCE:ACTION", help="what is decided, such as bank.transfer:send")
    parser.add_argument("facts", nargs="*", metavar="FACT=VALUE", help="facts; a set is written a,b,c")


def facts_of(document: Document, target: str, stated: Iterable[str]) -> dict[str, Any]:
    """The facts as conditions read them. Refusal for an unknown target or fact, and for a value it cannot have."""
    if not document.declared(target):
        raise Refusal(f"there is no target {target!r}; {suggest(target, document.targets)}", code=USAGE)
    declared = document.facts_at(target)
    found: dict[str, Any] = {}
    for each in stated:
        path, equals, text = each.partition("=")
        if not equals:
            raise Refusal(f"{each!r} states nothing: write FACT=VALUE", code=USAGE)
        if path in found:
            raise Refusal(f"{path} is stated twice", code=USAGE)
        if path not in declared:
            hint = suggest(path, tuple(declared), what="declared")
            raise Refusal(f"there is no fact {path!r} at {target}; {hint}", code=USAGE)
        try:
            found[path] = value(_node(text, declared[path]), declared[path])
        except Fault as fault:
            raise Refusal(f"{each}: {fault.text}{f'; {fault.hint}' if fault.hint else ''}", code=USAGE) from fault
    return found


def _node(text: str, fact: Fact) -> Node:
    mark = Mark(Source.of("arguments", text), 0, 0)
    if fact.kind != "set":
        return Scalar(mark, text, None, one_line=True)
    return Sequence(mark, tuple(Scalar(mark, part, None, one_line=True) for part in text.split(",") if part))
