"""Judge: what a policy demands for a resource server's question, and how the evidence of a token stands to it."""

import json
from collections.abc import Mapping
from typing import Any

from newel.domain.audit import DecisionRecord
from newel.domain.requirement import DENY, Requirement
from newel.domain.standing import Standing, met_until, satisfied
from newel.domain.value import dataclass, replace
from newel.flows.decide import Person, describe, methods_of, reached_times
from newel.flows.ground import Ground
from newel.flows.inquiry import Inquiry, Question
from newel.flows.presented import Elevated, Presented, elevated
from newel.flows.shortfall import Shortfall, shortfall, step_up
from newel.flows.verdict import Judgement
from newel.policy.base import Decision, DecisionRequest, Policy
from newel.policy.fields import read_path

OURS = "newel."
"""What this server decides for itself begins so; no caller asks for it here."""
ANOTHER_PERSON = "the access token is another subject's"
ENOUGH = Shortfall()
NOT_ACTIVE = "the access token is not active, or not meant for this resource server"


def decide(policy: Policy, target: str, facts: Mapping[str, Any]) -> tuple[Decision, str]:
    """The policy's decision, and the bits of its atomic conditions; deny for what this server decides for itself."""
    if target.startswith(OURS):
        return Decision(requirement=DENY, policy=policy.version), ""
    return policy.recorded(DecisionRequest(target=target, facts=facts))


def stand(inquiry: Inquiry, presented: Presented | None, action: Elevated | None = None) -> Standing:
    """What a token proves now, its bound action included; nothing without one."""
    classes = inquiry.policy.classes
    if presented is None:
        return Standing(now=inquiry.now, active_at=inquiry.now, classes=classes)
    standing = Standing(
        now=inquiry.now,
        active_at=presented.active_at,
        events=presented.grant.evidence,
        authenticators=presented.person.authenticators,
        digest=None if action is None else action.digest,
        classes=classes,
    )
    return presented.steady.at(standing)


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer rests on: what the token shows, who is asked about, and why the token was set aside."""

    shown: Presented | None
    person: Person | None
    set_aside: str = ""


async def looked_up(inquiry: Inquiry, question: Question) -> Found:
    """What the token of a question shows, if any, and who is asked about."""
    if question.unverified_token is None:
        return Found(None, await inquiry.person(question.resource, question.subject))
    shown = await inquiry.shown(question.unverified_token)
    if shown is None:
        return Found(None, await inquiry.person(question.resource, question.subject), NOT_ACTIVE)
    if shown.person.subject.id != question.subject:
        return Found(None, None, ANOTHER_PERSON)
    return Found(shown, shown.person)


def judgement(inquiry: Inquiry, question: Question, at: Ground, found: Found, decision: Decision) -> Judgement:
    """As in a flow: the fallback that the policy declares is demanded of a person who cannot meet the demand itself."""
    shown = found.shown
    known = shown.met.judged(decision, inquiry.now) if shown is not None else None
    if known is not None:
        return known
    demanded, lesser, fallen = decision.requirement, decision.fallback, False
    standing = stand(inquiry, shown, _bound(inquiry, question, at, shown, demanded))
    met = satisfied(demanded, standing)
    if not met and lesser is not None and shown is not None and not step_up(demanded, standing).possible:
        demanded, fallen = lesser, True
        standing = stand(inquiry, shown, _bound(inquiry, question, at, shown, demanded))
        met = satisfied(demanded, standing)
    permitted = met and not found.set_aside
    short = ENOUGH if permitted else _short(demanded, standing, found)
    record = _record(
        decision, demanded, standing, found, "met" if permitted else "asked" if short.steps_up else "refused"
    )
    judged = Judgement(demanded=demanded, permitted=permitted, short=short, fallen=fallen, record=record)
    if shown is not None and permitted and not (fallen or demanded.bind or demanded.approve):
        shown.met.keep(decision, judged, inquiry.now, met_until(demanded, standing))
    return judged


def _record(
    decision: Decision, demanded: Requirement, standing: Standing, found: Found, outcome: str
) -> DecisionRecord:
    return DecisionRecord(
        targets=(),
        policy=decision.policy,
        facts={},
        conditions=decision.conditions,
        reasons=decision.reasons,
        requirement=describe(demanded),
        outcome=outcome,
        reached=reached_times(standing),
        methods=methods_of(found.person) if found.person else (),
    )


def _short(demanded: Requirement, standing: Standing, found: Found) -> Shortfall:
    """What is missing. A token that is no longer active is at least asked for anew."""
    if demanded.denied:
        return Shortfall()
    if found.set_aside == ANOTHER_PERSON:
        return Shortfall(unmet=(ANOTHER_PERSON,))
    short = shortfall(demanded, standing, known=found.shown is not None)
    if found.set_aside and short.acr is None and not short.unmet:
        return replace(short, acr=standing.classes.order[-1])
    return short


def _bound(
    inquiry: Inquiry, question: Question, at: Ground, shown: Presented | None, demanded: Requirement
) -> Elevated | None:
    """The action that the token's person confirmed, where it is the one that is asked about and holds every bound field."""
    bind = demanded.bind
    action = elevated(shown, inquiry.caller, question.target, inquiry.now) if bind and shown is not None else None
    if action is None:
        return None
    fields = action.action["fields"]
    whole = all(names <= fields.keys() | at.optional for _, names in bind)
    return action if whole and _agrees(at, question, fields) else None


def _agrees(at: Ground, question: Question, fields: Mapping[str, Any]) -> bool:
    """Whether all that a caller says of an action's fields, taken or not, is what the person confirmed."""
    said = {name: value for name, value in question.properties.items() if name in at.fields}
    if said and not _same(said, fields):
        return False
    facts = ((at.meant.get(path), value) for path, value in question.stated.items())
    return all(_same(read_path(fields, fact.field), value) for fact, value in facts if fact is not None and fact.field)


def _same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON: true is not 1."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
