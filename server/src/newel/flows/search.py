"""Search: which subjects, resources or actions an evaluation would permit now.

It ranges over the directory's subjects, the resources that the caller registered and the policy's actions. A result is
what the same evaluation permits; what a step-up would permit is none. A caller that is not registered for the type of the resource finds nothing.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.standing import Standing, satisfied
from newel.domain.subject import Subject
from newel.domain.value import dataclass
from newel.flows.facts import directory_facts, server_facts
from newel.flows.ground import Ground, Taken
from newel.flows.inquiry import Inquiry, Question
from newel.flows.judge import decide, stand
from newel.flows.registry import Thing
from newel.storage.base import Unit
from newel.storage.sql.subjects import subjects

PERSONS = frozenset({"user", "person"})
"""The types of the directory's subjects, as AuthZEN's examples and the SDK call them."""
LOOKED_AT = 500
"""Candidates that one page looks at, whether they are permitted or not."""


@dataclass(frozen=True, slots=True)
class Page:
    """Results, and the candidate behind which the next page begins; empty at the end."""

    found: tuple[str, ...]
    behind: str = ""
    looked_at: int = 0


NOTHING = Page(())


async def permitted_subjects(inquiry: Inquiry, question: Question, kind: str, after: str, limit: int) -> Page:
    """The subjects of type `kind` that may do what is asked."""
    target = question.target
    at = inquiry.ground(question.resource, question.action)
    taken = _taken(inquiry, question, at)
    known = kind in PERSONS and question.resource in inquiry.policy.resources
    if not known or not inquiry.states(question.resource):
        return NOTHING
    common = await _common(inquiry, question, at, taken)
    standing = stand(inquiry, None)

    async def permitted(candidate: Subject) -> bool:
        facts = {**common, **directory_facts(candidate, at.declared), **server_facts(None, None, inquiry.now)}
        return not candidate.disabled and await _permits(inquiry, target, facts, standing)

    candidates = await inquiry.services.store.all(subjects(after, LOOKED_AT))
    verdicts = ((each.id, await permitted(each)) for each in candidates)
    return await _page(verdicts, limit, full=len(candidates) == LOOKED_AT)


async def permitted_resources(inquiry: Inquiry, question: Question, after: str, limit: int) -> Page:
    """The resources of the asked type, as the caller registered them, to which the subject may do what is asked."""
    target = question.target
    at = inquiry.ground(question.resource, question.action)
    taken = _taken(inquiry, question, at)
    who = await _who(inquiry, question)
    if who is None:
        return NOTHING
    known = {**directory_facts(who.subject, at.declared), **server_facts(who.client, None, inquiry.now)}

    async def permitted(thing: Thing) -> bool:
        named = {**question.named, "resource.id": thing.id}
        facts = {**at.of_thing(thing), **at.of_names(named, registered=True), **taken.facts, **known}
        return await _permits(inquiry, target, facts, who.standing)

    things = await inquiry.registry.things(inquiry.caller.id, question.resource, after, LOOKED_AT)
    verdicts = ((each.id, await permitted(each)) for each in things)
    return await _page(verdicts, limit, full=len(things) == LOOKED_AT)


async def permitted_actions(inquiry: Inquiry, question: Question, after: str, limit: int) -> Page:
    """The policy's actions that the subject may do to the asked resource, in the policy's order."""
    resource = inquiry.policy.resources.get(question.resource)
    who = await _who(inquiry, question)
    actions = list(resource.verbs) if resource else []
    at = inquiry.ground(question.resource, actions[0] if actions else "")
    taken = _taken(inquiry, question, at)
    if who is None:
        return NOTHING
    common = await _common(inquiry, question, at, taken)
    known = {**common, **directory_facts(who.subject, at.declared), **server_facts(who.client, None, inquiry.now)}

    async def permitted(action: str) -> bool:
        facts = {**known, **at.of_names({"action.name": action}, registered=True)}
        return await _permits(inquiry, f"{question.resource}:{action}", facts, who.standing)

    left = actions[actions.index(after) + 1 :] if after in actions else actions
    return await _page(((each, await permitted(each)) for each in left), limit, full=False)


async def keep_search(inquiry: Inquiry, question: Question, what: str, page: Page) -> None:
    """Record what was searched, how many the page looked at and what it found."""
    record = DecisionRecord(
        targets=(question.target,),
        policy=inquiry.policy.version,
        facts={},
        requirement="",
        outcome="met" if page.found else "refused",
    )
    entry = Entry(
        kind="pdp.searched",
        at=inquiry.now,
        body={"caller": inquiry.caller.id, "for": what, "looked_at": page.looked_at, "found": len(page.found)},
        personal={"subject": question.subject, "thing": question.thing, "found": page.found},
        decision=record,
    )
    await inquiry.services.store.commit(Unit(audit=entry))


@dataclass(frozen=True, slots=True)
class _Who:
    """The subject of a search, what its token proves, and whose the token is."""

    subject: Subject
    standing: Standing
    client: str | None


async def _who(inquiry: Inquiry, question: Question) -> _Who | None:
    """None for a subject that the directory does not have, where a token shows another one or none, or to an unregistered caller."""
    if question.subject_type not in PERSONS or not inquiry.states(question.resource):
        return None
    if question.unverified_token is None:
        person = await inquiry.person(question.resource, question.subject)
        return None if person is None else _Who(person.subject, stand(inquiry, None), None)
    shown = await inquiry.shown(question.unverified_token)
    if shown is None or shown.person.subject.id != question.subject:
        return None
    return _Who(shown.person.subject, stand(inquiry, shown), shown.claims.get("client_id"))


def _taken(inquiry: Inquiry, question: Question, at: Ground) -> Taken:
    return at.take(question.stated, registered=inquiry.states(question.resource))


async def _common(inquiry: Inquiry, question: Question, at: Ground, taken: Taken) -> dict[str, Any]:
    """The facts that are the same for every candidate, where the resource is not what is searched for."""
    thing = await inquiry.thing(question.resource, question.thing) if at.unsaid(taken.facts) else None
    named = at.of_names(question.named, registered=inquiry.states(question.resource))
    return {**at.of_thing(thing), **named, **taken.facts}


async def _permits(inquiry: Inquiry, target: str, facts: Mapping[str, Any], standing: Standing) -> bool:
    counted = await inquiry.counters.read(target, facts, inquiry.now)
    decision, _ = decide(inquiry.policy, target, {**facts, **counted})
    return satisfied(decision.requirement, standing)


async def _page(verdicts: AsyncIterator[tuple[str, bool]], limit: int, *, full: bool) -> Page:
    """The first `limit` that are permitted; `full` where there may be more candidates behind them."""
    found: list[str] = []
    last, looked_at = "", 0
    async for identifier, permitted in verdicts:
        if permitted and len(found) == limit:
            return Page(tuple(found), last, looked_at)
        last, looked_at = identifier, looked_at + 1
        if permitted:
            found.append(identifier)
    return Page(tuple(found), last if full else "", looked_at)
