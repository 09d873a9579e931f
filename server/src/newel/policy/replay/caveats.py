"""What a replay cannot know, as sentences for its report."""

from collections.abc import Iterator

from newel.domain.requirement import Requirement
from newel.policy.document import Document
from newel.policy.facts import Fact
from newel.policy.replay.cases import demanded
from newel.policy.replay.columns import STORES
from newel.policy.replay.counters import to_count
from newel.policy.replay.log import Log
from newel.policy.replay.reads import facts_read
from newel.policy.replay.words import plural

NAMED = 4


def caveats(log: Log, documents: tuple[Document, ...]) -> tuple[str, ...]:
    """One sentence for each thing that this log and these policies leave open."""
    return tuple(_caveats(log, documents))


def _caveats(log: Log, documents: tuple[Document, ...]) -> Iterator[str]:
    lacking = {fact.name: fact.absent for document in documents for fact in _not_held(log, document)}
    lost = sorted(path for path, absent in lacking.items() if absent is None)
    filled = sorted(path for path, absent in lacking.items() if absent is not None)
    if filled:
        yield f"The log does not hold {_named(filled)}: the value that is declared for its absence stands everywhere."
    if lost:
        yield (
            f"The log does not hold {_named(lost)}. Rules that read {'it' if len(lost) == 1 else 'them'} "
            "match every request, as they do when a fact is missing."
        )
    unknown = sum(methods is None for methods in log.methods)
    if unknown:
        yield "For some people it is not known which methods they hold. They count as able to prove everything."
    demands = [demanded(rule) for document in documents for rule in document.rules]
    if any(each.forbid for each in demands):
        yield "Ages are recorded for each class, not for each method: a forbidden method still counts as proven."
    if any(_waits(each) for each in demands):
        yield "Approvals, entitlements and meters are taken as given; requests that wait for an approval are counted."
    if len(log) and any(to_count(log, document, documents[0]) for document in documents):
        yield "Some counters were not recorded: they count the requests of this log, each of them once."
    if len(log) and log.attack is None:
        yield "Nobody marked attacks in this log, so what it would catch is shown by amount and kind of request."


def _not_held(log: Log, document: Document) -> Iterator[Fact]:
    """Facts that a condition for a kind of request in the log reads, and that no column holds; counters are counted."""
    for target in {target for targets in log.targets for target in targets if document.declared(target)}:
        facts = document.facts_at(target)
        read = {path for rule in document.rules_at(target) for path in facts_read(rule.condition(target))}
        for path in read:
            fact = facts.get(path)
            if (
                fact is not None
                and path not in document.counters
                and not fact.optional
                and (path, STORES[fact.kind]) not in log.facts
            ):
                yield fact


def _waits(requirement: Requirement) -> bool:
    return bool(requirement.approve or requirement.entitle or requirement.meter)


def _named(paths: list[str]) -> str:
    first = ", ".join(paths[:NAMED])
    return first if len(paths) <= NAMED else f"{first} and {plural(len(paths) - NAMED, 'other fact')}"
