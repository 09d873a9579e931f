"""Changes outside the rules that move what rules mean: classes, minima, facts, counters, pools, grace, invariants.

Whatever cannot be compared counts as weaker: somebody has to look at it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from newel.domain.assurance import Classes, EvidenceClass
from newel.domain.requirement import DENY, NOTHING
from newel.domain.value import dataclass
from newel.policy.document import Action, Counter, Document, Invariant, Place, Resource, Rule
from newel.policy.facts import Fact
from newel.policy.fields import Field
from newel.policy.lang.core import TRUE
from newel.policy.lang.write import written
from newel.policy.prove.invariants import claim_text, condition_at
from newel.policy.words import grace_text, requirement_text, short_duration

V = TypeVar("V")
Direction = Literal["weaker", "stronger"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A change in words."""

    direction: Direction
    what: str
    targets: tuple[str, ...] = ()
    place: Place | None = None


def settings(old: Document, new: Document) -> Iterator[Setting]:
    """All such changes."""
    yield from _classes(old.classes, new.classes)
    yield from _pairs(old.resources, new.resources, lambda _, then, now: _resource(then, now, old, new))
    yield from _pairs(old.facts, new.facts, lambda _, then, now: _fact("", then, now))
    yield from _pairs(old.counters, new.counters, lambda _, then, now: _counter(then, now))
    yield from _pairs(old.pools, new.pools, _pool)
    yield from _pairs(old.meters, new.meters, _meter)
    rules = {rule.id: rule for rule in new.rules}
    for rule in old.rules:
        if rule.id in rules:
            yield from _grace(rule, rules[rule.id])
    kept = {each.id: each for each in new.invariants}
    for invariant in old.invariants:
        yield from _invariant(invariant, kept.get(invariant.id), old.classes, new.classes)


def _pairs(
    old: Mapping[str, V], new: Mapping[str, V], compared: Callable[[str, V, V], Iterator[Setting]]
) -> Iterator[Setting]:
    """What is on both sides, compared; rules that read what is gone have changed themselves."""
    for name, then in old.items():
        if name in new and new[name] != then:
            yield from compared(name, then, new[name])


def _more(what: str, then: int, now: int, told: Callable[[int], Any], *, more: Direction) -> Iterator[Setting]:
    if then != now:
        less: Direction = "stronger" if more == "weaker" else "weaker"
        yield Setting(more if now > then else less, f"{what}: {told(then)} → {told(now)}")


def _classes(old: Classes, new: Classes) -> Iterator[Setting]:
    yield from _pairs(old.by_name, new.by_name, lambda name, then, now: _class(name, then, now, old, new))
    if old.order != new.order:
        yield Setting("weaker", f"acr_order: {', '.join(old.order)} → {', '.join(new.order)}")


def _class(name: str, then: EvidenceClass, now: EvidenceClass, old: Classes, new: Classes) -> Iterator[Setting]:
    yield from _more(f"{name} lasts", then.lasts, now.lasts, short_duration, more="weaker")
    yield from _more(f"{name} may idle", then.idle, now.idle, short_duration, more="weaker")
    for weaker in sorted(new.below(name) - old.below(name)):
        yield Setting("weaker", f"{name} counts as {weaker}")
    for weaker in sorted(old.below(name) - new.below(name)):
        yield Setting("stronger", f"{name} no longer counts as {weaker}")


def _resource(then: Resource, now: Resource, old: Document, new: Document) -> Iterator[Setting]:
    name = then.name
    if now.is_open and not then.is_open:
        yield Setting("weaker", f"{name} is open to any action")
    yield from _pairs(
        then.actions, now.actions, lambda _, before, after: _action(f"{name}:{before.name}", before, after, old, new)
    )
    yield from _pairs(then.facts, now.facts, lambda _, before, after: _fact(f"{name}: ", before, after))
    yield from _fields(name, then.fields, now.fields)


def _action(target: str, then: Action, now: Action, old: Document, new: Document) -> Iterator[Setting]:
    if then.sensitive and not now.sensitive:
        yield Setting("weaker", f"{target} is no longer sensitive", (target,))
    if then.minimum != now.minimum:
        direction: Direction = "stronger" if then.minimum <= now.minimum else "weaker"
        texts = requirement_text(then.minimum, old.classes), requirement_text(now.minimum, new.classes)
        yield Setting(direction, f"{target} at least: {texts[0]} → {texts[1]}", (target,))


