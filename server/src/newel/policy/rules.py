"""Rules in Python: a list handed in by the composition root, until rules are written in a language of their own."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from newel.domain.interaction import Reason
from newel.domain.requirement import DENY, SESSION, Requirement, join_all, require
from newel.domain.value import dataclass
from newel.policy.base import SIGN_IN, Decision, DecisionRequest, Resource
from newel.policy.fields import Field

Facts = Mapping[str, object]
MOST_TARGETS = 1024
BUILT_IN = ("newel.session:", "newel.scope:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For `target` (or `resource:*`, or `*`), when `when` holds or cannot be told, `require` is demanded."""

    id: str
    target: str
    require: Requirement
    when: Callable[[Facts], bool] | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """A policy made of rules; every matching one adds to the requirement. Two policies are never the same one."""

    version: str
    resources: Mapping[str, Resource]
    rules: tuple[Rule, ...]

    def decide(self, request: DecisionRequest) -> Decision:
        """The join of all matching rules; deny for an undeclared resource or action."""
        if not self._declared(request.target):
            return Decision(requirement=DENY, policy=self.version, reasons=(Reason("undeclared-target", ""),))
        applicable = _applicable(self, request.target)
        conditions = {rule.id: _holds(rule, request.facts) for rule in applicable}
        matching = [rule for rule in applicable if conditions[rule.id]]
        return Decision(
            requirement=join_all(rule.require for rule in matching),
            policy=self.version,
            reasons=tuple(Reason(rule.id, rule.because) for rule in matching),
            conditions=conditions,
        )

    def _declared(self, target: str) -> bool:
        resource, _, action = target.partition(":")
        known = self.resources.get(resource)
        return target.startswith(BUILT_IN) or (known is not None and action in known.verbs)


@lru_cache(MOST_TARGETS)
def _applicable(rules: Rules, target: str) -> tuple[Rule, ...]:
    """The rules that speak of a declared target."""
    return tuple(rule for rule in rules.rules if _names(rule.target, target))


def _names(pattern: str, target: str) -> bool:
    return pattern in {"*", target} or (pattern.endswith(":*") and target.startswith(pattern[:-1]))


def _holds(rule: Rule, facts: Facts) -> bool:
    if rule.when is None:
        return True
    try:
        return bool(rule.when(facts))
    except Exception:  # ruff: ignore[blind-except]  an unexpected error counts as a match: it can only add
        return True


def _above(path: str, limit: int) -> Callable[[Facts], bool]:
    def condition(facts: Facts) -> bool:
        value = facts[path]
        if not isinstance(value, int):
            raise TypeError(path)
        return value > limit

    return condition


def _new_payee_or_above(limit: int) -> Callable[[Facts], bool]:
    above = _above("ctx.amount", limit)
    return lambda facts: above(facts) or not facts["ctx.payee_known"]


TRANSFER = Resource(
    name="bank.transfer",
    verbs={"send": "Send"},
    fields={
        "amount": Field(kind="money", label="Amount"),
        "payee": Field(kind="account", label="To"),
        "reference": Field(kind="text", label="Reference", optional=True, free=True),
    },
    facts={"ctx.amount": ("amount", "minor"), "ctx.country": ("payee", "country")},
)
BOUND = frozenset({"amount", "payee"})

SHIPPED = Rules(
    version="rules-1",
    resources={TRANSFER.name: TRANSFER},
    rules=(
        Rule(id="sign-in", target=SIGN_IN, require=require({"aal1": SESSION})),
        Rule(
            id="scope-payments",
            target="newel.scope:payments",
            require=require({"aal2": SESSION}),
            because="whatever can move money needs a second proof",
        ),
        Rule(
            id="transfer-send-bound",
            target="bank.transfer:send",
            when=_new_payee_or_above(3000),
            require=require({"aal2": 300}, bind=BOUND),
            because="payment law asks for amount and payee in the confirmation",
        ),
        Rule(
            id="transfer-large",
            target="bank.transfer:send",
            when=_above("ctx.amount", 1_000_000),
            require=require({"phr": 120}, bind=BOUND),
            because="large payments need a passkey",
        ),
    ),
)
"""What this server demands: sign-in, scopes and the bank's transfers."""
