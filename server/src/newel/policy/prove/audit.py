"""What is odd about a policy: rules that change nothing, targets that come out too low, demands that nobody can meet."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal

from newel.domain.requirement import NOTHING, join_all
from newel.domain.value import dataclass, replace
from newel.policy.document import Document, Place, Rule
from newel.policy.facts import Fact
from newel.policy.prove.demand import AT, Demand, Demands
from newel.policy.prove.ideal import EVERY, can_comply
from newel.policy.prove.problem import (
    UNANSWERED,
    Answer,
    Ask,
    Enumerated,
    Enumeration,
    Fall,
    Inspected,
    Inspection,
    Reached,
)
from newel.policy.prove.replay import matching
from newel.policy.prove.table import enumeration, outcome
from newel.policy.prove.witness import Witness, demanded_by, place_json, shown, told
from newel.policy.prove.words import fact_text
from newel.policy.words import requirement_text

Kind = Literal[
    "dead", "shadowed", "redundant", "below-minimum", "cannot-be-met", "falls-when-absent", "falls", "unknown"
]
RISING = ("risk.score", "risk.ppm", "risk.level")
"""Facts with which no demand should fall, beside amounts of money and counters."""
MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One thing to look at, in words; a witness where there is one. `grave` ones make a policy unsafe or useless."""

    id: str
    kind: Kind
    what: str
    rule: str = ""
    place: Place | None = None
    targets: tuple[str, ...] = ()
    witness: Witness | None = None
    grave: bool = False

    def lines(self) -> tuple[str, ...]:
        """It as a terminal shows it."""
        where = "" if self.place is None else f" ({self.place.file}:{self.place.line})"
        return told(f"{self.kind} [{self.id}] {self.what}{where}", self.targets, self.witness)

    def as_json(self) -> Mapping[str, Any]:
        """It for a machine."""
        return {
            "id": self.id,
            "kind": self.kind,
            "what": self.what,
            "rule": self.rule or None,
            "place": place_json(self.place),
            "targets": list(self.targets),
            "grave": self.grave,
            "witness": None if self.witness is None else self.witness.as_json(),
        }


def audit(document: Document, ask: Ask, *, at: int = AT) -> tuple[Oddity, ...]:
    """All oddities of a policy, the grave ones first. Witnesses lie near the time `at` (Unix seconds)."""
    demands = Demands(document)
    looks = [_inspection(document, demands, target, at) for target in demands.targets]
    counts = [replace(enumeration(document, demands, target, at=at), small=False) for target in demands.targets]
    answers = ask([*looks, *counts])
    seen = list(zip(looks, answers[: len(looks)], strict=True))
    counted = list(zip(counts, answers[len(looks) :], strict=True))
    found = [
        *_useless(document, demands, seen),
        *(each for look, answer in seen for each in _inspected(look, answer)),
        *(each for count, answer in counted for each in _uncounted(count, answer)),
        *_unmeetable(document, counted, ask),
    ]
    return tuple(sorted(_merged(found), key=lambda each: (not each.grave, each.kind, each.rule, each.targets)))


def _inspection(document: Document, demands: Demands, target: str, at: int) -> Inspection:
    resource, _, action = target.partition(":")
    declared = document.resources[resource].actions.get(action)
    facts = document.facts_at(target)
    return Inspection(
        scene=demands.scene(target, at),
        demands=demands.at(target),
        observed=tuple(demands.of(rule, target) for rule in demands.rules(target) if rule.observe),
        classes=document.classes,
        minimum=NOTHING if declared is None else declared.minimum,
        rising=tuple(name for name, fact in facts.items() if _rises(document, fact)),
    )


def _rises(document: Document, fact: Fact) -> bool:
    return fact.name in RISING or fact.field[-1:] == (MINOR,) or fact.name in document.counters


def _useless(
    document: Document, demands: Demands, seen: Sequence[tuple[Inspection, Answer | None]]
) -> Iterator[Oddity]:
    """Rules that are dead, or covered, at every target that they speak of; where all could be looked at."""
    answers = {look.scene.target: answer for look, answer in seen}
    speaks: dict[str, list[str]] = {}
    for target in demands.targets:
        for rule in demands.rules(target):
            speaks.setdefault(rule.id, []).append(target)
    for rule in document.rules:
        found = [answers[target] for target in speaks.get(rule.id, ())]
        known = [each for each in found if isinstance(each, Inspected)]
        if found and len(known) == len(found):
            yield from _rule(rule, tuple(speaks[rule.id]), known)


def _rule(rule: Rule, targets: tuple[str, ...], known: Sequence[Inspected]) -> Iterator[Oddity]:
    if all(rule.id in each.dead for each in known):
        what = f"{rule.id} never matches: its condition is never true"
        yield _oddity("dead", what, rule=rule.id, place=rule.place, targets=targets)
    elif all(rule.id in each.covered or rule.id in each.dead for each in known):
        by = tuple(dict.fromkeys(name for each in known for name in each.covered.get(rule.id, ())))
        kind: Kind = "shadowed" if len(by) == 1 else "redundant"
        others = f"{by[0]} demands" if len(by) == 1 else f"{' and '.join(by)} together demand"
        what = f"{rule.id} changes nothing: wherever it matches, {others} as much"
        yield _oddity(kind, what, rule=rule.id, place=rule.place, targets=targets)


