"""What a change of policy changes: every demand that goes and every one that comes, with a request that shows it.

Rules that mean the same on both sides are not asked about at all. A finding is accepted by its `id`, which names what is
said and what was changed to say it: any other change of the rules involved makes it another finding.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

from newel.domain.requirement import Requirement, join_all
from newel.domain.value import dataclass, replace
from newel.policy.document import Document, Place
from newel.policy.facts import Fact
from newel.policy.lang.write import written
from newel.policy.prove.demand import AT, UNDECLARED, Demand, Demands, Numbers, Scene
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Compared, Comparison, Loss
from newel.policy.prove.settings import Setting, settings
from newel.policy.prove.witness import Witness, demanded_by, place_json, shown, told
from newel.policy.words import requirement_text

ID = 12
FALLEN = "where that cannot be met, "
Direction = Literal["weaker", "stronger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One change. `weaker` ones need accepting; `certain` is false where it could not be told and must be feared.

    `lost` is what is no longer demanded (or, for `stronger`, what newly is); `rule` the rule that demanded it, "" where
    a setting changed. The witness is a request at the first of `targets`.
    """

    id: str
    direction: Direction
    what: str
    rule: str = ""
    place: Place | None = None
    targets: tuple[str, ...] = ()
    lost: Requirement | None = None
    witness: Witness | None = None
    certain: bool = True

    def lines(self) -> tuple[str, ...]:
        """The finding as a terminal shows it."""
        where = "" if self.place is None or not self.place.file else f" ({self.place.file}:{self.place.line})"
        return told(f"{self.direction} [{self.id}] {self.what}{where}", self.targets, self.witness)

    def as_json(self) -> Mapping[str, Any]:
        """The finding for a machine."""
        return {
            "id": self.id,
            "direction": self.direction,
            "what": self.what,
            "rule": self.rule or None,
            "place": place_json(self.place),
            "targets": list(self.targets),
            "certain": self.certain,
            "witness": None if self.witness is None else self.witness.as_json(),
        }


def diff(old: Document, new: Document, ask: Ask, *, at: int = AT) -> tuple[Finding, ...]:
    """All findings: weaker ones first, by rule. Witnesses lie near the time `at` (Unix seconds)."""
    difference = _Difference(old, new, at)
    answers = ask(difference.problems)
    shown_lost = _merged(
        each for pair in zip(difference.problems, answers, strict=True) for each in difference.found(*pair)
    )
    found = [
        *shown_lost,
        *difference.clashing,
        *difference.observed({each.rule for each in shown_lost if each.direction == "weaker"}),
        *map(_of_setting, settings(old, new)),
    ]
    return tuple(sorted(found, key=lambda each: (each.direction != "weaker", not each.rule, each.rule, each.targets)))


class _Difference:
    def __init__(self, old: Document, new: Document, at: int) -> None:
        numbers = Numbers()
        self._old, self._new, self._at = Demands(old, numbers), Demands(new, numbers), at
        self._watched = {rule.id for rule in new.rules if rule.observe}
        self.problems: list[Comparison] = []
        self.clashing: list[Finding] = []
        for problem in filter(None, map(self._problem, self._targets())):
            self._take(problem)

    def _targets(self) -> Sequence[str]:
        return sorted({*self._old.targets, *self._new.targets})

    def _problem(self, target: str) -> Comparison | None:
        before, after = self._old.at(target), self._new.at(target)
        if {each.key for each in before} == {each.key for each in after}:
            return None
        return Comparison(
            scene=self._scene(target),
            before=before,
            after=after,
            classes=(self._old.document.classes, self._new.document.classes),
        )

    def _take(self, problem: Comparison) -> None:
        """A problem to ask, unless a fact has another type on the other side: then nothing compares."""
        target = problem.scene.target
        old, new = self._old.scene(target).facts, self._new.scene(target).facts
        clash = sorted(path for path in old.keys() & new.keys() if old[path].kind != new[path].kind)
        if clash:
            self.clashing.append(
                self._fear(problem, f"{target}: cannot be compared, {', '.join(clash)} changed its type")
            )
        else:
            self.problems.append(problem)

    def _scene(self, target: str) -> Scene:
        """The facts of both sides, each with all the values that it has on either."""
        old, new = self._old.scene(target, self._at), self._new.scene(target, self._at)
        facts = {**old.facts, **new.facts}
        for path in old.facts.keys() & new.facts.keys():
            facts[path] = _both(old.facts[path], new.facts[path])
        same = tuple(counter for counter in new.counters if counter in old.counters)
        alone = tuple(each for each in (*old.counters, *new.counters) if not _on_both(each.name, old, new))
        return replace(new, facts=facts, counters=(*same, *alone))

    def found(self, problem: Comparison, answer: Answer | None) -> Iterator[Finding]:
        """The findings at one target."""
        target = problem.scene.target
        if not isinstance(answer, Compared):
            yield self._fear(problem, f"{target}: {UNANSWERED}")
            return
        for reason in answer.unknown:
            yield self._fear(problem, f"{target}: could not be told, {reason}")
        for loss in answer.weaker:
            yield self._finding(problem, "weaker", loss)
        for loss in answer.stronger:
            yield self._finding(problem, "stronger", loss)

    def _fear(self, problem: Comparison, what: str) -> Finding:
        target = problem.scene.target
        name = _name("weaker", what, target, *_changes(problem, None))
        return Finding(id=name, direction="weaker", what=what, targets=(target,), certain=False)

    def _finding(self, problem: Comparison, direction: Direction, loss: Loss) -> Finding:
        weaker = direction == "weaker"
        demands = problem.before if weaker else problem.after
        rule = next(each for each in demands if each.rule == loss.rule)
        lost = join_all(loss.lost)
        fallen = FALLEN if loss.view == "fallback" else ""
        classes = problem.classes[0 if weaker else 1]
        return Finding(
            id=_name(direction, loss.rule, f"{fallen}{requirement_text(lost, classes)}", *_changes(problem, rule)),
            direction=direction,
            what=_what(
                rule,
                requirement_text(lost, classes),
                fallen,
                weaker=weaker,
                watched=loss.rule in self._watched,
            ),
            rule="" if rule.rule == UNDECLARED else rule.rule,
            place=rule.place if rule.rule != UNDECLARED else None,
            targets=(problem.scene.target,),
            lost=lost,
            witness=_witness(problem, loss),
        )

    def observed(self, told: Collection[str]) -> Iterator[Finding]:
        """Rules that were enforced and are only watched now, whether or not others demand as much."""
        new = {rule.id: rule for rule in self._new.document.rules}
        for rule in self._old.document.rules:
            then = new.get(rule.id)
            if then is not None and then.observe and not rule.observe and rule.id not in told:
                what = f"{rule.id} is no longer enforced, only observed"
                targets = tuple(sorted(rule.targets))
                name = _name("weaker", what, *map(written, then.conditions.values()))
                yield Finding(id=name, direction="weaker", what=what, rule=rule.id, place=then.place, targets=targets)


