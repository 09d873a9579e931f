"""The check of a route whose action the policy decides: the decision point is asked on every request (S27).

Its answer is joined with what the route itself demands and can only add to it. The token comes first, so that a
stranger costs the decision point nothing. Only a request that lacks nothing here is asked about with its reservation;
any other is asked without, to say in one challenge all that is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from newel_sdk.action import Fields
from newel_sdk.challenge import Unauthorized
from newel_sdk.claims import Claims, Elevation
from newel_sdk.errors import Misconfigured
from newel_sdk.guard.asking import Enforced
from newel_sdk.guard.check import ActionCheck, Facts, Parsed
from newel_sdk.guard.elevation import find_elevation
from newel_sdk.guard.outcome import Allowed, Demand, Denied, Outcome
from newel_sdk.pdp.decision import Decision, StepUp
from newel_sdk.pdp.point import DecisionPoint
from newel_sdk.pdp.question import Question
from newel_sdk.requirement import ClassOrder, Requirement

NEVER = "no class meets all that is asked"
KeyOf = Callable[[Parsed, Claims], str]


@dataclass(frozen=True, slots=True)
class _Act:
    """What is about to be executed, by whom, and what the route itself demands for it."""

    claims: Claims
    fields: Fields
    facts: Facts
    asked: Demand
    demanded: Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck(Enforced, ActionCheck):
    """An action that the decision point decides. `resource_id` and `reservation` default to a new random key."""

    pdp: DecisionPoint
    resource_id: KeyOf | None = None
    reservation: KeyOf | None = None

    @classmethod
    def of(
        cls, check: ActionCheck, pdp: DecisionPoint, *, resource_id: KeyOf | None, reservation: KeyOf | None
    ) -> "PolicyCheck":
        """The same check, with the decision point asked beside it."""
        own = {each.name: getattr(check, each.name) for each in fields(ActionCheck)}
        return cls(**own, pdp=pdp, resource_id=resource_id, reservation=reservation)

    async def enforce(
        self, token: str | None, parsed: Parsed | None = None, *, now: int | None = None, bound: bool = False
    ) -> Outcome:
        """Ask the decision point and decide. Raises DecisionFailed, and InputRefused or ActionRefused as `decide` does."""
        at = self.guard.clock() if now is None else now
        claims = self.guard.authenticate(token, at)
        if isinstance(claims, Unauthorized):
            return claims
        assert token is not None
        act = self._act(parsed or {}, claims)
        elevation, _ = self._approval(act, at)
        ready = self._evident(act, at) and (elevation is not None or not (bound or act.asked.bind))
        key = self.reservation(parsed or {}, claims) if self.reservation else self.pdp.new_key()
        question = Question(
            target=self.target,
            resource_id=self.resource_id(parsed or {}, claims) if self.resource_id else key,
            subject=claims.subject,
            access_token=token,
            fields=act.fields,
            facts=act.facts,
            reservation=key if ready else None,
        )
        decision = await self.pdp.evaluate(question)
        # Asking took its time: the token and its evidence are looked at again as they stand now.
        at = self.guard.clock() if now is None else now
        again = self.guard.authenticate(token, at)
        if isinstance(again, Unauthorized):
            return again
        return self._judged(act, decision, at=at, bound=bound or act.asked.bind, reservation=question.reservation)

    def _act(self, parsed: Parsed, claims: Claims) -> _Act:
        executed = self._fields(parsed, claims)
        facts = self.facts(parsed, claims) if self.facts else {}
        asked = (self.demand(executed, facts) if self.demand else None) or Demand()
        return _Act(claims, executed, facts, asked, self.order.require(asked.acr, asked.max_age))

    def _evident(self, act: _Act, at: int) -> bool:
        leeway = self.guard.leeway
        return self.requirement.met_by(act.claims, at, leeway) and act.demanded.met_by(act.claims, at, leeway)

    def _approval(self, act: _Act, at: int) -> tuple[Elevation | None, str]:
        return find_elevation(act.claims, target=self.target, fields=act.fields, audience=self.guard.audience, now=at)

    def _judged(self, act: _Act, decision: Decision, *, at: int, bound: bool, reservation: str | None) -> Outcome:
        if decision.denied:
            return Denied(because=decision.because, no_way=decision.no_way)
        step_ups = [self._required(each) for each in decision.step_ups]
        try:
            demanded = ClassOrder.join([act.demanded, *step_ups])
            ClassOrder.join([self.requirement, demanded])
        except Misconfigured:
            return Denied(because=NEVER)
        asked = Demand(because=decision.because or act.asked.because)
        binds = bound or bool(decision.bind or decision.bound)
        challenge = self._challenge(asked, demanded, act.fields, bind=binds)
        if not decision.permitted or not self._evident(act, at):
            return challenge("")
        if not (binds or self._relied_on_approval(act, decision)):
            return Allowed(claims=act.claims, fields=act.fields, facts=act.facts, reservation=reservation)
        challenge = self._challenge(asked, demanded, act.fields, bind=True)
        elevation, misfit = self._approval(act, at)
        if elevation is None or reservation is None:
            return challenge(misfit)
        if elevation.binding != "signed" and self._signature_demanded(act.asked):
            return challenge("a signature is needed; a code can only confirm")
        outcome = self._spend(act.claims, elevation, act.fields, act.facts, challenge)
        return outcome._replace(reservation=reservation) if isinstance(outcome, Allowed) else outcome

    def _relied_on_approval(self, act: _Act, decision: Decision) -> bool:
        """Whether the permission may rest on an approval: one that is shown must then fit exactly, and is spent."""
        shown = (
            each.resource == self.target.resource and each.action == self.target.action
            for each in act.claims.elevations
        )
        return decision.bound is None and any(shown)

    def _required(self, step_up: StepUp) -> Requirement:
        """A step-up as a requirement: every class that counts as one of those named, and names unknown here as they are."""
        known = self.order.counts_as
        found = [up for name in step_up.acr_values for up in (self.order.up_set(name) if name in known else (name,))]
        return Requirement(acr_values=tuple(dict.fromkeys(found)), max_age=step_up.max_age)
