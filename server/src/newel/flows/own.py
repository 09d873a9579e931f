"""Own: what the policy demands of people at their own account, joined with what was decided before: S05's floor, or the
first decision of the same interaction. A policy only ever adds to it.

Coming to the account by signing in is decided with the sign-in itself; whoever is signed in already comes to it by the
account's own rules. Signing up by a one-time address is a ceremony of its own and is not decided here.
"""

from newel.domain.assurance import Classes
from newel.domain.audit import DecisionRecord
from newel.domain.grace import Skippable, skips_of_both
from newel.domain.interaction import Decided
from newel.domain.requirement import SESSION, Requirement, join, join_all, require
from newel.domain.value import replace
from newel.flows.decide import Person, methods_of, recorded
from newel.flows.facts import directory_facts, server_facts
from newel.policy.base import ACCOUNT_METHOD, NO_METHOD, SIGN_IN, Decision, DecisionRequest, account_target
from newel.services import Services

ADD, OPEN, ENTER = "add:", "open", "open:session"
"""What account interactions are begun for, beside `remove:ID`, `rename:ID:NAME` and `confirm:ID`: `add:METHOD`, to sign
in to the account, and to come to it in a session that is there.
"""


def opens(change: str) -> bool:
    """Whether it only leads to the account and changes nothing there."""
    return change in {OPEN, ENTER}


def targets_of(change: str) -> tuple[str, ...]:
    """The targets at which an account interaction is decided."""
    own = account_target(change.partition(":")[0])
    return (SIGN_IN, own) if change == OPEN else (own,)


def method_of(person: Person, change: str) -> str:
    """The method of the authenticator that a change is about; `none` where it is about none."""
    if change.startswith(ADD):
        return change.removeprefix(ADD)
    found = None if opens(change) else person.authenticators.get(change.split(":", 2)[1])
    return found.method if found is not None else NO_METHOD


def decide_own(
    services: Services, person: Person, change: str, earlier: Decided | None, *, address: str | None, now: int
) -> tuple[Decided, DecisionRecord]:
    """The policy's demand for an account interaction, joined with what was decided before, and its record.

    `address` is where the browser is, None where that is not known.
    """
    policy, targets = services.policy, targets_of(change)
    facts = {
        **directory_facts(person.subject, policy.facts_at(targets[-1])),
        **server_facts(None, address, now),
        ACCOUNT_METHOD: method_of(person, change),
    }
    made = {target: policy.recorded(DecisionRequest(target=target, facts=facts)) for target in targets}
    today = _joined([decision for decision, _ in made.values()], policy.version, services)
    decided = both(earlier, replace(today, facts=facts))
    return decided, recorded(made, decided, methods=methods_of(person))


def _joined(decisions: list[Decision], version: str, services: Services) -> Decided:
    """Several decisions as one; what may be put off is the sign-in's, and nothing else is put off with it."""
    lesser = [each.requirement if each.fallback is None else each.fallback for each in decisions]
    grace = decisions[0].grace
    return Decided(
        requirement=join_all(each.requirement for each in decisions),
        policy=version,
        reasons=tuple(dict.fromkeys(reason for each in decisions for reason in each.reasons)),
        fallback=join_all(lesser) if any(each.fallback is not None for each in decisions) else None,
        grace=grace and _with(grace, [each.requirement for each in decisions[1:]], services.classes),
    )


def _with(grace: Skippable, others: list[Requirement], classes: Classes) -> Skippable:
    """What stays demanded where the sign-in's demand is put off: one proof, and what other targets demand."""
    least = require({"aal1": SESSION}, classes=classes)
    return replace(grace, demanded=join_all((grace.demanded, least, *others)))


def both(earlier: Decided | None, today: Decided) -> Decided:
    """The join of two decisions of one account interaction; only what both allow may be put off."""
    if earlier is None:
        return today
    fallback = join(earlier.fallback or earlier.requirement, today.fallback or today.requirement)
    grace, before = today.grace, earlier.grace
    demanded = join(before.demanded if before else earlier.requirement, grace.demanded if grace else today.requirement)
    rules = skips_of_both(before.rules if before else {}, grace.rules if grace else {})
    return replace(
        today,
        requirement=join(earlier.requirement, today.requirement),
        reasons=tuple(dict.fromkeys((*earlier.reasons, *today.reasons))),
        fallback=fallback if earlier.fallback or today.fallback else None,
        grace=Skippable(demanded=demanded, rules=rules) if rules else None,
    )
