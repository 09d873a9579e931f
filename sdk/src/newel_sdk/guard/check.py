"""The two checks a route may have: a static requirement, and an action whose own values decide.

The order is fixed: the token first, so that a stranger learns nothing of the policy; then the evidence; then the
approval; and only what passed all of these is spent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from newel_sdk.action import Fields, Target, authorization_detail, check_fields
from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims, Elevation
from newel_sdk.errors import InputRefused
from newel_sdk.guard.elevation import find_elevation, spent_key
from newel_sdk.guard.outcome import Allowed, Demand, Outcome
from newel_sdk.guard.spent import SpentStore
from newel_sdk.requirement import ClassOrder, Requirement

Parsed = Mapping[str, Any]
Facts = Mapping[str, Any]
FieldsOf = Callable[[Parsed, Claims], Fields]
FactsOf = Callable[[Parsed, Claims], Facts]
DemandOf = Callable[[Fields, Facts], Demand | None]


class RouteCheck(Protocol):
    """What adapters need of a check."""

    @property
    def reads_input(self) -> bool:
        """Say whether `parsed` must hold the request's form or JSON object."""

    async def prepare(self, token: str | None) -> None:
        """Fetch what deciding may need; raises FetchFailed."""

    def authenticate(self, token: str | None) -> Claims | Unauthorized:
        """Say who is asking, before anything else of the request is read."""

    def decide(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide on one request; `bound` insists on an approval, as a resumed request must."""


class TokenVerifier(Protocol):
    """What a check needs of its guard: who is asking, and the time."""

    audience: str
    clock: Callable[[], int]
    leeway: int

    async def prepare(self, token: str | None) -> None:
        """Fetch keys that the token needs and that are not known."""

    def authenticate(self, token: str | None, now: int) -> Claims | Unauthorized:
        """Return what the token says, if it may be believed at `now`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A static requirement."""

    guard: TokenVerifier
    requirement: Requirement
    because: str = ""

    @property
    def reads_input(self) -> bool:
        """Say whether the request's own values matter: they do not."""
        return False

    async def prepare(self, token: str | None) -> None:
        """Fetch what deciding may need; raises FetchFailed."""
        await self.guard.prepare(token)

    def authenticate(self, token: str | None) -> Claims | Unauthorized:
        """Say who is asking, before anything else of the request is read."""
        return self.guard.authenticate(token, self.guard.clock())

    def decide(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide on one request at `now` (seconds; the guard's clock when None); `fields` are then what was parsed."""
        del bound
        guard = self.guard
        at = guard.clock() if now is None else now
        claims = guard.authenticate(token, at)
        if isinstance(claims, Unauthorized):
            return claims
        requirement = self.requirement
        if requirement.met_by(claims, at, guard.leeway):
            return Allowed(claims, None, parsed) if parsed else Allowed(claims)
        return Challenge(acr_values=requirement.acr_values, max_age=requirement.max_age, because=self.because)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCheck:
    """An action: which values it will execute, what they demand, and whether the approval in the token fits them."""

    guard: TokenVerifier
    target: Target
    requirement: Requirement
    fields: Mapping[str, str] | FieldsOf
    facts: FactsOf | None
    demand: DemandOf | None
    order: ClassOrder
    spent: SpentStore | None
    because: str = ""

    @property
    def reads_input(self) -> bool:
        """Say whether the request's own values matter: they do."""
        return True

    async def prepare(self, token: str | None) -> None:
        """Fetch what deciding may need; raises FetchFailed."""
        await self.guard.prepare(token)

    def authenticate(self, token: str | None) -> Claims | Unauthorized:
        """Say who is asking, before anything else of the request is read."""
        return self.guard.authenticate(token, self.guard.clock())

    def decide(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide on one request at `now`; raises InputRefused or ActionRefused for values that cannot be executed."""
        at = self.guard.clock() if now is None else now
        claims = self.guard.authenticate(token, at)
        if isinstance(claims, Unauthorized):
            return claims
        fields = self._fields(parsed or {}, claims)
        facts = self.facts(parsed or {}, claims) if self.facts else {}
        asked = (self.demand(fields, facts) if self.demand else None) or Demand()
        demanded = self.order.require(asked.acr, asked.max_age)
        challenge = self._challenge(asked, demanded, fields, bind=bound or asked.bind)
        leeway = self.guard.leeway
        if not (self.requirement.met_by(claims, at, leeway) and demanded.met_by(claims, at, leeway)):
            return challenge("")
        if not (bound or asked.bind):
            return Allowed(claims=claims, fields=fields, facts=facts)
        elevation, misfit = find_elevation(
            claims, target=self.target, fields=fields, audience=self.guard.audience, now=at
        )
        if elevation is None:
            return challenge(misfit)
        if elevation.binding != "signed" and self._signature_demanded(asked):
            return challenge("a signature is needed; a code can only confirm")
        return self._spend(claims, elevation, fields, facts, challenge)

    def _fields(self, parsed: Parsed, claims: Claims) -> Fields:
        if callable(self.fields):
            fields = self.fields(parsed, claims)
        else:
            for name in self.fields.values():
                if name not in parsed:
                    raise InputRefused(f"{name} is missing")
            fields = {field: parsed[name] for field, name in self.fields.items()}
        check_fields(fields)
        return fields

    def _challenge(
        self, asked: Demand, demanded: Requirement, fields: Fields, *, bind: bool
    ) -> Callable[[str], Challenge]:
        def challenge(misfit: str) -> Challenge:
            pair = ClassOrder.join([self.requirement, demanded])
            return Challenge(
                acr_values=pair.acr_values,
                max_age=pair.max_age,
                authorization_details=(authorization_detail(self.target, fields),) if bind else (),
                because=misfit or asked.because or self.because,
            )

        return challenge

    def _signature_demanded(self, asked: Demand) -> bool:
        # phr and what counts as it is reached by signatures alone, so its bound event must be one.
        return asked.acr is not None and "phr" in self.order.counts_as and asked.acr in self.order.up_set("phr")

    def _spend(
        self, claims: Claims, elevation: Elevation, fields: Fields, facts: Facts, challenge: Callable[[str], Challenge]
    ) -> Outcome:
        key = spent_key(claims.issuer, elevation)
        if self.spent is not None:
            if not self.spent.spend(key, elevation.expires_at):
                return challenge("this approval was used before")
            return Allowed(claims=claims, elevation=elevation, fields=fields, facts=facts)
        return Allowed(claims=claims, elevation=elevation, fields=fields, facts=facts, unspent_key=key)
