"""Why a request is asked what it is asked: rules with their lines, the facts they read, and what would be without each.

Slow and plain: conditions are evaluated one by one by the reference, on facts as conditions read them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from newel.domain.requirement import DENY, NOTHING, Requirement, join, join_all
from newel.domain.value import dataclass
from newel.policy.document import Document, Grace, Place, Rule
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.lang.reads import facts_read
from newel.policy.read.built_in import floor

NOW = "now"
"""The fact that says what time it is; before it is stated no grace is over."""
Verdict = Literal["matches", "fails", "does not match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplained:
    """One rule at a request; `missing` names the fact for want of which it counts as a match. `deny_reason` is the name of
    a refusal, "" where it refuses nothing.

    `fallback` is demanded where `requires` cannot be met, and `grace` says how `requires` may be skipped; None where the
    rule has none; `ended` where it may be skipped no longer, by the fact `now`. `without` is what would be demanded if the rule were not there, `enforced` if it were enforced as well
    where it is only observed.
    """

    id: str
    place: Place
    because: str
    deny_reason: str
    observe: bool
    verdict: Verdict
    missing: str
    condition: Core
    read: Mapping[str, Any]
    requires: Requirement
    fallback: Requirement | None
    grace: Grace | None
    ended: bool
    without: Requirement
    enforced: Requirement

    @property
    def matched(self) -> bool:
        """Whether it counts as a match: an error does."""
        return self.verdict != "does not match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with its reasons, rule by rule in the order of the file; no rules where the target is undeclared.

    `fallback` is what comes out where the demand cannot be met, `skipped` where every demand that may be skipped is; None
    where no rule that matches declares such a thing, or its grace ended.
    """

    target: str
    declared: bool
    requirement: Requirement
    fallback: Requirement | None
    skipped: Requirement | None
    rules: tuple[RuleExplained, ...]

    @property
    def deny_reasons(self) -> tuple[str, ...]:
        """The names of what it is refused for, each once."""
        refusing = (rule for rule in self.rules if rule.matched and not rule.observe and rule.requires.denied)
        return tuple(dict.fromkeys(rule.deny_reason for rule in refusing))


def with_absent(document: Document, target: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, those that are absent with the value that their declaration gives."""
    declared = document.facts_at(target)
    absent = {path: fact.absent for path, fact in declared.items() if fact.absent is not None}
    return {**absent, **{path: value for path, value in facts.items() if path in declared}}


def alone(document: Document, target: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, counters that are not given holding this request alone."""
    found = dict(facts)
    for counter in document.counters.values():
        if counter.name in found or counter.name not in document.facts_at(target):
            continue
        if target not in counter.targets:
            found[counter.name] = 0
        elif counter.kind != "sum":
            found[counter.name] = 1
        elif counter.fact in facts:
            found[counter.name] = min(facts[counter.fact], counter.high)
    return found


def explain(document: Document, target: str, facts: Mapping[str, Any]) -> Explanation:
    """What is demanded at `target` for facts as conditions read them, and why."""
    if not document.declared(target):
        return Explanation(target=target, declared=False, requirement=DENY, fallback=None, skipped=None, rules=())
    known = with_absent(document, target, facts)
    verdicts = [(rule, *_verdict(rule, target, known)) for rule in document.rules_at(target)]
    enforced = [rule for rule, verdict, _ in verdicts if verdict != "does not match" and not rule.observe]
    demanded = _demanded(target, (rule.require for rule in enforced))
    return Explanation(
        target=target,
        declared=True,
        requirement=demanded,
        fallback=_fallback(target, enforced),
        skipped=_skipped(target, enforced, known.get(NOW)),
        rules=tuple(
            RuleExplained(
                id=rule.id,
                place=rule.place,
                because=rule.because or rule.deny_reason,
                deny_reason=rule.deny_reason,
                observe=rule.observe,
                verdict=verdict,
                missing=missing,
                condition=rule.condition(target),
                read={path: known.get(path) for path in sorted(facts_read(rule.condition(target)))},
                requires=rule.require,
                fallback=rule.fallback,
                grace=rule.grace,
                ended=rule.grace is not None and rule.grace.ended(known.get(NOW)),
                without=_demanded(target, (each.require for each in enforced if each.id != rule.id)),
                enforced=join(demanded, NOTHING if verdict == "does not match" else rule.require),
            )
            for rule, verdict, missing in verdicts
        ),
    )


def _demanded(target: str, requirements: Iterable[Requirement]) -> Requirement:
    return join(floor(target), join_all(requirements))


def _fallback(target: str, rules: Sequence[Rule]) -> Requirement | None:
    if all(rule.fallback is None for rule in rules):
        return None
    return _demanded(target, (rule.require if rule.fallback is None else rule.fallback for rule in rules))


def _skipped(target: str, rules: Sequence[Rule], now: int | None) -> Requirement | None:
    stays = [rule for rule in rules if rule.grace is None or rule.grace.ended(now)]
    return None if len(stays) == len(rules) else _demanded(target, (rule.require for rule in stays))


def _verdict(rule: Rule, target: str, facts: Mapping[str, Any]) -> tuple[Verdict, str]:
    try:
        return ("matches" if evaluate(rule.condition(target), facts) else "does not match"), ""
    except MissingFact as missing:
        return "fails", missing.path
