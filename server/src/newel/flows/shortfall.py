"""Shortfall: what is missing, in the words of RFC 9470 and of whoever cannot meet it yet."""

from collections.abc import Iterator

from newel.domain.assurance import Classes
from newel.domain.plan import Plan, plan
from newel.domain.requirement import SESSION, Requirement
from newel.domain.standing import Standing, missing
from newel.domain.value import dataclass, replace

TO_BE_CONFIRMED = b"an action that nobody has confirmed yet"
"""In place of the digest of an action that a step-up would bind: no event has it."""
NOT_ENROLLED = "what is required cannot be met with this account's authenticators"
NOBODY = "nothing that this person has enrolled can meet the demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What is missing.

    (`acr`, `max_age`) is the smallest pair at least as demanding as the missing evidence: `acr` is None where none is
    missing, `max_age` (seconds) where any age will do. `bind` names the fields that the person still has to confirm,
    `unmet` says in words what no step-up can bring, for the log of a resource server. `no_way` says that the person's
    authenticators are what falls short: the person is told so by whoever asked, in words of its own.
    """

    acr: str | None = None
    max_age: int | None = None
    bind: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    no_way: bool = False

    @property
    def steps_up(self) -> bool:
        """Whether a step-up can bring all that is missing."""
        return self.acr is not None and not self.unmet


def shortfall(requirement: Requirement, standing: Standing, *, known: bool) -> Shortfall:
    """What `standing` lacks of a `requirement` that is not deny; `known` says that it is a person's and not nobody's."""
    short = missing(requirement, standing)
    acr = _class(short, standing.classes)
    age = min((age for _, age in short.evidence), default=SESSION)
    unmet = [*_not_built(short)]
    if (short.evidence or short.bind) and acr is None:
        unmet.append("no single class counts as all that is demanded")
    no_way = known and acr is not None and not unmet and not _has_way(requirement, standing)
    if no_way:
        unmet.append(NOBODY)
    return Shortfall(
        acr=acr,
        max_age=None if age >= SESSION else age,
        bind=tuple(sorted(frozenset().union(*(fields for _, fields in short.bind)))),
        unmet=tuple(unmet),
        no_way=no_way,
    )


def _has_way(requirement: Requirement, standing: Standing) -> bool:
    """Whether what the person has enrolled, or could enrol on the way, can meet a requirement."""
    ways = step_up(requirement, standing)
    return ways.possible or bool(ways.enrol)


def step_up(requirement: Requirement, standing: Standing) -> Plan:
    """What a step-up in which the action is confirmed could bring."""
    return plan(requirement, replace(standing, digest=TO_BE_CONFIRMED), interaction="")


def unmet_words(requirement: Requirement, standing: Standing) -> str:
    """Why a requirement cannot be met, in words: what cannot be given yet, else what is not enrolled."""
    if requirement.denied:
        return "this is refused"
    return "; ".join(_not_built(missing(requirement, standing))) or NOT_ENROLLED


def _class(short: Requirement, classes: Classes) -> str | None:
    """The weakest class that counts as every class something is missing of."""
    names = frozenset(name for name, _ in (*short.evidence, *short.bind))
    fit = [name for name in classes.by_name if names <= classes.below(name)] if names else []
    return min(fit, key=lambda name: len(classes.below(name)), default=None)


def _not_built(short: Requirement) -> Iterator[str]:
    for each in short.approve:
        approvals = "an approval" if each.number == 1 else f"{each.number} approvals"
        yield f"{approvals} by {each.pool} would be needed, and approvals cannot be given yet"
    for name in sorted(short.entitle):
        yield f"the entitlement {name} would be needed, and entitlements cannot be granted yet"
    for name, units in short.meter:
        yield f"{units} from the meter {name} would be needed, and meters are not counted yet"
    if short.session.key_bound:
        yield "a key-bound access token is demanded, and none is issued yet"
