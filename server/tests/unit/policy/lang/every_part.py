"""Every part of the language once, and rows in which every fact is there, odd, or missing: what chance need not find."""

from collections.abc import Mapping
from typing import Any

from server.tests.unit.policy.lang.conditions import core_of

from newel.policy.lang import core
from newel.policy.lang.core import Constant, Read
from newel.policy.lang.network import address_number

TEXTS = (
    "ctx.known",
    "!ctx.known",
    "has(ctx.branch)",
    "ctx.known && ctx.amount > 3 && risk.score >= 7",
    "ctx.known || ctx.amount > 3 || risk.score < 7",
    "ctx.known ? ctx.amount > 3 : risk.score <= 7",
    "ctx.amount + 1 == 8",
    "ctx.amount - risk.score != 3",
    "ctx.amount * -3 < 5",
    "ctx.amount / 3 == 2",
    "(ctx.amount - 14) / 3 == -2",
    "(ctx.amount - 14) / -3 == 2",
    "ctx.amount % 3 == 1",
    "(ctx.amount - 14) % -3 == -1",
    "-ctx.amount > -8",
    "1 + 2 < 4",
    "(ctx.known ? 1 : 2) == 2",
    "(ctx.known ? ctx.amount : 7) == 7",
    "(ctx.known ? 7 : risk.score) == 7",
    "ctx.known == (ctx.amount > 3)",
    "ctx.known != (risk.score > 3)",
    "client.ip == client.ip",
    "client.ip != client.ip",
    'client.ip in ["10.0.0.0/8", "192.168.0.0/16"]',
    'client.ip in ["2001:db8::/32"]',
    'client.ip in ["::/0"]',
    'client.ip in ["2001:db8::/96"]',
    'subject.id == "a"',
    'subject.id != "b"',
    "subject.id == subject.id",
    'has(ctx.branch) && subject.id == (ctx.known ? "a" : ctx.branch)',
    'has(ctx.branch) && (ctx.known ? ctx.branch : "b") != ctx.branch',
    'subject.id in ["a", "c"]',
    'has(ctx.branch) && ctx.branch in ["a", "c"]',
    '(ctx.known ? subject.id : "b") in ["b"]',
    "ctx.amount in [1, 7]",
    "-ctx.amount in [-7, 2]",
    '"a" in subject.groups',
    "subject.id in subject.groups",
    '(ctx.known ? subject.id : "b") in subject.groups',
    'subject.id.startsWith("a")',
    'subject.id.endsWith("c")',
    'subject.id.contains("b")',
    'subject.id.contains("")',
    'subject.id == "\\u202e\\u2028\\U000e0041\\n\\"\\\\"',
    'subject.id.startsWith("abc") && !subject.id.contains("b")',
    'subject.id.endsWith("abc") && subject.id.contains("bc")',
    '(ctx.known ? subject.id : "abc").startsWith("ab")',
    '"abc".endsWith("bc") && ctx.known',
    'now - ctx.published < duration("1h")',
    'now - ctx.published == duration("0s")',
    "now > ctx.published",
    'now.getHours("Europe/Berlin") < 6',
    'now.getDayOfWeek("Asia/Kathmandu") == 3',
    'now.getHours("UTC") == now.getHours("America/New_York") + 5',
)
CONDITIONS: Mapping[str, core.Core] = {text: core_of(text) for text in TEXTS} | {
    "a constant": core.TRUE,
    "an empty list": core.OneOf(Read("subject.id"), ()),
    "a text with an affix of its own": core.Affix("contains", Constant("abc", "string"), "b"),
    "texts of two facts": core.Compare("==", Read("subject.id"), Read("ctx.branch")),
    "a fact unasked": core.Affix("startsWith", Read("ctx.branch"), "a"),
    "a member by a fact unasked": core.HasMember(Read("subject.groups"), Read("ctx.branch")),
    "two times by one clock": core.Compare(
        "==", core.Clock("getHours", Read("now"), "UTC"), core.Clock("getHours", Read("ctx.published"), "UTC")
    ),
}
WHOLE: Mapping[str, Any] = {
    "subject.id": "a",
    "subject.groups": frozenset({"a", "b"}),
    "client.ip": address_number("10.1.2.3"),
    "ctx.amount": 7,
    "ctx.known": True,
    "ctx.branch": "abc",
    "ctx.published": 1_795_478_400,
    "risk.score": 4,
    "now": 1_795_478_400,
}
OTHER: Mapping[str, Any] = {
    "subject.id": "abc",
    "subject.groups": frozenset(),
    "client.ip": address_number("2001:db8::1"),
    "ctx.amount": 0,
    "ctx.known": False,
    "ctx.branch": "a",
    "ctx.published": 0,
    "risk.score": 100,
    "now": 4_000_000_000,
}
ROWS: tuple[dict[str, Any], ...] = (
    dict(WHOLE),
    dict(OTHER),
    {},
    *({name: value for name, value in WHOLE.items() if name != gone} for gone in WHOLE),
    *({**WHOLE, name: value} for name, value in OTHER.items()),
)