def _fields(resource: str, then: Mapping[str, Field], now: Mapping[str, Field]) -> Iterator[Setting]:
    for name in sorted(then.keys() - now.keys()):
        yield Setting("weaker", f"{resource}: field {name} is neither shown nor bound any more")
    for name in sorted(now.keys() - then.keys()):
        yield Setting("stronger", f"{resource}: field {name} is new")
    for name in sorted(then.keys() & now.keys()):
        if (then[name].kind, then[name].free, then[name].optional) != (
            now[name].kind,
            now[name].free,
            now[name].optional,
        ):
            yield Setting("weaker", f"{resource}: field {name} is declared otherwise")


def _fact(where: str, then: Fact, now: Fact) -> Iterator[Setting]:
    """A fact that is declared otherwise means something else; a wider range or more values only admit more requests."""
    parts = {
        "type": (then.kind, now.kind),
        "source": (then.origin, now.origin),
        "field": (".".join(then.field) or "none", ".".join(now.field) or "none"),
        "value when absent": (then.absent, now.absent),
        "range": (f"{then.low} to {then.high}", f"{now.low} to {now.high}"),
        "values": (", ".join(then.values), ", ".join(now.values)),
        "optional": (then.optional, now.optional),
    }
    for part, (before, after) in parts.items():
        if before != after:
            yield Setting("weaker", f"{where}fact {then.name}, {part}: {before} → {after}")


def _counter(then: Counter, now: Counter) -> Iterator[Setting]:
    what = f"counter {then.name}"
    if (then.kind, then.fact, then.by) != (now.kind, now.fact, now.by):
        yield Setting("weaker", f"{what} counts something else")
    yield from _more(f"{what}, window", then.over, now.over, short_duration, more="stronger")
    yield from _more(f"{what}, highest", then.high, now.high, str, more="stronger")
    for target in sorted({*then.targets} - {*now.targets}):
        yield Setting("weaker", f"{what} no longer counts {target}", (target,))
    for target in sorted({*now.targets} - {*then.targets}):
        yield Setting("stronger", f"{what} counts {target}", (target,))


def _pool(name: str, then: str, now: str) -> Iterator[Setting]:
    yield Setting("weaker", f"pool {name} is another group: {then} → {now}")


def _meter(name: str, then: tuple[int, int], now: tuple[int, int]) -> Iterator[Setting]:
    yield from _more(f"meter {name}, limit", then[0], now[0], str, more="weaker")
    yield from _more(f"meter {name}, window", then[1], now[1], short_duration, more="stronger")


def _invariant(then: Invariant, now: Invariant | None, old: Classes, new: Classes) -> Iterator[Setting]:
    if now is None:
        yield Setting("weaker", f"invariant {then.id} is gone: {claim_text(then, old)}", then.targets, then.place)
    elif _claim(then) != _claim(now):
        direction: Direction = "stronger" if _follows(then, now) else "weaker"
        claims = "claims more" if direction == "stronger" else "claims something else"
        what = f"invariant {now.id} {claims}: {_spoken(then, old)} → {_spoken(now, new)}"
        yield Setting(direction, what, tuple(dict.fromkeys((*then.targets, *now.targets))), now.place)


def _spoken(each: Invariant, classes: Classes) -> str:
    """A claim with where it is made."""
    targets = sorted(each.targets)
    conditions = dict.fromkeys(condition_at(each, target) for target in targets)
    where = " or ".join(written(condition) for condition in conditions if condition != TRUE)
    return f"{claim_text(each, classes)} at {', '.join(targets)}{where and f' where {where}'}"


def _claim(each: Invariant) -> tuple[object, ...]:
    return frozenset(each.targets), each.conditions, each.at_least, each.at_most


def _follows(then: Invariant, now: Invariant) -> bool:
    """Whether an invariant says all that it said: of the same requests at each target, at least and at most as much."""
    spoken = {*then.targets} <= {*now.targets}
    alike = spoken and all(condition_at(then, target) == condition_at(now, target) for target in then.targets)
    least = (then.at_least or NOTHING) <= (now.at_least or NOTHING)
    return alike and least and (now.at_most or DENY) <= (then.at_most or DENY)


def _grace(then: Rule, now: Rule) -> Iterator[Setting]:
    if now.grace is None or now.grace == then.grace:
        return
    longer = then.grace is None or now.grace.until > then.grace.until or now.grace.skips > then.grace.skips
    what = f"{now.id} {grace_text(now.grace)}"
    yield Setting("weaker" if longer else "stronger", what, tuple(sorted(now.targets)))
