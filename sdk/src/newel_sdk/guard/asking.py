"""Checks that have to ask somebody else: awaited, and of no use to whoever does not wait.

`enforce` decides by any check. `Enforced` is the base of those that ask, `Around` of those that stand around another
check and change what goes in, or what comes out in words.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NoReturn

from newel_sdk.challenge import Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.errors import Misconfigured
from newel_sdk.guard.check import Parsed, RouteCheck
from newel_sdk.guard.outcome import Outcome


class Enforced(ABC):
    """A check that has to ask somebody else."""

    __slots__ = ()

    @property
    def reads_input(self) -> bool:
        """Say whether the request's own values matter: they do."""
        return True

    def decide(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> NoReturn:
        """Refuse: nothing is decided here without asking."""
        del token, parsed, now, bound
        raise Misconfigured("the policy decides this: await enforce")

    @abstractmethod
    async def enforce(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Ask and decide on one request; as `decide` of other checks, and raises DecisionFailed where nobody answers."""


async def enforce(
    check: RouteCheck, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
) -> Outcome:
    """Decide on one request by any check, asking whom it asks; as `check.decide`, and raises DecisionFailed."""
    if isinstance(check, Enforced):
        return await check.enforce(token, parsed, now=now, bound=bound)
    return check.decide(token, parsed, now=now, bound=bound)


@dataclass(frozen=True, slots=True)
class Around(Enforced):
    """A check around another: the same question about the same token, until `enforce` is written anew."""

    check: RouteCheck

    async def prepare(self, token: str | None) -> None:
        """Fetch what deciding may need; raises FetchFailed."""
        await self.check.prepare(token)

    def authenticate(self, token: str | None) -> Claims | Unauthorized:
        """Say who is asking, before anything else of the request is read."""
        return self.check.authenticate(token)

    async def enforce(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide as the check inside does."""
        return await enforce(self.check, token, parsed, now=now, bound=bound)
