"""Decide: from an authorization request and its subject to what is demanded, what is there, and what is missing.

A request is the join of the built-in sign-in target, of every scope, of its bound action, and of what the client asked
by acr and max_age. Values of acr are alternatives, so they stay beside the lattice: `candidates` lists one requirement
for each, in the client's order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache

from newel.domain.assurance import Classes
from newel.domain.audit import DecisionRecord
from newel.domain.authorization import AuthorizationRequest, Prompt
from newel.domain.client import Client
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.grace import Skippable, skips_of_both
from newel.domain.interaction import Decided, Interaction, Reason
from newel.domain.plan import Plan, plan
from newel.domain.requirement import DENY, SESSION, Requirement, join, join_all, pointwise, require
from newel.domain.session import Session
from newel.domain.standing import Standing
from newel.domain.subject import Subject
from newel.domain.value import dataclass, replace
from newel.flows.facts import action_facts, directory_facts, fits, server_facts
from newel.policy.base import SIGN_IN, Decision, DecisionRequest, scope_target
from newel.services import Services

KEPT = 1024
"""Requirements that are kept because clients keep asking the same."""


@dataclass(frozen=True, slots=True)
class Person:
    """A subject and its authenticators, unsettled ones with their ceiling."""

    subject: Subject
    authenticators: Mapping[str, Authenticator]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person stands: the demand that is pursued, what was proven, and the plan.

    `fallen` says that the policy's demand cannot be met and its declared fallback is pursued; `skipped` are the rules
    whose demand is left out because the person puts it off.
    """

    demanded: Requirement
    standing: Standing
    plan: Plan
    fallen: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision about one request depends on; `counted` are the counters of its action, this request included."""

    request: AuthorizationRequest
    client: Client
    person: Person
    address: str
    now: int
    counted: Mapping[str, int] = field(default_factory=dict)


def decide(services: Services, situation: Situation, earlier: Decided | None = None) -> tuple[Decided, DecisionRecord]:
    """The policy's demand for a request, joined with an `earlier` decision of the same interaction, and its record.

    Where another policy came between, an action whose fields are no longer the declared ones is denied.
    """
    request, policy = situation.request, services.policy
    facts = facts_of(services, situation)
    targets = (SIGN_IN, *map(scope_target, request.scope), *((request.action.target,) if request.action else ()))
    made = {target: policy.recorded(DecisionRequest(target=target, facts=facts)) for target in targets}
    decisions = [decision for decision, _ in made.values()]
    classes = policy.classes
    if earlier is not None and not fits(policy, request.action):
        earlier = replace(earlier, requirement=DENY, fallback=None)
    requirement = _demanded(situation, decisions, earlier, classes)
    fallback = _fallback(situation, decisions, earlier, classes)
    reasons = tuple(dict.fromkeys(reason for decision in decisions for reason in decision.reasons))
    decided = Decided(
        requirement=requirement,
        policy=policy.version,
        reasons=reasons,
        facts=facts,
        fallback=fallback,
        grace=_grace(situation, decisions, earlier, classes),
    )
    return decided, recorded(made, decided, methods=methods_of(situation.person))


def recorded(made: Mapping[str, tuple[Decision, str]], decided: Decided, *, methods: tuple[str, ...]) -> DecisionRecord:
    """The record of a decision that was made at each of these targets, with the bits of its atomic conditions."""
    return DecisionRecord(
        targets=tuple(made),
        policy=decided.policy,
        facts=decided.facts,
        conditions={name: truth for decision, _ in made.values() for name, truth in decision.conditions.items()},
        reasons=decided.reasons,
        requirement=describe(decided.requirement),
        outcome="asked",
        atoms={target: bits for target, (_, bits) in made.items() if bits},
        methods=methods,
    )


def methods_of(person: Person) -> tuple[str, ...]:
    """What a person has enrolled, by method."""
    return tuple(sorted({each.method for each in person.authenticators.values()}))


def _demanded(
    situation: Situation, decisions: Sequence[Decision], earlier: Decided | None, classes: Classes
) -> Requirement:
    """The join of what the targets demand, what their action binds, and the client's own minimum."""
    requirement = join_all(decision.requirement for decision in decisions)
    action, least = situation.request.action, situation.client.minimum_acr
    if action is not None:
        requirement = join(requirement, require(bind={"aal1": frozenset(action.fields)}))
    if least is not None:
        requirement = join(requirement, _asked(least, SESSION, classes))
    return requirement if earlier is None else join(requirement, earlier.requirement)


def _fallback(
    situation: Situation, decisions: Sequence[Decision], earlier: Decided | None, classes: Classes
) -> Requirement | None:
    """The same, with what rules declare to demand where theirs cannot be met; None where no rule declares anything."""
    declared = [each for each in decisions if each.fallback is not None]
    if not declared and (earlier is None or earlier.fallback is None):
        return None
    lesser = [each if each.fallback is None else replace(each, requirement=each.fallback) for each in decisions]
    before = earlier and replace(earlier, requirement=earlier.fallback or earlier.requirement)
    return _demanded(situation, lesser, before, classes)


