"""Random policies over one small schema, and requests for them, for the laws of the engine."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from server.tests.unit.policy.lang.cores import CONDITIONS, VALUES

from newel.policy.document import Document
from newel.policy.lang.condition import read_condition
from newel.policy.lang.core import Core
from newel.policy.lang.network import address_text
from newel.policy.lang.write import written
from newel.policy.message import Fault, Mark, Source
from newel.policy.read.document import read_document
from newel.policy.source import Scalar

Rule = Mapping[str, Any]
TARGETS = ("shop.cart:buy", "shop.cart:look", "newel.session:sign_in", "newel.scope:a", "newel.console:keys")
SCHEMA: Mapping[str, Any] = {
    "facts": {
        "subject.id": "string",
        "subject.groups": {"set": "string", "from": "directory"},
        "client.ip": "ip",
        "ctx.amount": {"type": "int", "range": ["-1000", "1000000000000"]},
        "ctx.known": "bool",
        "ctx.branch": {"type": "string", "optional": "true"},
        "ctx.published": "timestamp",
        "risk.score": {"type": "int", "range": ["0", "100"], "absent": "100", "from": "risk"},
        "now": "timestamp",
    },
    "resources": {
        "shop.cart": {
            "actions": {"buy": {"sensitive": "false"}, "look": {"sensitive": "false"}},
            "fields": {"amount": {"money": "true"}},
        }
    },
}
DEMANDS: Sequence[Mapping[str, Any]] = (
    {"evidence": {"aal1": "session"}},
    {"evidence": {"aal2": "300s"}},
    {"evidence": {"phr": "60s", "aal2": "10s"}},
    {"forbid": ["totp"]},
    {"approve": {"buyers": "2"}},
    {"approve": {"buyers": {"number": "1", "evidence": {"phr": "300s"}}}},
    {"entitle": ["gold"], "meter": {"looks": "2"}},
    {"session": {"max_life": "60s", "key_bound": "true", "notify": ["subject"]}},
    {"deny": "closed"},
)


def text_of(rules: Sequence[Rule]) -> str:
    """A policy of these rules; each gets its place as its name."""
    named = [{"id": f"r{number}", **rule} for number, rule in enumerate(rules)]
    idle = {"id": "idle", "on": "shop.cart:look", "when": "false", "require": {"deny": "never"}}
    whole = {
        "newel": "1",
        "name": "shop",
        "schema": SCHEMA,
        "pools": {"buyers": {"group": "buyers"}},
        "meters": {"looks": {"limit": "5", "over": "1d"}},
        "entitlements": ["gold"],
        "rules": [*named, idle],
    }
    return json.dumps(whole, ensure_ascii=False)


def document_of(rules: Sequence[Rule]) -> Document:
    """The same as a document."""
    return read_document([Source.of("shop.json", text_of(rules))])


@lru_cache(1)
def _facts() -> Mapping[str, Any]:
    return document_of([]).facts


def is_written(condition: Core) -> bool:
    """Whether somebody could have written a condition: that it can be true and false, and stays within 64 bits."""
    text = written(condition)
    try:
        read_condition(Scalar(Mark(Source.of("when", text), 0, 0), text, None, one_line=True), _facts(), {})
    except Fault:
        return False
    return True


TEXTS = CONDITIONS.filter(is_written).map(written)
RULES: st.SearchStrategy[Rule] = st.fixed_dictionaries(
    {
        "on": st.lists(st.sampled_from(["shop.cart:buy", "shop.cart:*", "*", "newel.scope:*", *TARGETS]), min_size=1, max_size=2, unique=True),
        "require": st.sampled_from(DEMANDS),
    },
    optional={
        "when": TEXTS,
        "unless": TEXTS,
        "mode": st.sampled_from(["observe", "enforce"]),
        "because": st.just("it matters"),
        "fallback": st.sampled_from(DEMANDS).map(lambda demand: {"when": "cannot_meet", "require": demand}),
    },
)  # fmt: skip
POLICIES = st.lists(RULES, max_size=5)
ASKED = st.sampled_from([*TARGETS, "newel.scope:b", "shop.cart:steal", "shop", "bank.transfer:send"])
FACTS: st.SearchStrategy[Mapping[str, Any]] = st.one_of(
    st.fixed_dictionaries(dict(VALUES)), st.fixed_dictionaries({}, optional=dict(VALUES))
)
"""Facts as conditions read them, all of them or some."""


def stated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a caller states them, under their whole paths."""
    return {path: _stated(path, value) for path, value in facts.items()}


def _stated(path: str, value: Any) -> Any:
    if path == "client.ip":
        return address_text(value)
    return sorted(value) if isinstance(value, frozenset) else value


def nested(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Stated facts as JSON nests them."""
    found: dict[str, Any] = {}
    for path, value in facts.items():
        *groups, leaf = path.split(".")
        inside = found
        for group in groups:
            inside = inside.setdefault(group, {})
        inside[leaf] = value
    return found
