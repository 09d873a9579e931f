"""A change of policy in words: what goes, what comes, with a request that shows it."""

import re

import pytest
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import SHOP, shop

from newel.policy.document import Document
from newel.policy.message import Source
from newel.policy.prove.demand import Demands
from newel.policy.prove.diff import Finding, diff
from newel.policy.prove.replay import admissible
from newel.policy.read.document import read_document

CLAIMED = "at_least: {evidence: {phr: 5m}"
LARGE = ("when: ctx.amount > 1000\n", "when: ctx.amount > 2000\n")


def found(*changes: tuple[str, str]) -> tuple[Finding, ...]:
    """What some changes change."""
    return diff(shop(), shop(*changes), answer_all)


def text(finding: Finding) -> str:
    """A finding without its name."""
    return re.sub(r"\[[0-9a-f]{12}\] ", "", "\n".join(finding.lines()))


def test_nothing_changes_nothing_and_asks_nothing() -> None:
    assert (
        diff(shop(), shop(), lambda problems: [None for _ in problems] if not problems else pytest.fail("asked")) == ()
    )


def test_a_higher_threshold_is_weaker_and_a_person_sees_where() -> None:
    (only,) = found(LARGE)
    assert text(only) == (
        "weaker large: no longer demanded: phr within 5m, amount bound to phr (shop.yaml:30)\n"
        "  shop.order:pay where ctx.amount = 1001\n"
        "  before: phr within 5m, amount bound to phr (signed, large, sum)\n"
        "  now:    aal2 within 10m (signed, sum)"
    )
    told = only.as_json()
    assert told["witness"]["now"] == {"requirement": "aal2 within 10m", "rules": ["signed", "sum"]}
    assert told["witness"]["shown"] == {"ctx.amount": "1001"}
    assert told["witness"]["facts"]["subject.groups"] == []
    assert only.witness is not None
    assert admissible(Demands(shop()).scene("shop.order:pay"), only.witness.facts)
    assert told["place"] == {"file": "shop.yaml", "line": 30}


def test_more_friction_is_told_and_is_not_weaker() -> None:
    (only,) = found((LARGE[0], "when: ctx.amount > 500\n"))
    assert (only.direction, only.rule) == ("stronger", "large")
    assert "newly demanded: phr within 5m" in only.what


def test_a_night_that_ends_earlier_is_shown_in_local_time() -> None:
    (only,) = found(("< 6", "< 5"))
    assert only.witness is not None
    assert dict(only.witness.shown)["now"].endswith("05:00:00 Europe/Berlin")


def test_a_demand_and_what_is_claimed_of_it_may_rise_together() -> None:
    findings = found(
        ("strong: {evidence: {phr: 5m}", "strong: {evidence: {phr: 4m}"), (CLAIMED, CLAIMED.replace("5", "4"))
    )
    assert {each.direction for each in findings} == {"stronger"}
    (claim,) = [each for each in findings if not each.rule]
    assert claim.lines()[0].endswith("(shop.yaml:60)")


def test_a_longer_beginning_is_weaker() -> None:
    (only,) = found(('startsWith("release/")', 'startsWith("release/v")'))
    assert only.witness is not None
    assert only.witness.shown == (("ctx.branch", '"release/-"'),)


def test_the_same_at_several_targets_is_one_finding() -> None:
    (only,) = found(("risk.score >= 80", "risk.score >= 90"))
    assert only.targets[:2] == ("newel.account:passkey", "newel.account:password") or len(only.targets) > 3
    assert "shop.order:pay" in only.targets
    assert "  at " in text(only)


def test_a_name_stays_while_what_is_changed_stays() -> None:
    (first,) = found(LARGE)
    (again,) = found(LARGE)
    (other,) = found((LARGE[0], "when: ctx.amount > 5000\n"))
    assert first.id == again.id != other.id
    both = found(LARGE, ("< 6", "< 5"))
    assert first.id in {each.id for each in both}


def test_a_rule_that_is_only_observed_is_weaker() -> None:
    rules = found(("    when: velocity.sum_24h > 1000\n", "    when: velocity.sum_24h > 1000\n    mode: observe\n"))
    assert {each.rule for each in rules} == {"sum"}
    assert all("sum, only observed now, no longer demanded" in each.what for each in rules)
    assert all(each.direction == "weaker" for each in rules)


def test_a_rule_that_is_only_observed_is_weaker_even_where_another_demands_as_much() -> None:
    twice = "  - id: twice\n    on: shop.order:*\n    require: signed\n"
    before = shop(("rules:\n", f"rules:\n{twice}"))
    after = shop(("rules:\n", f"rules:\n{twice}    mode: observe\n"))
    (only,) = diff(before, after, answer_all)
    assert (only.what, only.witness) == ("twice is no longer enforced, only observed", None)


def test_a_target_that_goes_is_refused_and_one_that_comes_no_longer_is() -> None:
    gone = ("{pay: {}, look: {sensitive: false}}", "{pay: {}}")
    invariant = SHOP[SHOP.index("  - id: looking-is-easy") :]
    findings = found(gone, (invariant, ""))
    assert [each.direction for each in findings if "look" in "".join(each.targets)] == ["weaker", "stronger"]
    back = diff(shop(gone, (invariant, "")), shop(), answer_all)
    assert any(each.direction == "weaker" and "is declared" in each.what for each in back)


def test_the_weaker_of_require_and_fallback_counts() -> None:
    added = "    require: strong\n    fallback: {when: cannot_meet, require: {evidence: {aal2: 5m}}}\n"
    findings = found(("    require: strong\n", added))
    assert [each.direction for each in findings] == ["weaker"]
    assert "phr within 5m" in findings[0].what
    assert findings[0].witness is not None
    assert "where that cannot be met: aal2 within 5m" in str(findings[0].witness.now)