def _grace(
    situation: Situation, decisions: Sequence[Decision], earlier: Decided | None, classes: Classes
) -> Skippable | None:
    """What may be put off, of the sign-in's demand alone and in both decisions; nothing where an action is bound."""
    sign_in = decisions[0]
    before = earlier.grace if earlier is not None else None
    if (sign_in.grace is None and before is None) or situation.request.action is not None:
        return None
    lesser = sign_in if sign_in.grace is None else replace(sign_in, requirement=sign_in.grace.demanded)
    first = earlier if earlier is None or before is None else replace(earlier, requirement=before.demanded)
    return Skippable(
        demanded=_demanded(situation, [lesser, *decisions[1:]], first, classes),
        rules=skips_of_both(before.rules if before else {}, sign_in.grace.rules if sign_in.grace else {}),
    )


def position(
    request: AuthorizationRequest | None, decided: Decided, standing: Standing, *, interaction: str
) -> Position:
    """Where `standing` is against what was decided and what the client asked.

    A candidate that is met ends the search; else the first that can be met is pursued, which takes a page; else the
    fallback that the policy declares; else, where best effort will do, the decision alone.
    """
    silent = request is not None and request.acr_best_effort and Prompt.NONE in request.prompt
    plans = _positions(request, decided.requirement, standing, interaction)
    best = _pursued(plans, silent=silent)
    if best is None and decided.fallback is not None:
        fallen = _pursued(_positions(request, decided.fallback, standing, interaction), silent=silent)
        best = fallen and replace(fallen, fallen=True)
    if best is not None:
        return best
    if request is not None and request.acr_best_effort:
        base = join(decided.requirement, _fresh(request, standing.classes))
        return Position(base, standing, plan(base, standing, interaction=interaction))
    return next((each for each in plans if each.plan.enrol), plans[0])


def _positions(
    request: AuthorizationRequest | None, decided: Requirement, standing: Standing, interaction: str
) -> list[Position]:
    return [
        Position(option, standing, plan(option, standing, interaction=interaction))
        for option in candidates(request, decided, standing.classes)
    ]


def _pursued(plans: list[Position], *, silent: bool) -> Position | None:
    """The first that is met, else the first that can be met on a page."""
    met = next((each for each in plans if each.plan.met), None)
    return met or next((each for each in plans if each.plan.possible and not silent), None)


def candidates(request: AuthorizationRequest | None, decided: Requirement, classes: Classes) -> Iterator[Requirement]:
    """One requirement for each acr the client named, in its order; the decision alone where it named none."""
    if request is None:
        yield decided
    elif not request.acr_values:
        yield join(decided, _fresh(request, classes))
    else:
        for acr in request.acr_values:
            yield join(decided, _asked(acr, _age(request), classes))


def _age(request: AuthorizationRequest) -> int:
    return request.max_age or SESSION


def _fresh(request: AuthorizationRequest, classes: Classes) -> Requirement:
    return _asked("aal1", _age(request), classes)


def _asked(acr: str, age: int, classes: Classes) -> Requirement:
    """What a client asks by naming a class and an age; DENY for a class that the policy in force does not declare."""
    return _within(classes.below(acr), age)


@lru_cache(KEPT)
def _within(names: frozenset[str], age: int) -> Requirement:
    return Requirement(evidence=pointwise(((name, min(age, SESSION)) for name in names), min)) if names else DENY


def stand(services: Services, person: Person, interaction: Interaction, session: Session | None, now: int) -> Standing:
    """What a person stands on: the session's evidence and what was proven in the interaction."""
    lifted = session if session is not None and session.subject == person.subject.id else None
    events: tuple[Evidence, ...] = lifted.evidence if lifted else ()
    known = {event.id for event in events}
    request = interaction.request
    return Standing(
        now=now,
        active_at=lifted.active_at if lifted else now,
        events=(*events, *(event for event in interaction.evidence if event.id not in known)),
        authenticators=person.authenticators,
        digest=interaction.action.digest() if interaction.action else None,
        since=interaction.id if request is not None and request.fresh_only else None,
        classes=services.classes,
    )


def facts_of(services: Services, situation: Situation) -> dict[str, object]:
    """What the decision is made from."""
    request, policy = situation.request, services.policy
    return {
        **directory_facts(situation.person.subject, policy.facts_at(SIGN_IN)),
        **server_facts(request.client_id, situation.address, situation.now),
        **(action_facts(policy, request.action) if request.action is not None else {}),
        **situation.counted,
    }


@lru_cache(KEPT)
def describe(requirement: Requirement) -> str:
    """A requirement in one canonical line, for records and logs."""
    if requirement.denied:
        return "deny"
    parts = [f"{name}:{'session' if age >= SESSION else age}" for name, age in requirement.evidence]
    parts += [f"bind {name}({','.join(sorted(fields))})" for name, fields in requirement.bind]
    parts += [f"forbid {name}" for name in sorted(requirement.forbid)]
    parts += [f"approve {each.pool}x{each.number}" for each in requirement.approve]
    parts += [f"entitle {name}" for name in sorted(requirement.entitle)]
    parts += [f"meter {name}x{units}" for name, units in requirement.meter]
    return " ".join(parts) or "nothing"


def reached_times(standing: Standing) -> dict[str, int]:
    """Every class reached now, with its time."""
    return {name: proof.at for name, proof in sorted(standing.reached().items())}


def reasons_of(decided: Decided | None) -> tuple[Reason, ...]:
    """The reasons that have words."""
    return tuple(reason for reason in decided.reasons if reason.because) if decided else ()
