"""Evaluate: the decision a resource server asks for, judged against what the person's token proves.

Facts come from where the policy says: from the caller where it is registered for the resource, from the directory, from
the server. Evidence comes from the token alone. Every answer has its record, kept before the answer leaves (S33).
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.errors import InvalidRequest, TemporarilyUnavailable
from newel.domain.requirement import DENY, Requirement
from newel.domain.standing import Standing, satisfied
from newel.domain.value import dataclass, replace
from newel.flows.counters import Reservation
from newel.flows.decide import Person, describe, methods_of, reached_times
from newel.flows.facts import directory_facts, server_facts
from newel.flows.ground import Ground
from newel.flows.inquiry import Inquiry, Question
from newel.flows.presented import Elevated, Presented, elevated
from newel.flows.shortfall import Shortfall, shortfall, step_up
from newel.policy.base import Decision, DecisionRequest, Policy
from newel.policy.fields import read_path
from newel.storage.base import Unit

OURS = "newel."
"""What this server decides for itself begins so; no caller asks for it here."""
ANOTHER_PERSON = "the access token is another subject's"
FALLEN = "the demand cannot be met by this person, and the policy's fallback is demanded in its place"
NOT_ACTIVE = "the access token is not active, or not meant for this resource server"
MOST_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question and its record; `kept` where that is written already.

    `demanded` is what the evidence was judged by. `remarks` are reasons that no rule gave; `ignored` counts what the caller stated and was not taken. `facts` are what
    was decided on, the `counted` ones included.
    """

    permitted: bool
    decision: Decision
    demanded: Requirement = DENY
    short: Shortfall = Shortfall()
    remarks: tuple[str, ...] = ()
    ignored: int = 0
    reservation: str | None = None
    facts: Mapping[str, Any]
    counted: Mapping[str, Any]
    entry: Entry
    kept: bool = False


async def evaluate(inquiry: Inquiry, question: Question) -> Answer:
    """The answer, kept already where it reserved. FactRefused where a stated fact is of the wrong type or out of range.

    InvalidRequest for a reservation's key that answered another question, or was released.
    """
    key = question.reservation
    if key is None:
        return await _judged(inquiry, question)
    for _ in range(MOST_TRIES):
        repeated = await _repeated(inquiry, question, key)
        answer = await _judged(inquiry, question)
        if repeated:
            return _first(answer, key)
        if not answer.permitted:
            return answer
        reserved = await reserve(inquiry, question, answer, key)
        if reserved is not None:
            return reserved
    raise TemporarilyUnavailable("the counters did not stand still")


async def _repeated(inquiry: Inquiry, question: Question, key: str) -> bool:
    """Whether this question was permitted under its key before."""
    digest = await inquiry.counters.permitted(inquiry.caller.id, key)
    if digest is not None and digest != question.digest():
        raise InvalidRequest("this reservation key answered another question")
    return digest is not None


def _first(answer: Answer, key: str) -> Answer:
    """The first answer again: its counters are reserved already, and would count twice. Its token still has to stand."""
    if answer.remarks or ANOTHER_PERSON in answer.short.unmet:
        return answer
    record = answer.entry.decision
    entry = replace(
        answer.entry,
        body={**answer.entry.body, "repeated": True, "unmet": ()},
        decision=replace(record, outcome="met") if record else None,
    )
    return replace(answer, permitted=True, short=Shortfall(), reservation=key, entry=entry)


async def reserve(inquiry: Inquiry, question: Question, answer: Answer, key: str) -> Answer | None:
    """Keep a permitted answer with what it counts; None where a counter moved meanwhile and it has to be decided again."""
    kept = await inquiry.counters.reserve(
        Reservation(
            client=inquiry.caller.id,
            key=key,
            digest=question.digest(),
            target=question.target,
            facts=answer.facts,
            counted=answer.counted,
            at=inquiry.now,
            entry=replace(answer.entry, body={**answer.entry.body, "reserved": True}),
        )
    )
    return replace(answer, reservation=key, kept=True) if kept else None


async def release(inquiry: Inquiry, key: str, reason: str) -> bool:
    """Give back, once, what the caller reserved under a key. Whether there was such a reservation."""
    body = {"caller": inquiry.caller.id}
    entry = Entry(kind="pdp.released", at=inquiry.now, body=body, personal={"reservation": key, "reason": reason})
    return await inquiry.counters.release(inquiry.caller.id, key, entry)


def undecided(inquiry: Inquiry, error: str) -> Answer:
    """The answer to an item of a batch that could not be decided: no."""
    policy = inquiry.policy.version
    record = DecisionRecord(targets=(), policy=policy, facts={}, requirement="deny", outcome="refused")
    body = {"caller": inquiry.caller.id, "error": error}
    return Answer(
        permitted=False,
        decision=Decision(requirement=DENY, policy=policy),
        facts={},
        counted={},
        entry=Entry(kind="pdp.evaluated", at=inquiry.now, body=body, decision=record),
    )


async def keep(inquiry: Inquiry, answers: list[Answer]) -> None:
    """Record the answers that are not kept yet; together, so that they share one sync."""
    units = [Unit(audit=answer.entry) for answer in answers if not answer.kept]
    if len(units) == 1:
        await inquiry.services.store.commit(units[0])
    else:
        await asyncio.gather(*map(inquiry.services.store.commit, units))


