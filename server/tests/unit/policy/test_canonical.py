"""One text for one meaning: what only looks different has one version, what means something else has another."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from server.tests.unit.policy.documents import ASKED, FACTS, POLICIES, Rule, document_of, stated
from server.tests.unit.policy.read.base import EXAMPLE, changed, read
from server.tests.unit.policy.read.schema_cases import READ

from newel.domain.requirement import DENY
from newel.policy.base import DecisionRequest
from newel.policy.canonical import age_text, canonical_text, requirement_tree, version_of
from newel.policy.engine import Snapshot

VERSION = version_of(canonical_text(read(EXAMPLE)))


def version(*changes: tuple[str, str]) -> str:
    """The version of the example after changes."""
    return version_of(canonical_text(read(changed(*changes))))


@settings(max_examples=60, deadline=None)
@given(POLICIES, ASKED, FACTS)
def test_the_canonical_form_reads_as_itself_and_decides_the_same(
    rules: list[Rule], target: str, facts: Mapping[str, Any]
) -> None:
    first = Snapshot(document_of(rules))
    again = Snapshot(read(first.text))
    assert again.text == first.text
    assert again.version == first.version
    asked = DecisionRequest(target=target, facts=stated(facts))
    assert again.decide(asked).requirement == first.decide(asked).requirement
    assert again.decide(asked).fallback == first.decide(asked).fallback


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        changed(
            ("    subject.id:      string\n", "    subject.id:      string\n    a: {type: duration, absent: 1h}\n    b: {type: timestamp, absent: 2026-11-24T12:00:00Z}\n    c: ip\n    d: duration\n    e: int\n"),
            ("ask: {resource: news.account, action: cancel, ", "ask: {resource: news.account, action: cancel, subject.groups: [b, a], c: 10.0.0.1, d: 5m, e: -3, device.managed: true, b: 2026-11-24T12:00:00Z, "),
            ("    require: signed-in\n", "    require: signed-in\n    grace: {until: 2027-01-01T00:00:00Z, skips: 3}\n    fallback: {when: cannot_meet, require: {deny: lost}}\n"),
            ("  aal3: {implies", "  badge: {implies: [aal1], lasts: 8h, methods: [[totp, password]]}\n  aal3: {implies"),
            ("velocity:", "velocity:\n  sent: {count: requests, by: client.ip, over: 1h, of: 'bank.transfer:*'}"),
            ("{evidence: {aal2: 15m}}", "{evidence: {aal2: 15m}, bind: {aal2: [repository]}, forbid: [otp], entitle: [news.early], approve: {treasury: 1}, session: {max_life: 1h, key_bound: true, notify: [subject]}}"),
            ("{text: 200}", "{text: 200, free: true, label: Repo}"),
        ),
    ],
    ids=["example", "everything"],
)  # fmt: skip
def test_a_file_is_a_fixpoint_after_one_step(text: str) -> None:
    canonical = canonical_text(read(text))
    assert canonical_text(read(canonical)) == canonical
    assert json.dumps(json.loads(canonical), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == canonical


OFFICE_RULE = "    unless: client.ip in $office && device.managed\n"
NIGHT = 'now.getHours("Europe/Berlin") < 6\n        && ctx.amount > 100000\n        && !device.managed'


@pytest.mark.parametrize(
    "changes",
    [
        [("# Newel policy, format 1.", "# Something else.")],
        [("    because: small payments add up\n", "    because: 'small payments add up'  # so they do\n")],
        [("    on: news.account:*\n    require: {evidence: {aal1: 10m}}", "    require: {evidence: {aal1: 600s}}\n    on: [news.account:cancel, news.account:change_email]")],
        [("    require: sudo\n", "    require: {evidence: {aal2: 15m}}\n")],
        [("  sudo:       {evidence: {aal2: 15m}}", "  spare:      {evidence: {aal2: 1m}}\n  sudo:       {evidence: {aal2: 15m}}")],
        [("[IR, KP, SY, CU]", "[CU, SY, KP, IR]")],
        [("ctx.country in $sanctioned", 'ctx.country in ["KP", "CU", "SY", "IR"]')],
        [(NIGHT, NIGHT.replace("\n        ", " "))],
        [("  - id: repo-write\n    on: code.repo:push\n    require: signed-in\n", ""), ("rules:\n", "rules:\n  - id: repo-write\n    on: code.repo:push\n    require: signed-in\n")],
        [("bind: [amount, payee]", "bind: [payee, amount]")],
        [("client.ip:       ip", "client.ip:       {type: ip, from: server}")],
        [("[low, medium, high, critical, unknown]", "[unknown, critical, high, medium, low]")],
        [("entitlements: [news.member, news.early]", "entitlements: [news.early, news.member]")],
        [('    when: subject.plan == "staff"\n    unless: device.trusted\n', "    when: subject.plan == 'staff' && !device.trusted\n")],
        [("{implies: [phr], lasts: 12h, idle: 15m}", "{lasts: 720m, idle: 900s, implies: [phr]}")],
        [("mode: observe  ", "mode: observe\n    # ")],
        [("over: 24h, of:", "range: [0, 1000000000000000], over: 1d, of:")],
        [("approve: {treasury: 2}", "approve: {treasury: {number: 2, evidence: {aal2: 900s}}}")],
        [("prepare, send", "send, prepare")],
        [("field: amount.minor", "field: amount.minor, optional: false")],
    ],
)  # fmt: skip
def test_what_only_looks_different_has_one_version(changes: list[tuple[str, str]]) -> None:
    assert version(*changes) == VERSION


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: acme-production", "name: acme-staging"),
        ("ctx.amount > 3000 ||", "ctx.amount >= 3000 ||"),
        ("ctx.amount > 3000 ||", "ctx.amount > 3001 ||"),
        ("ctx.amount > 3000 ||", "ctx.amount > 3000 &&"),
        ("[IR, KP, SY, CU]", "[IR, KP, SY]"),
        ("10.20.0.0/16", "10.20.0.0/17"),
        ("{evidence: {aal2: 15m}}", "{evidence: {aal2: 16m}}"),
        ("{evidence: {aal2: 15m}}", "{evidence: {phr: 15m}}"),
        ("mode: observe  ", "mode: enforce  "),
        ("because: small payments add up", "because: small payments sum up"),
        ("id: transfer-night", "id: transfer-nightly"),
        ("absent: 100", "absent: 99"),
        ("absent: unknown", "absent: high"),
        ("[0, 1000000000000]", "[0, 1000000000001]"),
        ("{type: bool, from: request}", "{type: bool, from: directory}"),
        ("{text: 200}", "{text: 201}"),
        ("{text: 200}", "{text: 200, free: true}"),
        ("{text: 200}", "{text: 200, label: Repo}"),
        ("{text: 200}", "{text: 200, optional: true}"),
        (READ, READ.replace("false", "false, verb: Look at")),
        (READ, READ[:-1] + ", write: {sensitive: false}}"),
        ("over: 24h, of:", "over: 23h, of:"),
        ("sum: ctx.amount", "range: [0, 1000000000000000], distinct: ctx.country"),
        ("{articles: {limit: 5", "{articles: {limit: 6"),
        ("{group: treasury}", "{group: finance}"),
        ("aal1: {lasts: 30d}", "aal1: {lasts: 29d}"),
        ("idle: 15m", "idle: 14m"),
        ("acr_order: [aal3, phr, aal2, aal1]", "acr_order: [phr, aal2, aal1]"),
        ("[news.member, news.early]", "[news.member, news.early, news.late]"),
        ("approve: {treasury: 2}", "approve: {treasury: {number: 2, evidence: {phr: 15m}}}"),
        ("deny: vendors-stay-in-their-lane", "deny: vendors"),
        ("expect: {meter: {articles: 1}}", "expect: {meter: {articles: 2}}"),
        ("at_most: {meter: {articles: 1}}", "at_most: {meter: {articles: 2}}"),
        ("at_least: {evidence: {aal2: 12h}}", "at_most: {evidence: {aal2: 12h}}"),
        ("ctx.section: news,", "ctx.section: opinion,"),
    ],
)
def test_what_means_something_else_has_another_version(old: str, new: str) -> None:
    assert version((old, new)) != VERSION


def test_a_requirement_is_written_as_a_file_writes_it() -> None:
    assert requirement_tree(DENY, "closed") == {"deny": "closed"}
    assert requirement_tree(DENY) == {"deny": "denied"}
    assert age_text(2**61) == "session"
    assert age_text(90) == "90s"
