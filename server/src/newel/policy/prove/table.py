"""The table of a target: everything that can be demanded there, by which rules, each with a small request."""

from collections.abc import Mapping
from typing import Any

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.document import Document
from newel.policy.prove.demand import AT, Demand, Demands
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Enumerated, Enumeration, Reached
from newel.policy.prove.witness import Witness, demanded_by, shown

MOST = 200
"""Outcomes of one target; beyond, a table is of no help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One requirement that requests come to. `rules` are those of the witness; other rules may come to it as well."""

    requirement: Requirement
    text: str
    rules: tuple[str, ...]
    witness: Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All outcomes of a target, whatever is below another before it; some lack where `incomplete` says why."""

    target: str
    outcomes: tuple[Outcome, ...]
    incomplete: str = ""

    def lines(self) -> tuple[str, ...]:
        """The table as a terminal shows it."""
        count = len(self.outcomes)
        said = [f"{self.target}: {count} outcome{'' if count == 1 else 's'}"]
        for outcome in self.outcomes:
            said.append(f"  {outcome.witness.now}")
            facts = ", ".join(f"{name} = {text}" for name, text in outcome.witness.shown)
            said += [f"    where {facts}"] * bool(facts)
        return (*said, *([f"  not complete: {self.incomplete}"] if self.incomplete else []))

    def as_json(self) -> Mapping[str, Any]:
        """The table for a machine."""
        rows = [
            {"requirement": each.text, "rules": list(each.rules), "witness": each.witness.as_json()}
            for each in self.outcomes
        ]
        return {"target": self.target, "outcomes": rows, "incomplete": self.incomplete or None}


def enumeration(document: Document, demands: Demands, target: str, *, at: int = AT) -> Enumeration:
    """The question behind a table."""
    return Enumeration(scene=demands.scene(target, at), demands=demands.at(target), classes=document.classes, most=MOST)


def table(document: Document, target: str, ask: Ask, *, at: int = AT) -> Table:
    """The table of a target; of an undeclared one, that all is refused."""
    problem = enumeration(document, Demands(document), target, at=at)
    return table_of(problem, ask([problem])[0])


def tables(document: Document, ask: Ask, *, at: int = AT) -> tuple[Table, ...]:
    """The tables of all targets."""
    demands = Demands(document)
    problems = [enumeration(document, demands, target, at=at) for target in demands.targets]
    return tuple(map(table_of, problems, ask(problems)))


def table_of(problem: Enumeration, answer: Answer | None) -> Table:
    """The table that an answer gives."""
    target = problem.scene.target
    if not isinstance(answer, Enumerated):
        return Table(target=target, outcomes=(), incomplete=UNANSWERED)
    rows = tuple(outcome(problem, each) for each in answer.outcomes)
    return Table(target=target, outcomes=rows, incomplete=answer.incomplete)


def outcome(problem: Enumeration, reached: Reached) -> Outcome:
    """An outcome in words. Shown are the facts of rules that ask for something else than they do without facts."""
    now = demanded_by(problem.demands, reached.facts, problem.classes)
    about: list[Demand] = [each for each in problem.demands if each.rule in now.rules]
    pairs = shown(problem.scene, reached.facts, about)
    witness = Witness(target=problem.scene.target, facts=reached.facts, shown=pairs, now=now)
    return Outcome(requirement=reached.requirement, text=now.text, rules=now.rules, witness=witness)
