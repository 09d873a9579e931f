"""Whether a requirement can be met at all, or by somebody with given authenticators.

What no challenge can change (approvals, entitlements, quota, a key-bound token) counts as given, as far as it can be.
"""

from collections.abc import Iterable, Mapping

from newel.domain.assurance import Classes, reached
from newel.domain.evidence import Authenticator
from newel.domain.method import METHODS
from newel.domain.plan import plan
from newel.domain.requirement import Requirement
from newel.domain.standing import Approved, Standing
from newel.policy.document import Document
from newel.policy.prove.demand import Demand, join_faces

DIGEST = bytes(32)
NAME = "prover"


def authenticator(method: str, *, number: int = 0) -> Authenticator:
    """A settled authenticator of a method, as enrolment makes it."""
    return Authenticator(
        id=f"{method}-{number}",
        subject=NAME,
        method=method,
        name=method,
        created_at=0,
        material=b"",
        user_verifying=METHODS[method].signs,
    )


EVERY = tuple(authenticator(method) for method in METHODS)
"""One authenticator of every method that can be enrolled."""


def standing(
    requirement: Requirement, authenticators: Iterable[Authenticator], document: Document, *, now: int
) -> Standing:
    """Where somebody stands who has proved nothing yet and to whom all is given that can be."""
    classes = document.classes
    approvers = _reachable(EVERY, classes, now)
    approved = Approved(classes=approvers, at=now)
    return Standing(
        now=now,
        active_at=now,
        authenticators={each.id: each for each in authenticators},
        digest=DIGEST,
        approvals={each.pool: (approved,) * each.number for each in requirement.approve},
        entitlements=requirement.entitle,
        quota=_quota(document.meters),
        key_bound=True,
        classes=classes,
    )


def _quota(meters: Mapping[str, tuple[int, int]]) -> Mapping[str, int]:
    return {name: limit for name, (limit, _) in meters.items()}


def _reachable(authenticators: Iterable[Authenticator], classes: Classes, now: int) -> frozenset[str]:
    known = {each.id: each for each in authenticators}
    events = [each.evidence(event=each.id, at=now, interaction=NAME) for each in known.values()]
    return frozenset(reached(events, known, now=now, active_at=now, classes=classes))


def can_meet(
    requirement: Requirement, authenticators: Iterable[Authenticator], document: Document, *, now: int
) -> bool:
    """Whether challenges of these authenticators can meet a requirement that is not deny."""
    start = standing(requirement, authenticators, document, now=now)
    return plan(requirement, start, interaction=NAME).possible


def can_comply(
    matched: Iterable[Demand], authenticators: Iterable[Authenticator], document: Document, *, now: int
) -> bool:
    """The same for what some rules demand together, each by its fallback where it has one and all cannot be met."""
    demands = tuple(matched)
    owned = tuple(authenticators)
    first, last = join_faces(demands), join_faces(demands, fall_back=True)
    return can_meet(first, owned, document, now=now) or can_meet(last, owned, document, now=now)
