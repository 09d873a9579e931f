"""Our conditions and facts over the shared schema, for comparison with the libraries of others."""

import re
from collections.abc import Mapping
from typing import Any

from server.tests.outside.dice import Dice
from server.tests.outside.texts import LISTS
from server.tests.unit.policy.lang.conditions import FACTS

from newel.policy.lang.check import check
from newel.policy.lang.core import Core
from newel.policy.lang.lex import Wrong
from newel.policy.lang.network import address_number
from newel.policy.lang.parse import parse
from newel.policy.message import Fault, Mark, Source
from newel.policy.source import Scalar

SOURCE = Source.of("policy.yaml", "")
MARK = Mark(SOURCE, 0, 0)
SCALARS = {name: tuple(Scalar(MARK, item, None, True) for item in items) for name, items in LISTS.items()}
NAMED = re.compile(r"\$([a-z]+)")
TURNS = (
    0, 63_902_670, 63_902_671, 1_325_246_399, 1_325_246_400, 1_289_097_060, 1_289_097_061, 1_289_097_100,
    1_601_740_860, 1_774_746_000, 1_774_745_999, 1_761_440_400, 1_775_912_400, 1_772_953_200, 4_102_444_800,
)  # fmt: skip
"""Seconds at which some zone changes its clock, or close to one. With what the texts add, no two lie 292 years apart:
the C++ library counts the nanoseconds between two timestamps in 64 bits."""
ADDRESSES = (
    "10.20.0.7", "10.19.255.255", "11.0.0.0", "192.168.1.1", "0.0.0.1", "255.255.255.255", "127.255.255.255", "::",
    "::1", "2001:db8:20::1", "2001:db8:21::", "2001:db8::", "2001:db8:8000::", "ffff::",
)  # fmt: skip
WORDS = ("DE", "IR", "KP", "free", "c7", "main", "release/1", "", "é", 'a"b', "a'b", "😀", "\n", "\\", "A", "a", "ss",
         "ß", "e\u0301", "AA", "mA")  # fmt: skip
AMOUNTS = (0, 1, 2, 3, 7, 10, 16, 49, 50, 99, 100, 101, 255, 256, 999, 1000, 999_999, 10**6, 10**6 + 1, 10**12)


def core_of(text: str) -> Core | None:
    """What a text means to us; None where we refuse it."""
    try:
        return check(parse(text), FACTS, SCALARS, lambda _: MARK)
    except (Wrong, Fault):
        return None


def theirs(text: str) -> str:
    """The text with the policy's lists written out."""
    return NAMED.sub(lambda match: _written(match[1]), text)


def _written(name: str) -> str:
    return f"[{', '.join(item if item.isdecimal() else repr(item) for item in LISTS[name])}]"


def facts(dice: Dice) -> Mapping[str, Any]:
    """Random facts that the schema allows; only what is optional is ever missing."""
    found: dict[str, Any] = {
        "subject.id": dice.one(WORDS),
        "subject.plan": dice.one(("free", "member", "staff")),
        "subject.groups": frozenset(dice.one(WORDS) for _ in range(dice.below(4))),
        "client.ip": address_number(dice.one(ADDRESSES)),
        "ctx.amount": dice.one(AMOUNTS) if dice.in_hundred(70) else dice.below(10**9),
        "ctx.count": dice.one((-(2**63), 2**63 - 1, 0, 1, -1, -7, 100, -100, 7)),
        "ctx.known": dice.in_hundred(50),
        "ctx.published": _time(dice),
        "risk.score": dice.below(101),
        "now": _time(dice),
    }
    if dice.in_hundred(60):
        found["ctx.branch"] = dice.one(WORDS)
    if dice.in_hundred(60):
        found["ctx.rows"] = dice.below(101)
    return found


def _time(dice: Dice) -> int:
    return dice.one(TURNS) if dice.in_hundred(50) else dice.below(2**31)
