"""Asking: the policy says what a payment demands, and what is not sent because of it is told in the bank's words.

1. A form that moved the ledger moves it no more: its receipt needs no decision, and the policy is not asked again.
2. What the policy does not let through, and what nobody can answer just now, sends nothing and keeps the form.
3. What was counted for a payment that is certainly not made is given back; where that fails, it stays counted.
"""

import logging
from dataclasses import dataclass

from bank.ledger import Transfer
from bank.transfer import Refused, Sending
from newel_sdk import Allowed, DecisionPoint, Denied, Guard, Unauthorized
from newel_sdk.errors import DecisionFailed
from newel_sdk.guard import Around, Check, Outcome, Parsed, enforce

FORBIDDEN, UNAVAILABLE = 403, 503
NOBODY_ANSWERS = "What this payment needs cannot be found out just now. Try again in a moment."
NO_WAY = (
    "A payment like this is confirmed by passkey or authenticator app, and your account has none that counts for it. One "
    "that you add yourself counts for signing in until you confirm it with another that counts in full; if you have no "
    "other, ask the help desk."
)
NOT_MADE = "the payment was not made"
LOG = logging.getLogger("bank")


@dataclass(frozen=True, slots=True)
class Asking(Around):
    """The check of every payment, form or JSON: what stands inside asks the decision point `pdp`, `signed_in` nobody."""

    act: Sending
    pdp: DecisionPoint
    signed_in: Check

    @classmethod
    def of(cls, guard: Guard, pdp: DecisionPoint, act: Sending) -> "Asking":
        """The check of `act`; `guard` asks `pdp`."""
        policy = guard.require_action(
            "bank.transfer:send",
            fields=act.fields,
            facts=act.facts,
            acr="aal1",
            spend="effect",
            reservation=act.reservation,
        )
        return cls(policy, act, pdp, guard.require(acr="aal1"))

    async def enforce(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Decide on one request. Refused for what cannot be sent, is not let through, or finds nobody who decides."""
        given = parsed or {}
        claims = self.authenticate(token)
        if isinstance(claims, Unauthorized):
            return claims
        typed = self.act.typed(given)
        if self.act.done(given, claims):
            outcome = self.signed_in.decide(token, now=now)
            if isinstance(outcome, Allowed):
                outcome = outcome._replace(fields=self.act.fields(given, claims))
        else:
            try:
                outcome = await enforce(self.check, token, given, now=now, bound=bound)
            except DecisionFailed as failed:
                raise Refused("", NOBODY_ANSWERS, typed=typed, status=UNAVAILABLE) from failed
        if isinstance(outcome, Denied):
            LOG.info("a payment was not let through: %s", outcome.because)
            as_it_stands = f"This payment cannot be made as things stand: {outcome.because.rstrip('.')}."
            because = NO_WAY if outcome.no_way else as_it_stands
            raise Refused("", because, typed=typed, status=FORBIDDEN, no_way=outcome.no_way)
        return outcome._replace(facts={**outcome.facts, "typed": typed}) if isinstance(outcome, Allowed) else outcome

    async def pay(self, allowed: Allowed) -> Transfer:
        """Make the payment that was allowed. Refused where it cannot be made; what was counted for it is given back."""
        try:
            return self.act.execute(allowed)
        except Refused:
            if allowed.reservation is not None and self.act.forgo(allowed):
                await self._give_back(allowed.reservation)
            raise

    async def _give_back(self, reservation: str) -> None:
        try:
            await self.pdp.release(reservation, NOT_MADE)
        except DecisionFailed:
            LOG.warning("a payment that was not made stays counted: the decision point does not answer")
