"""The guard of one resource server: whose tokens it believes, and what was verified, remembered and revoked."""

from collections.abc import Callable, Mapping
from typing import Literal

from newel_sdk.action import Target
from newel_sdk.challenge import Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.clock import unix_time
from newel_sdk.errors import Misconfigured, TokenRefused
from newel_sdk.guard.check import ActionCheck, Check, DemandOf, FactsOf, FieldsOf
from newel_sdk.guard.policy import KeyOf, PolicyCheck
from newel_sdk.guard.spent import SpentStore
from newel_sdk.jwks.key_set import KeySet
from newel_sdk.jwks.remote import RemoteKeys
from newel_sdk.pdp.point import DecisionPoint
from newel_sdk.requirement import CLASS_ORDER, ClassOrder
from newel_sdk.verify.access_token import LEEWAY, check_claims, verify_token_signature
from newel_sdk.verify.cache import TokenCache
from newel_sdk.verify.epoch import EpochWatch
from newel_sdk.verify.jws import unverified_kid

INVALID_TOKEN = "invalid_token"  # ruff: ignore[hardcoded-password-string] - a registered error code (RFC 6750 section 3.1)


class Guard:
    """Believes access tokens of one issuer for one audience, offline.

    `keys`: the issuer's keys, fetched when needed (the default) or a fixed set. `spent`: where approvals are spent.
    `epoch`: the watched `/epoch`; without it a revoked token lives until its `exp`. `leeway` in seconds. `pdp`: the
    decision point that every `require_action` asks.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: KeySet | RemoteKeys | None = None,
        spent: SpentStore | None = None,
        epoch: EpochWatch | None = None,
        pdp: DecisionPoint | None = None,
        order: Mapping[str, tuple[str, ...]] = CLASS_ORDER,
        leeway: int = LEEWAY,
        cache_size: int = 10_000,
        clock: Callable[[], int] = unix_time,
    ) -> None:
        if not issuer or not audience:
            raise Misconfigured("a guard needs an issuer and an audience")
        self.issuer, self.audience, self.leeway, self.clock = issuer, audience, leeway, clock
        self.keys = RemoteKeys(issuer) if keys is None else keys
        self.epoch, self._pdp = epoch, pdp
        self._spent, self._order, self._cache = spent, ClassOrder(order), TokenCache(cache_size)

    def require(self, *, acr: str | None = None, max_age: int | None = None, because: str = "") -> Check:
        """Make the check of a route that asks for a class and its greatest age in seconds; raises Misconfigured."""
        return Check(guard=self, requirement=self._order.require(acr, max_age), because=because)

    def require_action(
        self,
        target: str,
        *,
        fields: Mapping[str, str] | FieldsOf,
        facts: FactsOf | None = None,
        demand: DemandOf | None = None,
        acr: str | None = None,
        max_age: int | None = None,
        because: str = "",
        spend: Literal["guard", "effect"] = "guard",
        resource_id: KeyOf | None = None,
        reservation: KeyOf | None = None,
    ) -> ActionCheck:
        """Make the check of a route that executes `target` (`resource:action`).

        `fields` gives all values that will be executed; `facts` what else is looked at, neither shown nor bound. With
        `spend="effect"` the route spends by `allowed.spend(store)` in its own transaction. Where the guard has a `pdp`
        it is asked, and what it demands is joined with `acr`, `max_age` and `demand`; `resource_id` and `reservation`
        then give the resource's id and the idempotency key. Raises Misconfigured.
        """
        if spend == "guard" and self._spent is None:
            raise Misconfigured('an action needs a SpentStore, or spend="effect"')
        if self._pdp is None and (resource_id or reservation):
            raise Misconfigured("resource_id and reservation are for a guard with a pdp")
        check = ActionCheck(
            guard=self,
            target=Target.parse(target),
            requirement=self._order.require(acr, max_age),
            fields=fields,
            facts=facts,
            demand=demand,
            order=self._order,
            spent=self._spent if spend == "guard" else None,
            because=because,
        )
        if self._pdp is None:
            return check
        return PolicyCheck.of(check, self._pdp, resource_id=resource_id, reservation=reservation)

    async def prepare(self, token: str | None) -> None:
        """Fetch the key that a token names when it is not known; raises FetchFailed when there are no keys at all."""
        if not isinstance(self.keys, RemoteKeys) or not token:
            return
        if self._cache.get(token, self.keys.generation) is not None:
            return
        try:
            kid = unverified_kid(token)
        except TokenRefused:
            return
        await self.keys.ensure(kid)

    def authenticate(self, token: str | None, now: int) -> Claims | Unauthorized:
        """Return what the token says if it may be believed at `now`, else why not."""
        if not token:
            return Unauthorized(error="", because="no access token")
        keys, generation = self.keys, 0
        if isinstance(keys, RemoteKeys):
            generation, keys = keys.generation, keys.current
        known = self._cache.get(token, generation)
        try:
            claims = known or verify_token_signature(token, keys=keys)
            check_claims(claims, issuer=self.issuer, audience=self.audience, now=now, leeway=self.leeway)
        except TokenRefused as problem:
            self._cache.drop(token)
            return Unauthorized(error=INVALID_TOKEN, because=str(problem))
        if self.epoch is not None and self.epoch.revokes(claims):
            return Unauthorized(error=INVALID_TOKEN, because="revoked")
        if known is None:
            self._cache.put(token, claims, generation)
        return claims
