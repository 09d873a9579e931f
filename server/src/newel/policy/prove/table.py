"""The table of a target: everything that can be demanded there, by which rules, each with a small request."""

from collections.abc import Iterator, Mapping
from typing import Any

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass, replace
from newel.policy.canonical import grace_tree
from newel.policy.document import Document, Grace
from newel.policy.prove.demand import AT, Demand, Demands
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Enumerated, Enumeration, Reached
from newel.policy.prove.stated import engine_text
from newel.policy.prove.witness import Witness, demanded_by, shown
from newel.policy.words import floor_text, grace_text, requirement_text

MOST = 200
"""Outcomes of one target; beyond, a table is of no help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One requirement that requests come to. `rules` are those of the witness.

    `others` match at other requests that come to it; there may be `more`.
    """

    requirement: Requirement
    text: str
    rules: tuple[str, ...]
    witness: Witness
    others: tuple[str, ...] = ()
    more: bool = False

    def lines(self) -> Iterator[str]:
        """The outcome as a terminal shows it."""
        yield str(self.witness.now)
        facts = ", ".join(f"{name} = {text}" for name, text in self.witness.shown)
        if facts:
            yield f"  where {facts}"
        if needs := engine_text(self.witness.facts):
            yield f"  {needs}"
        if self.others or self.more:
            told = [*self.others, *(["other rules, perhaps"] * self.more)]
            yield f"  elsewhere also by {', '.join(told)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesser:
    """What a rule takes instead of its demand (`fallback`, in words), and how its demand may be skipped at a time."""

    rule: str
    fallback: str | None
    grace: Grace | None
    at: int

    def lines(self) -> Iterator[str]:
        """Both as a terminal shows them."""
        if self.fallback is not None:
            yield f"{self.rule} falls back to {self.fallback}, where its demand cannot be met"
        if self.grace is not None:
            yield f"{'the grace of ' * self.grace.ended(self.at)}{self.rule} {grace_text(self.grace, self.at)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All outcomes of a target, whatever is below another before it; some lack where `incomplete` says why.

    `lesser` are the rules of the target that may come to less than they demand. `floor` is in words what the server
    demands of its own, beside all of them.
    """

    target: str
    outcomes: tuple[Outcome, ...]
    lesser: tuple[Lesser, ...] = ()
    floor: str = ""
    incomplete: str = ""

    def lines(self) -> tuple[str, ...]:
        """The table as a terminal shows it."""
        count = len(self.outcomes)
        said = [f"{self.target}: {count} outcome{'' if count == 1 else 's'}"]
        said += [f"  {line}" for each in self.outcomes for line in each.lines()]
        said += [f"  {line}" for each in self.lesser for line in each.lines()]
        said += [f"  beside the server's own floor: {self.floor}"] * bool(self.floor)
        return (*said, *([f"  not complete: {self.incomplete}"] if self.incomplete else []))

    def as_json(self) -> Mapping[str, Any]:
        """The table for a machine."""
        rows = [
            {
                "requirement": each.text,
                "rules": list(each.rules),
                "others": list(each.others),
                "more_others": each.more,
                "witness": each.witness.as_json(),
            }
            for each in self.outcomes
        ]
        return {
            "target": self.target,
            "outcomes": rows,
            "fallbacks": {each.rule: each.fallback for each in self.lesser if each.fallback is not None},
            "grace": {each.rule: grace_tree(each.grace) for each in self.lesser if each.grace is not None},
            "grace_ended": [each.rule for each in self.lesser if each.grace is not None and each.grace.ended(each.at)],
            "floor": self.floor or None,
            "incomplete": self.incomplete or None,
        }


def enumeration(document: Document, demands: Demands, target: str, *, at: int = AT) -> Enumeration:
    """The question behind a table."""
    return Enumeration(scene=demands.scene(target, at), demands=demands.at(target), classes=document.classes, most=MOST)


def table(document: Document, target: str, ask: Ask, *, at: int = AT) -> Table:
    """The table of a target; of an undeclared one, that all is refused."""
    demands = Demands(document)
    problem = replace(enumeration(document, demands, target, at=at), by_all=True)
    return replace(table_of(problem, ask([problem])[0]), lesser=_lesser(demands, target, at))


def tables(document: Document, ask: Ask, *, at: int = AT) -> tuple[Table, ...]:
    """The tables of all targets."""
    demands = Demands(document)
    whole = (enumeration(document, demands, target, at=at) for target in demands.targets)
    problems = [replace(each, by_all=True) for each in whole]
    found = map(table_of, problems, ask(problems))
    return tuple(replace(each, lesser=_lesser(demands, each.target, at)) for each in found)


def _lesser(demands: Demands, target: str, at: int) -> tuple[Lesser, ...]:
    """What rules declare beside their demands, in the order of the file; nothing of those that are only observed."""
    classes = demands.document.classes
    return tuple(
        Lesser(
            rule=rule.id,
            fallback=None if rule.fallback is None else requirement_text(rule.fallback, classes),
            grace=rule.grace,
            at=at,
        )
        for rule in (demands.rules(target) if demands.document.declared(target) else ())
        if not rule.observe and (rule.fallback is not None or rule.grace is not None)
    )


def table_of(problem: Enumeration, answer: Answer | None) -> Table:
    """The table that an answer gives."""
    target = problem.scene.target
    floor = floor_text(target, problem.classes)
    if not isinstance(answer, Enumerated):
        return Table(target=target, outcomes=(), floor=floor, incomplete=UNANSWERED)
    rows = tuple(outcome(problem, each) for each in answer.outcomes)
    return Table(target=target, outcomes=rows, floor=floor, incomplete=answer.incomplete)


def outcome(problem: Enumeration, reached: Reached) -> Outcome:
    """An outcome in words. Shown are the facts of rules that ask for something else than they do without facts."""
    now = demanded_by(problem.demands, reached.facts, problem.classes)
    about: list[Demand] = [each for each in problem.demands if each.rule in now.rules]
    pairs = shown(problem.scene, reached.facts, about)
    witness = Witness(target=problem.scene.target, facts=reached.facts, shown=pairs, now=now)
    return Outcome(
        requirement=reached.requirement,
        text=now.text,
        rules=now.rules,
        witness=witness,
        others=reached.others,
        more=reached.more,
    )
