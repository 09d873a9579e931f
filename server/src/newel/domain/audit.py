"""What is recorded: one entry for each decision and each change, chained by storage (S33).

`body` holds what may stay for ever (codes, ids of rules, classes, counts); `personal` what "forget me" removes (subject
names, addresses, what was shown): it enters the chain only as a salted commitment.
"""

from collections.abc import Mapping
from dataclasses import field

from newel.domain.interaction import Reason
from newel.domain.value import dataclass

DECISION_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """The body of a decision: versioned, members only ever appended.

    `facts` are the facts the decision read, by path; `conditions` the truth value of each rule's condition; `atoms`
    those of the atomic conditions at each target, as bits in hex in the order that the policy names them (they outlive
    the facts that are forgotten); `requirement` its canonical text; `outcome` one of met, skipped, asked,
    refused. `reached` are the classes that stood before anybody was asked, with their times, `methods` what the person
    has enrolled, `skipped` the rules whose demand the person put off.
    """

    v: int = DECISION_VERSION
    targets: tuple[str, ...]
    policy: str
    facts: Mapping[str, object]
    conditions: Mapping[str, bool] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    requirement: str
    outcome: str
    reached: Mapping[str, int] = field(default_factory=dict)
    atoms: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One audit entry before it is chained; `at` in Unix seconds."""

    kind: str
    at: int
    body: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, object] = field(default_factory=dict)
    decision: DecisionRecord | None = None