def _both(old: Fact, new: Fact) -> Fact:
    """A fact that has the values of both; where only one side replaces it when absent, it may be missing."""
    values = tuple(dict.fromkeys((*old.values, *new.values)))
    absent = new.absent if old.absent == new.absent else None
    low, high = min(old.low, new.low), max(old.high, new.high)
    return replace(new, values=values, absent=absent, low=low, high=high)


def _on_both(name: str, old: Scene, new: Scene) -> bool:
    return any(each.name == name for each in old.counters) and any(each.name == name for each in new.counters)


def _what(rule: Demand, lost: str, fallen: str, *, weaker: bool, watched: bool) -> str:
    if rule.rule == UNDECLARED:
        return "a target that was refused is declared" if weaker else "a target is no longer declared: all is refused"
    why = ", only observed now," if weaker and watched else ":"
    return f"{rule.rule}{why} {fallen}{'no longer' if weaker else 'newly'} demanded: {lost}"


def _witness(problem: Comparison, loss: Loss) -> Witness:
    before, after = (demanded_by(each, loss.facts, problem.classes[side]) for side, each in enumerate(_sides(problem)))
    differing = {*before.rules} ^ {*after.rules} | {loss.rule}
    about = [each for side in _sides(problem) for each in side if each.rule in differing]
    return Witness(
        target=problem.scene.target,
        facts=loss.facts,
        shown=shown(problem.scene, loss.facts, about),
        now=after,
        before=before,
    )


def _sides(problem: Comparison) -> tuple[tuple[Demand, ...], tuple[Demand, ...]]:
    return problem.before, problem.after


def _changes(problem: Comparison, rule: Demand | None) -> list[str]:
    """What was changed, as text: of a rule where one is named and is on both sides, else all at the target."""
    sides = [{each.key: each for each in side} for side in _sides(problem)]
    changed = [
        (number, each)
        for number, side in enumerate(sides)
        for key, each in side.items()
        if key not in sides[1 - number]
    ]
    if rule is not None and {number for number, each in changed if each.rule == rule.rule} == {0, 1}:
        changed = [pair for pair in changed if pair[1].rule == rule.rule]
    return sorted(f"{number} {each.rule} {written(each.condition)} {_meaning(each)}" for number, each in changed)


def _meaning(demand: Demand) -> str:
    """What it comes to; a rule without a fallback reads as it did before there were any."""
    fallen = () if demand.fallback is None else (demand.fallback,)
    return " ".join(_canonical(each) for each in (demand.face, demand.floor, *fallen))


def _canonical(requirement: Requirement) -> str:
    """A text that is the same for the same requirement, whatever the order of sets."""
    fields = [
        requirement.evidence,
        [(name, sorted(fields)) for name, fields in requirement.bind],
        sorted(requirement.forbid),
        [(each.pool, each.number, sorted(each.classes), each.age) for each in requirement.approve],
        sorted(requirement.entitle),
        requirement.meter,
        (requirement.session.life, requirement.session.key_bound, sorted(requirement.session.notify)),
        requirement.denied,
    ]
    return repr(fields)


def _merged(findings: Iterator[Finding]) -> list[Finding]:
    """The same of several targets as one."""
    found: dict[str, Finding] = {}
    for each in findings:
        first = found.get(each.id)
        found[each.id] = each if first is None else replace(first, targets=(*first.targets, *each.targets))
    return list(found.values())


def _of_setting(setting: Setting) -> Finding:
    name = _name(setting.direction, setting.what)
    return Finding(
        id=name, direction=setting.direction, what=setting.what, place=setting.place, targets=setting.targets
    )


def _name(*said: str) -> str:
    """A name for what is said."""
    return sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:ID]
