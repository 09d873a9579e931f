"""Verdict: how evidence stands to what a policy demands, and for how long that is known."""

import msgspec

from newel.domain.audit import DecisionRecord
from newel.domain.requirement import Requirement
from newel.flows.shortfall import Shortfall
from newel.policy.base import Decision


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What was demanded, and how the token's evidence stands to it; `fallen` where it is the policy's fallback.

    `record` says so, but for what is of one question: its target, its facts and its atomic conditions.
    """

    demanded: Requirement
    permitted: bool
    short: Shortfall
    fallen: bool
    record: DecisionRecord


class Met:
    """The last decision that the evidence of one token met, and what was judged of it.

    It stands for that very decision, until the first second at which time alone could change it.
    """

    def __init__(self) -> None:
        self._decision: Decision | None = None
        self._judged: Judgement | None = None
        self._since = self._until = 0

    def judged(self, decision: Decision, now: int) -> Judgement | None:
        """What is known of a decision at `now`."""
        return self._judged if decision is self._decision and self._since <= now < self._until else None

    def keep(self, decision: Decision, judged: Judgement, since: int, until: int) -> None:
        """Remember that the demand is met from `since` on and before `until`."""
        self._decision, self._judged, self._since, self._until = decision, judged, since, until
