"""Witnesses: a request, what is demanded of it, and by which rules; confirmed by the reference evaluator."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newel.domain.assurance import Classes
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.document import Place
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.prove.demand import Demand, Scene, join_faces
from newel.policy.prove.replay import demanded, matching, reads
from newel.policy.prove.stated import engine_text, loud
from newel.policy.prove.vocabulary import parts
from newel.policy.prove.words import MISSING, fact_text, facts_json
from newel.policy.words import requirement_text


@dataclass(frozen=True, slots=True)
class Demanded:
    """What is demanded, in words too, and by which rules."""

    requirement: Requirement
    text: str
    rules: tuple[str, ...]

    def __str__(self) -> str:
        """Both."""
        return f"{self.text} ({', '.join(self.rules) or 'no rule'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request at `target`: all `facts` that any rule there reads; `shown` are those that matter, in words.

    `now` is what is demanded; `before`, in a comparison, what was.
    """

    target: str
    facts: Mapping[str, Any]
    shown: tuple[tuple[str, str], ...]
    now: Demanded
    before: Demanded | None = None

    def lines(self) -> tuple[str, ...]:
        """The witness as a terminal shows it."""
        facts = ", ".join(f"{name} = {text}" for name, text in self.shown)
        said = [f"{self.target} where {facts}" if facts else f"{self.target}, whatever the facts"]
        if self.before is not None:
            said.append(f"before: {self.before}")
        said.append(f"now:    {self.now}")
        return (*said, *filter(None, [engine_text(self.facts)]))

    def as_json(self) -> Mapping[str, Any]:
        """The witness for a machine."""
        sides = {"now": self.now, **({} if self.before is None else {"before": self.before})}
        demands = {name: {"requirement": side.text, "rules": list(side.rules)} for name, side in sides.items()}
        return {
            "target": self.target,
            "facts": facts_json(self.facts),
            "shown": dict(self.shown),
            "needs_risk_engine": list(loud(self.facts)),
            **demands,
        }


def told(first: str, targets: Sequence[str], witness: Witness | None) -> tuple[str, ...]:
    """What was found in its first line, where there are several targets, and the request that shows it."""
    where = (f"  at {', '.join(targets)}",) if len(targets) > 1 else ()
    return (first, *where, *(f"  {line}" for line in (witness.lines() if witness else ())))


def place_json(place: Place | None) -> Mapping[str, Any] | None:
    """A place for a machine."""
    return None if place is None else {"file": place.file, "line": place.line}


def demanded_by(demands: Iterable[Demand], facts: Mapping[str, Any], classes: Classes) -> Demanded:
    """What is demanded at facts, by the rules that add something, and what is taken where that cannot be met."""
    matched = matching(demands, facts)
    whole = demanded(matched)
    rules = tuple(each.rule for each in matched if not whole.denied or each.face.denied)
    text = requirement_text(whole, classes)
    lesser = join_faces(matched, fall_back=True)
    if lesser != whole:
        text += f" (or, where that cannot be met: {requirement_text(lesser, classes)})"
    return Demanded(whole, text, rules)


def shown(
    scene: Scene, facts: Mapping[str, Any], about: Sequence[Demand], also: Iterable[str] = ()
) -> tuple[tuple[str, str], ...]:
    """The facts that the rules in `about` read, and `also`, in words."""
    names = sorted(frozenset(also).union(*(reads(each.condition) for each in about)))
    zones = [part.zone for each in about for part in parts(each.condition) if isinstance(part, core.Clock)]
    zone = min(zones, default="UTC")
    return tuple((name, _text(scene.facts[name], facts.get(name), zone)) for name in names)


def _text(fact: Fact, value: Any, zone: str) -> str:
    if value is not None:
        return fact_text(fact, value, zone)
    return "(not given)" if fact.optional else MISSING