def falling(demand: str, fallback: str) -> Document:
    """The small policy, its rule with a fallback where there is one."""
    taken = f"    fallback: {{when: cannot_meet, require: {{evidence: {{{fallback}}}}}}}\n" if fallback else ""
    text = SMALL.replace(
        "    require: {evidence: {aal1: session}}\n", f"    require: {{evidence: {{{demand}}}}}\n{taken}"
    )
    return read_document([Source.of("p.yaml", text)])


@pytest.mark.parametrize("demand", ["phr: session", "phr: 2m"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("aal2: 10m", "aal2: 30m"),
        ("aal2: 10m", "aal2: 12h"),
        ("aal2: 10m", "aal2: session"),
        ("aal2: 15m", "aal2: 24h"),
    ],
)
def test_a_fallback_that_asks_for_less_is_weaker_whatever_the_rule_demands(
    demand: str, before: str, after: str
) -> None:
    old, new = falling(demand, before), falling(demand, after)
    (only,) = diff(old, new, answer_all)
    assert (only.direction, only.rule) == ("weaker", "one")
    age = before.removeprefix("aal2: ")
    assert only.what == f"one: where that cannot be met, no longer demanded: aal2 within {age}"
    assert only.witness is not None
    assert f"where that cannot be met: aal2 within {age}" in str(only.witness.before)
    assert [each.direction for each in diff(new, old, answer_all)] == ["stronger"]


def test_a_fallback_that_goes_is_no_weakening_and_one_that_comes_is() -> None:
    without, with_one = falling("phr: session", ""), falling("phr: session", "aal2: 10m")
    assert [each.direction for each in diff(with_one, without, answer_all)] == ["stronger"]
    (only,) = diff(without, with_one, answer_all)
    assert (only.direction, only.certain) == ("weaker", True)
    assert "where that cannot be met, no longer demanded: phr in this session" in only.what


def test_what_showed_a_loss_at_first_says_nothing_of_who_falls_back() -> None:
    old, new = falling("phr: 2m", "aal2: 10m"), falling("phr: 5m", "aal2: 30m")
    found = [each.what for each in diff(old, new, answer_all)]
    assert sorted(found) == [
        "one: no longer demanded: phr within 2m",
        "one: where that cannot be met, no longer demanded: aal2 within 10m",
    ]


def test_what_cannot_be_told_is_feared() -> None:
    (only,) = diff(shop(), shop(LARGE), lambda problems: [None for _ in problems])
    assert (only.direction, only.certain, only.witness) == ("weaker", False, None)
    assert "no answer" in only.what


def test_a_fact_of_another_type_cannot_be_compared() -> None:
    changed = read_document(
        [Source.of("p.yaml", SMALL.replace("flag: bool", "flag: int").replace("flag\n", "flag > 1\n"))]
    )
    findings = diff(read_document([Source.of("p.yaml", SMALL)]), changed, answer_all)
    assert any(not each.certain and "changed its type" in each.what for each in findings)
    assert any("fact flag, type: bool → int" in each.what for each in findings)


SMALL = """
newel: 1
name: small
schema:
  facts:
    flag: bool
  resources:
    a.b:
      actions: {c: {sensitive: false}}
rules:
  - id: one
    on: a.b:c
    when: flag
    require: {evidence: {aal1: session}}
"""


@pytest.mark.parametrize(
    ("old", "new", "direction", "what"),
    [
        ("pay: {}", "pay: {sensitive: false}", "weaker", "shop.order:pay is no longer sensitive"),
        ("absent: 100", "absent: 50", "weaker", "fact risk.score, value when absent: 100 → 50"),
        ("range: [0, 1000000000]", "range: [0, 2000000000]", "weaker", "shop.order: fact ctx.amount, range"),
        ("over: 24h", "over: 12h", "weaker", "counter velocity.sum_24h, window: 1d → 12h"),
        ("over: 24h", "over: 48h", "stronger", "counter velocity.sum_24h, window: 1d → 2d"),
        ("by: subject.id", "by: client.ip", "weaker", "counts something else"),
        ("{group: leads}", "{group: all}", "weaker", "pool lead is another group: leads → all"),
        ("limit: 5", "limit: 9", "weaker", "meter reads, limit: 5 → 9"),
        ("over: 1d}", "over: 2d}", "stronger", "meter reads, window: 1d → 2d"),
        ("ctx.amount > 5000", "ctx.amount > 6000", "weaker", "invariant large-is-bound claims something else"),
        (
            "at_least: {evidence: {phr: 5m}",
            "at_least: {evidence: {phr: 9m}",
            "weaker",
            "claims something else: at least",
        ),
        ("    at_most: signed\n", "    at_most: strong\n", "weaker", "looking-is-easy claims something else: at most"),
        (
            "at_least: {evidence: {phr: 5m}",
            "at_least: {evidence: {phr: 4m}",
            "stronger",
            "claims more: at least phr within 5m, amount bound to phr at shop.order:pay where ctx.amount > 5000 →",
        ),
        (
            "    at_least: {evidence: {phr: 5m}, bind: [amount]}\n",
            "    at_least: {evidence: {phr: 5m}, bind: [amount]}\n    at_most: strong\n",
            "stronger",
            "invariant large-is-bound claims more",
        ),
        (
            "    for: shop.order:pay\n    when: ctx.amount > 5000\n",
            '    for: "shop.order:*"\n    when: ctx.amount > 5000\n',
            "stronger",
            "invariant large-is-bound claims more",
        ),
    ],
)
def test_what_is_set_beside_the_rules_is_told(old: str, new: str, direction: str, what: str) -> None:
    findings = found((old, new))
    assert any(each.direction == direction and what in each.what for each in findings), findings
