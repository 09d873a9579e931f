"""Evaluate: the decision a resource server asks for, judged against what the person's token proves.

Facts come from where the policy says: from the caller where it is registered for the resource, from the directory, from
the server. Evidence comes from the token alone. Every answer has its record, kept before the answer leaves (S33).
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.errors import InvalidRequest, TemporarilyUnavailable
from newel.domain.requirement import DENY, Requirement
from newel.domain.value import replace
from newel.domain.velocity import KeptReservation
from newel.flows.counters import Reservation
from newel.flows.facts import server_facts
from newel.flows.inquiry import Inquiry, Question
from newel.flows.judge import NOT_ACTIVE, Found, decide, judgement, looked_up
from newel.flows.shortfall import Shortfall
from newel.flows.verdict import Judgement
from newel.policy.base import Decision
from newel.storage.base import Unit

FALLEN = "the demand cannot be met by this person, and the policy's fallback is demanded in its place"
MOST_TRIES = 200
"""Each try fails because another reservation was kept meanwhile: so many may pass before this one gives up."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question and its record; `kept` where that is written already.

    `demanded` is what the evidence was judged by, `bound` the fields that it binds, `facts` what was decided on, the
    `counted` ones included. `remarks` are reasons that no rule gave; `ignored` counts what the caller stated and was not
    taken.
    """

    permitted: bool
    decision: Decision
    demanded: Requirement = DENY
    bound: tuple[str, ...] = ()
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

    InvalidRequest for a reservation's key that answered another question, or was released; Unregistered for one of a
    caller that is not registered for the type of resource.
    """
    key = question.reservation
    if key is None:
        return await _judged(inquiry, question)
    inquiry.check_reserves(question.resource)
    for _ in range(MOST_TRIES):
        first = await _first(inquiry, question, key)
        answer = await _judged(inquiry, question, first)
        if first is not None:
            return _again(answer, key, first)
        if not answer.permitted:
            return answer
        reserved = await reserve(inquiry, question, answer, key)
        if reserved is not None:
            return reserved
    raise TemporarilyUnavailable("the counters did not stand still")


async def _first(inquiry: Inquiry, question: Question, key: str) -> KeptReservation | None:
    """What was permitted for this question under its key before."""
    first = await inquiry.counters.permitted(inquiry.caller.id, key)
    if first is not None and first.digest != question.digest():
        raise InvalidRequest("this reservation key answered another question")
    return first


def _again(answer: Answer, key: str, first: KeptReservation) -> Answer:
    """The same question under the same key: decided anew with the counters of then, and counted no second time.

    What was permitted then is no permission now. An approval that was spent for it then is to be spent for it now.
    """
    entry = replace(answer.entry, body={**answer.entry.body, "repeated": True})
    if not answer.permitted:
        return msgspec.structs.replace(answer, entry=entry)
    bound = tuple(sorted({*answer.bound, *first.bound}))
    return msgspec.structs.replace(answer, bound=bound, reservation=key, entry=entry)


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
            bound=answer.bound,
            at=inquiry.now,
            entry=replace(answer.entry, body={**answer.entry.body, "reserved": True}),
        )
    )
    return msgspec.structs.replace(answer, reservation=key, kept=True) if kept else None


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


async def _judged(inquiry: Inquiry, question: Question, first: KeptReservation | None = None) -> Answer:
    target = question.target
    at = inquiry.ground(question.resource, question.action)
    registered = inquiry.states(question.resource)
    taken = at.take(question.stated, registered=registered)
    found = await looked_up(inquiry, question)
    thing = await inquiry.thing(question.resource, question.thing) if at.unsaid(taken.facts) else None
    shown = found.shown
    personal: dict[str, Any] = {} if thing is None else at.of_thing(thing)
    if at.has_names:
        personal |= at.of_names(question.named, registered=registered)
    personal |= taken.facts
    if found.person is not None:
        personal |= at.of_directory(found.person.subject)
    kept = server_facts(shown.claims.get("client_id") if shown else None, None, inquiry.now)
    facts = {**personal, **kept}
    counted = await inquiry.counters.read(target, facts, inquiry.now, first)
    facts |= counted
    decision, atoms = decide(inquiry.policy, target, facts)
    judged = judgement(inquiry, question, at, found, decision)
    record = replace(judged.record, targets=(target,), facts=kept, atoms={target: atoms} if atoms else {})
    return Answer(
        permitted=judged.permitted,
        decision=decision,
        demanded=judged.demanded,
        bound=_bound(judged.demanded),
        short=judged.short,
        remarks=_remarks(judged, found),
        ignored=taken.ignored,
        facts=facts,
        counted=counted,
        entry=Entry(
            kind="pdp.evaluated",
            at=inquiry.now,
            body={
                "caller": inquiry.caller.id,
                "ignored": taken.ignored,
                "unmet": judged.short.unmet,
                **({"fallen": True} if judged.fallen else {}),
                **({"session": shown.claims["sid"]} if shown else {}),
            },
            personal={**personal, **counted, "subject": question.subject, "thing": question.thing},
            decision=record,
        ),
    )


def _bound(demanded: Requirement) -> tuple[str, ...]:
    return tuple(sorted({name for _, names in demanded.bind for name in names})) if demanded.bind else ()


def _remarks(judged: Judgement, found: Found) -> tuple[str, ...]:
    inactive = (NOT_ACTIVE,) if found.set_aside == NOT_ACTIVE else ()
    return (*inactive, *((FALLEN,) if judged.fallen else ()))