def _inspected(look: Inspection, answer: Answer | None) -> Iterator[Oddity]:
    target = look.scene.target
    if not isinstance(answer, Inspected):
        yield _oddity("unknown", f"{target}: {UNANSWERED}", targets=(target,), grave=True)
        return
    if answer.below is not None:
        what = f"{target} can come out below {requirement_text(look.minimum, look.classes)}"
        matched = matching(look.demands, answer.below)
        witness = _witness(look, answer.below, [*matched, *_reaching(look)])
        yield _oddity("below-minimum", what, targets=(target,), witness=witness, grave=True)
    for fall in answer.absent:
        yield _fall(look, fall, "falls-when-absent")
    for fall in answer.rising:
        yield _fall(look, fall, "falls")
    for reason in answer.unknown:
        yield _oddity("unknown", f"{target}: {reason}", targets=(target,), grave=True)


def _reaching(look: Inspection) -> list[Demand]:
    """The rules that demand all of the minimum, and do not match."""
    return [each for each in look.demands if look.minimum <= each.floor]


def _fall(look: Inspection, fall: Fall, kind: Kind) -> Oddity:
    target = look.scene.target
    rule = next(each for each in look.demands if each.rule == fall.rule)
    lost = requirement_text(join_all(fall.lost), look.classes)
    to = fact_text(look.scene.facts[fall.fact], fall.value)
    when = f"{fall.fact} is absent and read as {to}" if kind == "falls-when-absent" else f"{fall.fact} rises to {to}"
    witness = _witness(look, fall.facts, [rule])
    what = f"{fall.rule}: {lost} is no longer demanded when {when}"
    return _oddity(kind, what, rule=rule.rule, place=rule.place, targets=(target,), witness=witness)


def _witness(look: Inspection, facts: Mapping[str, Any], about: Sequence[Demand]) -> Witness:
    now = demanded_by(look.demands, facts, look.classes)
    return Witness(target=look.scene.target, facts=facts, shown=shown(look.scene, facts, about), now=now)


def _uncounted(count: Enumeration, answer: Answer | None) -> Iterator[Oddity]:
    if not isinstance(answer, Enumerated) or answer.incomplete:
        target = count.scene.target
        why = answer.incomplete if isinstance(answer, Enumerated) else UNANSWERED
        yield _oddity("unknown", f"{target}: not every outcome was seen, {why}", targets=(target,))


def _unmeetable(document: Document, counted: Sequence[tuple[Enumeration, Answer | None]], ask: Ask) -> Iterator[Oddity]:
    """Outcomes that no method meets, whoever asks; a small request is looked for only for these."""
    beyond = [(count, _beyond(document, count, answer)) for count, answer in counted]
    beyond = [(count, found) for count, found in beyond if found]
    smaller = ask(
        [replace(count, small=True, only=tuple(each.requirement for each in found)) for count, found in beyond]
    )
    for (count, found), answer in zip(beyond, smaller, strict=True):
        target = count.scene.target
        small = {each.requirement: each for each in (answer.outcomes if isinstance(answer, Enumerated) else ())}
        for each in found:
            best = small.get(each.requirement, each)
            row = outcome(count, each if _meetable(document, count, best) else best)
            what = f"no method meets {row.text} (by {', '.join(row.rules)})"
            yield _oddity("cannot-be-met", what, targets=(target,), witness=row.witness, grave=True)


def _beyond(document: Document, count: Enumeration, answer: Answer | None) -> list[Reached]:
    """The outcomes that cannot be met; the least demanding of a chain is enough."""
    found: list[Reached] = []
    for reached in answer.outcomes if isinstance(answer, Enumerated) else ():
        known = reached.requirement.denied or any(each.requirement <= reached.requirement for each in found)
        if not known and not _meetable(document, count, reached):
            found.append(reached)
    return found


def _meetable(document: Document, count: Enumeration, reached: Reached) -> bool:
    return can_comply(matching(count.demands, reached.facts), EVERY, document, now=count.scene.at)


def _oddity(kind: Kind, what: str, **more: Any) -> Oddity:
    name = sha256(f"{kind}\0{what}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Oddity(id=name, kind=kind, what=what, **more)


def _merged(found: Sequence[Oddity]) -> Iterator[Oddity]:
    """The same of several targets as one."""
    for _, same in groupby(sorted(found, key=lambda each: (each.id, each.targets)), key=lambda each: each.id):
        first, *others = same
        yield replace(first, targets=tuple(dict.fromkeys((*first.targets, *(t for o in others for t in o.targets)))))
