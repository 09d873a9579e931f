"""Small policies, built by hand, and logs of random rows for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import NOTHING, Requirement
from newel.policy.document import Action, Document, Place, Resource, Rule
from newel.policy.facts import Fact, Kind
from newel.policy.lang.core import TRUE, Core
from newel.policy.replay.build import Builder, Row, stores
from newel.policy.replay.log import Log

CLASSES = ("aal1", "aal2", "phr")


def rule(name: str, target: str, require: Requirement, when: Core = TRUE, *, observe: bool = False) -> Rule:
    """A rule at one target."""
    return Rule(
        id=name,
        targets=frozenset({target}),
        conditions={target.partition(":")[0]: when},
        require=require,
        deny_reason=name if require.denied else "",
        observe=observe,
        because="",
        fallback=None,
        grace=None,
        place=Place("policy.yaml", 1),
    )


def document(*rules: Rule, facts: Mapping[str, Kind] | None = None, actions: Sequence[str] = ("send",)) -> Document:
    """A policy for the resource `bank`."""
    declared = {path: Fact(name=path, kind=kind) for path, kind in (facts or {}).items()}
    made = {name: Action(name=name, sensitive=False, minimum=NOTHING, verb=name) for name in actions}
    bank = Resource(name="bank", label="bank", actions=made, fields={}, facts={})
    return Document(
        name="bank",
        facts=declared,
        resources={"bank": bank},
        counters={},
        classes=SHIPPED,
        pools={"treasury": "treasury"},
        meters={},
        entitlements=(),
        rules=rules,
        invariants=(),
        tests=(),
    )


def asked(at: int, **given: Any) -> Row:
    """A request to send, by person 1 in session 1, who signed in with one factor just now."""
    told: dict[str, Any] = {
        "targets": ("bank:send",), "person": 1, "session": 1, "facts": {}, "ages": {"aal1": 0}, "methods": ("password", "totp"),
    }  # fmt: skip
    return Row(at=at, **{**told, **given})


def log_of(policy: Document, rows: Sequence[Row]) -> Log:
    """A log of these rows."""
    builder = Builder(stores(policy), CLASSES)
    for row in rows:
        builder.add(row)
    return builder.log()
