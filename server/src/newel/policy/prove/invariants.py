"""Proves what a policy says of itself: each invariant holds for every request, does not hold for one, or is unknown."""

from collections.abc import Mapping
from typing import Any, Literal

from newel.domain.assurance import Classes
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.document import EVERYWHERE, Document, Invariant, Place
from newel.policy.lang.core import Core
from newel.policy.prove.demand import AT, Demand, Demands
from newel.policy.prove.problem import UNANSWERED, Answer, Ask, Claim, Judged
from newel.policy.prove.replay import reads
from newel.policy.prove.witness import Witness, demanded_by, shown
from newel.policy.words import requirement_text

State = Literal["proved", "refuted", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of an invariant; `vacuous` where it speaks of no request at all."""

    invariant: str
    place: Place
    state: State
    claimed: str
    reason: str = ""
    witness: Witness | None = None
    vacuous: bool = False

    def lines(self) -> tuple[str, ...]:
        """The verdict as a terminal shows it."""
        said = [f"{self.state}: {self.invariant} ({self.place.file}:{self.place.line})"]
        if self.vacuous:
            said.append("  no request meets its condition")
        if self.witness is not None:
            said += [f"  {self.claimed}, but", *(f"  {line}" for line in self.witness.lines())]
        return (*said, *([f"  {self.reason}"] if self.reason else []))

    def as_json(self) -> Mapping[str, Any]:
        """The verdict for a machine."""
        return {
            "invariant": self.invariant,
            "state": self.state,
            "claimed": self.claimed,
            "reason": self.reason or None,
            "vacuous": self.vacuous,
            "place": {"file": self.place.file, "line": self.place.line},
            "witness": None if self.witness is None else self.witness.as_json(),
        }


def prove(document: Document, ask: Ask, *, at: int = AT) -> tuple[Verdict, ...]:
    """A verdict on each invariant. Witnesses lie near the time `at` (Unix seconds)."""
    demands = Demands(document)
    asked = [(each, target) for each in document.invariants for target in each.targets]
    problems = [_claim(document, demands, each, target, at) for each, target in asked]
    names = ((each.id, target) for each, target in asked)
    answers = dict(zip(names, zip(problems, ask(problems), strict=True), strict=True))
    return tuple(_verdict(document, each, answers) for each in document.invariants)


def _claim(document: Document, demands: Demands, invariant: Invariant, target: str, at: int) -> Claim:
    return Claim(
        scene=demands.scene(target, at),
        demands=demands.at(target),
        condition=condition_at(invariant, target),
        at_least=invariant.at_least,
        at_most=invariant.at_most,
        classes=document.classes,
    )


def condition_at(invariant: Invariant, target: str) -> Core:
    """The condition of an invariant as it reads at one of its targets."""
    return invariant.conditions.get(target.partition(":")[0]) or invariant.conditions[EVERYWHERE]


def _verdict(
    document: Document, invariant: Invariant, answers: Mapping[tuple[str, str], tuple[Claim, Answer | None]]
) -> Verdict:
    """Refuted by one target, unknown by one, else proved."""
    judged = [(claim, _judged(answer)) for claim, answer in (answers[invariant.id, each] for each in invariant.targets)]
    state: State = "proved"
    for worse in ("unknown", "refuted"):
        if any(each.state == worse for _, each in judged):
            state = worse
    claim, worst = next((pair for pair in judged if pair[1].state == state), (None, Judged(state="proved")))
    return Verdict(
        invariant=invariant.id,
        place=invariant.place,
        state=state,
        claimed=f"claimed: {claim_text(invariant, document.classes)}",
        reason=worst.reason,
        witness=None if claim is None or worst.facts is None else _witness(claim, worst.facts),
        vacuous=state == "proved" and bool(judged) and all(each.vacuous for _, each in judged),
    )


def _judged(answer: Answer | None) -> Judged:
    if isinstance(answer, Judged):
        return answer
    return Judged(state="unknown", reason=UNANSWERED)


def claim_text(invariant: Invariant, classes: Classes) -> str:
    """What an invariant claims, without where it does."""
    sides = (("at least", invariant.at_least), ("at most", invariant.at_most))
    said = [f"{word} {requirement_text(each, classes)}" for word, each in sides if each is not None]
    return " and ".join(said)


def _witness(claim: Claim, facts: Mapping[str, Any]) -> Witness:
    """The request: facts of the condition and of the rules that match (for `at_least`, that do not)."""
    now = demanded_by(claim.demands, facts, claim.classes)
    about = [each for each in claim.demands if each.rule in now.rules]
    if claim.at_least is not None:
        about += [each for each in claim.demands if _would_do(each, claim.at_least)]
    pairs = shown(claim.scene, facts, about, reads(claim.condition))
    return Witness(target=claim.scene.target, facts=facts, shown=pairs, now=now)


def _would_do(demand: Demand, least: Requirement) -> bool:
    """Whether a rule alone would keep a claim, and not merely by refusing everything."""
    return least <= demand.floor and demand.floor.denied == least.denied