def decide(policy: Policy, target: str, facts: Mapping[str, Any]) -> Decision:
    """The policy's decision; deny for what this server decides for itself."""
    if target.startswith(OURS):
        return Decision(requirement=DENY, policy=policy.version)
    return policy.decide(DecisionRequest(target=target, facts=facts))


def stand(inquiry: Inquiry, presented: Presented | None, action: Elevated | None = None) -> Standing:
    """What a token proves now, its bound action included; nothing without one."""
    classes = inquiry.policy.classes
    if presented is None:
        return Standing(now=inquiry.now, active_at=inquiry.now, classes=classes)
    return Standing(
        now=inquiry.now,
        active_at=presented.active_at,
        events=presented.grant.evidence,
        authenticators=presented.person.authenticators,
        digest=None if action is None else action.digest,
        classes=classes,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What an answer rests on: what the token shows, who is asked about, and why the token was set aside."""

    shown: Presented | None
    person: Person | None
    set_aside: str = ""


async def _looked_up(inquiry: Inquiry, question: Question) -> _Found:
    if question.unverified_token is None:
        return _Found(None, await inquiry.person(question.subject))
    shown = await inquiry.shown(question.unverified_token)
    if shown is None:
        return _Found(None, await inquiry.person(question.subject), NOT_ACTIVE)
    if shown.person.subject.id != question.subject:
        return _Found(None, None, ANOTHER_PERSON)
    return _Found(shown, shown.person)


async def _judged(inquiry: Inquiry, question: Question) -> Answer:
    at = inquiry.ground(question.resource, question.action)
    registered = await inquiry.states(question.resource)
    taken = at.take(question.stated, registered=registered)
    found = await _looked_up(inquiry, question)
    thing = await inquiry.thing(question.resource, question.thing) if at.unsaid(question.stated) else None
    shown = found.shown
    personal = {
        **at.of_thing(thing),
        **at.of_names(question.named, registered=registered),
        **taken.facts,
        **(directory_facts(found.person.subject, at.declared) if found.person else {}),
    }
    kept = server_facts(shown.claims.get("client_id") if shown else None, None, inquiry.now)
    facts = {**personal, **kept}
    counted = await inquiry.counters.read(question.target, facts, inquiry.now)
    facts |= counted
    decision = decide(inquiry.policy, question.target, facts)
    judgement = _judgement(inquiry, question, at, found, decision)
    record = DecisionRecord(
        targets=(question.target,),
        policy=decision.policy,
        facts=kept,
        conditions=decision.conditions,
        reasons=decision.reasons,
        requirement=describe(judgement.demanded),
        outcome=_outcome(judgement),
        reached=reached_times(judgement.standing),
        atoms=_atoms(inquiry, question.target, facts),
        methods=methods_of(found.person) if found.person else (),
    )
    return Answer(
        permitted=judgement.permitted,
        decision=decision,
        demanded=judgement.demanded,
        short=judgement.short,
        remarks=_remarks(judgement, found),
        ignored=taken.ignored,
        facts=facts,
        counted=counted,
        entry=Entry(
            kind="pdp.evaluated",
            at=inquiry.now,
            body={
                "caller": inquiry.caller.id,
                "ignored": taken.ignored,
                "unmet": judgement.short.unmet,
                **({"fallen": True} if judgement.fallen else {}),
            },
            personal={**personal, **counted, "subject": question.subject, "thing": question.thing},
            decision=record,
        ),
    )


def _atoms(inquiry: Inquiry, target: str, facts: Mapping[str, Any]) -> dict[str, str]:
    bits = inquiry.policy.atoms(DecisionRequest(target=target, facts=facts))
    return {target: bits} if bits else {}


def _outcome(judgement: "_Judgement") -> str:
    """As records say it."""
    if judgement.permitted:
        return "met"
    return "asked" if judgement.short.steps_up else "refused"


def _remarks(judgement: "_Judgement", found: _Found) -> tuple[str, ...]:
    inactive = (NOT_ACTIVE,) if found.set_aside == NOT_ACTIVE else ()
    return (*inactive, *((FALLEN,) if judgement.fallen else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """What was demanded, and how the token's evidence stands to it; `fallen` where it is the policy's fallback."""

    demanded: Requirement
    standing: Standing
    permitted: bool
    short: Shortfall
    fallen: bool


def _judgement(inquiry: Inquiry, question: Question, at: Ground, found: _Found, decision: Decision) -> _Judgement:
    """As in a flow: the fallback that the policy declares is demanded of a person who cannot meet the demand itself."""
    demanded, lesser, fallen = decision.requirement, decision.fallback, False
    standing = stand(inquiry, found.shown, _bound(inquiry, question, at, found.shown, demanded))
    met = satisfied(demanded, standing)
    if not met and lesser is not None and found.shown is not None and not step_up(demanded, standing).possible:
        demanded, fallen = lesser, True
        standing = stand(inquiry, found.shown, _bound(inquiry, question, at, found.shown, demanded))
        met = satisfied(demanded, standing)
    permitted = met and not found.set_aside
    short = Shortfall() if permitted else _short(demanded, standing, found)
    return _Judgement(demanded=demanded, standing=standing, permitted=permitted, short=short, fallen=fallen)


def _short(demanded: Requirement, standing: Standing, found: _Found) -> Shortfall:
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
