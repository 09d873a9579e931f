"""The protocol every policy speaks: targets with typed fields, and `decide(request) -> Decision`.

A policy sees who, what, where and how much; never authentication evidence. What it demands is joined, so that no rule
and no caller can take anything away.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from newel.domain.assurance import Classes
from newel.domain.grace import Skippable
from newel.domain.interaction import Reason
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.document import Counter
from newel.policy.facts import Fact
from newel.policy.fields import Field

SIGN_IN = "newel.session:sign_in"
ACCOUNT_METHOD, NO_METHOD = "account.method", "none"
"""The fact of a person's own account: the method of the authenticator that is changed, or that there is none."""


def scope_target(scope: str) -> str:
    """The built-in target of one scope."""
    return f"newel.scope:{scope}"


def account_target(action: str) -> str:
    """The built-in target of an act at a person's own account."""
    return f"newel.account:{action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of thing that actions are done to.

    `fields` are all that `authorization_details` may carry, in the order they are shown; `facts` maps a fact of the
    policy to the path inside the fields it is read from. `verbs` words each action for the page that shows it.
    """

    name: str
    verbs: Mapping[str, str]
    fields: Mapping[str, Field]
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequest:
    """What is decided: a target `resource:action` and the facts, by path. A fact that is not there is missing."""

    target: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is demanded, by which policy, and why; `conditions` holds the truth value of each rule's condition.

    `observed` are rules that match and demand nothing yet. `fallback` is demanded where `requirement` cannot be met,
    `grace` says what may be skipped.
    """

    requirement: Requirement
    policy: str
    reasons: tuple[Reason, ...] = ()
    conditions: Mapping[str, bool] = field(default_factory=dict)
    observed: tuple[str, ...] = ()
    fallback: Requirement | None = None
    grace: Skippable | None = None


class Policy(Protocol):
    """An immutable snapshot of rules."""

    @property
    def version(self) -> str:
        """The name of this snapshot."""

    @property
    def classes(self) -> Classes:
        """The classes of evidence that requirements name."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The declared resources by name."""

    def declared(self, target: str) -> bool:
        """Whether a target may be decided."""

    def facts_at(self, target: str) -> Mapping[str, Fact]:
        """The facts that conditions at a declared target may read."""

    @property
    def counters(self) -> Mapping[str, Counter]:
        """The counters by the name of the fact that each is read as."""

    @property
    def bounds_life(self) -> bool:
        """Whether any rule says how long a token may live at most."""

    def decide(self, request: DecisionRequest) -> Decision:
        """The decision for `request`; deny for a target that nobody declared. Never raises."""

    def recorded(self, request: DecisionRequest) -> tuple[Decision, str]:
        """The same, with which atomic conditions at the target held, or failed, as bits in hex; "" where none can be told."""
