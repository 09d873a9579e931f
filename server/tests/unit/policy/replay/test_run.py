"""A whole replay: what it counts adds up, and blames the rule that asks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import asked, document, log_of, rule
from server.tests.unit.policy.replay.test_walk import DEMANDS, ROWS, policies

from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, require
from newel.domain.value import replace
from newel.policy.document import Counter, Document
from newel.policy.facts import Fact
from newel.policy.fields import Field
from newel.policy.lang.core import Compare, Constant, Read
from newel.policy.replay import levels as leveling
from newel.policy.replay import log as logs
from newel.policy.replay.build import Row
from newel.policy.replay.levels import Moves
from newel.policy.replay.log import Log
from newel.policy.replay.report import Attacks, Change, Report
from newel.policy.replay.run import Named, replay

DAY, NOON = 86_400, 43_200
SECOND = require({"aal2": 300})
LARGE = Compare(">", Read("ctx.amount"), Constant(1000, "int"))


def replayed(log: Log, before: Document, after: Document, **more: Any) -> Report:
    """A replay of two policies named before and after."""
    return replay(log, Named("before", before), Named("after", after), **more)


def compared(before: Document, after: Document, *rows: Row) -> Report:
    """The same over rows."""
    return replayed(log_of(before, rows), before, after)


def money(*rules: Any) -> Document:
    """A policy whose requests have an amount."""
    made = document(*rules)
    bank = replace(
        made.resources["bank"],
        fields={"amount": Field(kind="money", label="Amount")},
        facts={
            "ctx.country": Fact(name="ctx.country", kind="string", field=("payee", "country")),
            "ctx.amount": Fact(name="ctx.amount", kind="int", field=("amount", "minor")),
        },
    )
    return replace(made, resources={"bank": bank})


@settings(max_examples=40, deadline=None)
@given(ROWS, st.lists(DEMANDS, min_size=4, max_size=4), st.lists(DEMANDS, min_size=4, max_size=4))
def test_what_is_counted_adds_up(rows: list[Row], first: list[Any], second: list[Any]) -> None:
    before, after = policies(first), policies(second)
    log = log_of(before, rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logs.Log.chunks, "__defaults__", (7,))
        report = replayed(log, before, after)
    whole = replayed(log, before, after)
    assert report == whole
    for side in ("before", "after"):
        prompts = getattr(report.prompts, side)
        assert sum(getattr(each.prompts, side) for each in report.days) == prompts
        assert sum(getattr(each.prompts, side) for each in report.groups) == prompts
        stopped = prompts + getattr(report.locked, side) + getattr(report.denied, side)
        assert sum(getattr(each.stopped, side) for each in report.caught) == stopped
        assert sum(getattr(each.only, side) for each in report.rules) <= prompts
    assert sum(each.requests for each in report.groups) == report.requests == len(rows)
    assert report.denied.before == sum(each.denied.before for each in report.rules) or any(
        len(case) for case in (first, second)
    )
    swapped = replayed(log, after, before)
    assert (swapped.prompts.before, swapped.prompts.after) == (report.prompts.after, report.prompts.before)
    assert sum(each.newly for each in swapped.caught) == sum(each.no_longer for each in report.caught)


def test_a_policy_against_itself_changes_nothing() -> None:
    policy = document(rule("r", "bank:send", SECOND))
    report = compared(policy, policy, asked(0), asked(10), asked(DAY))
    assert report.prompts == Change(2, 2)
    assert not any(line.newly or line.no_longer for line in report.caught)
    assert not any(line.fell or line.rose for line in report.levels)


def test_a_prompt_exists_only_because_of_the_one_rule_that_asks_it() -> None:
    before = document(rule("signed", "bank:send", require({"aal1": SESSION})), rule("second", "bank:send", SECOND))
    after = document(*before.rules, rule("more", "bank:send", require({"aal2": 60})))
    report = compared(before, after, asked(0), asked(120))
    told = {line.id: line for line in report.rules}
    assert report.prompts == Change(1, 2)
    assert (told["second"].prompts, told["second"].only) == (Change(1, 1), Change(1, 0))
    assert (told["more"].prompts, told["more"].only) == (Change(0, 2), Change(0, 1))
    assert (told["signed"].prompts, told["signed"].matched) == (Change(0, 0), Change(2, 2))


def test_a_bound_rule_asks_each_time() -> None:
    bound = document(rule("bound", "bank:send", require({"aal2": 300}, bind=frozenset({"amount"}))))
    (line,) = compared(bound, bound, asked(0), asked(1)).rules
    assert (line.prompts, line.only) == (Change(2, 2), Change(2, 2))


def test_lock_outs_and_denials_are_the_rules_that_cause_them() -> None:
    before = document(rule("phr", "bank:send", require({"phr": SESSION})))
    after = document(rule("never", "bank:send", DENY), rule("seen", "bank:send", DENY, observe=True))
    rows = [asked(0, groups=("hr",)), asked(1, person=2, session=2, groups=("eng", "hr")), asked(2, session=3)]
    report = compared(before, after, *rows)
    told = {line.id: line for line in report.rules}
    assert told["phr"].locked == Change(3, 0)
    assert (told["never"].denied, told["seen"].denied) == (Change(0, 3), Change(0, 0))
    assert told["seen"].observes
    assert (report.locked, report.locked_people, report.denied) == (Change(3, 0), Change(2, 0), Change(0, 3))
    groups = {line.name: line for line in report.groups}
    assert {name: line.locked.before for name, line in groups.items()} == {"hr": 2, "eng": 1, "no group": 1}
    assert (groups["hr"].people, groups["no group"].people) == (1, 1)
    assert groups["hr"].locked_people == Change(1, 0)


def test_an_undeclared_target_is_told_as_such() -> None:
    policy = document(rule("r", "bank:send", NOTHING))
    (line,) = compared(policy, policy, asked(0, targets=("bank:odd",))).rules
    assert (line.id, line.denied) == ("undeclared-target", Change(1, 1))


def test_levels_tell_what_fell_below_them_and_of_those_alike_the_highest() -> None:
    before = document(
        rule("r", "bank:send", SECOND), rule("low", "bank:read", require({"aal2": 9000})), actions=("send", "read")
    )
    after = document(
        rule("low", "bank:read", require({"aal2": 9000})),
        rule("never", "bank:send", DENY, LARGE),
        facts={"ctx.amount": "int"},
        actions=("send", "read"),
    )
    report = compared(before, after, asked(0), asked(1, targets=("bank:read",)), asked(2, facts={"ctx.amount": 1}))
    told = {line.demand: (line.requests, line.fell, line.rose) for line in report.levels}
    assert told["a second factor within 5 minutes"] == (Change(2, 2), 0, 0)
    assert told["refused"] == (Change(0, 2), 0, 2)
    fallen = compared(before, document(actions=("send", "read")), asked(0), asked(1))
    assert [(line.demand, line.fell) for line in fallen.levels] == [("a second factor within 5 minutes", 2)]


def test_moves_of_many_cases_are_counted_as_those_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(document(), [asked(at, person=at) for at in range(9)])
    few, many = Moves(), Moves()
    few.add(log.person, log.person[::-1])
    monkeypatch.setattr(leveling, "MOST_COUNTED", 0)
    many.add(log.person, log.person[::-1])
    few.add(log.person[:0], log.person[:0])
    assert few.by_demand(log.person, log.person) == many.by_demand(log.person, log.person)


def test_what_passes_no_longer_is_summed_by_amount_and_for_attacks() -> None:
    before, after = money(), money(rule("large", "bank:send", SECOND, LARGE))
    amounts = [500, 5_000, 50_000, 10**9]
    rows = [
        asked(9000 * at, session=at, facts={"ctx.amount": each}, attack=each > 600) for at, each in enumerate(amounts)
    ]
    report = compared(before, after, *rows)
    (line,) = report.caught
    assert (line.newly, line.newly_amount, line.no_longer, line.no_longer_amount) == (3, 1_000_055_000, 0, 0)
    assert report.attacks == Attacks(requests=3, stopped=Change(0, 3), passing_amount=Change(1_000_055_000, 0))
    assert sum(band.requests for band in report.bands) == 4


def test_bands_of_amounts_are_few_and_full() -> None:
    policy = money()
    rows = [asked(at, facts={"ctx.amount": 10 ** (at % 8)}) for at in range(800)]
    bands = compared(policy, policy, *rows).bands
    assert len(bands) <= 7
    assert all(band.requests >= 20 for band in bands)
    assert [band.low for band in bands] == sorted(band.low for band in bands)
    assert bands[0].low == 0
    assert sum(band.requests for band in bands) == 800


def test_requests_without_an_amount_have_no_bands() -> None:
    policy = money()
    report = compared(policy, policy, asked(0), asked(1, targets=("bank:send", "newel.x:y")))
    assert report.bands == ()
    assert [line.newly_amount for line in report.caught] == [None, None]
    some = compared(policy, policy, asked(0), asked(1, facts={"ctx.amount": 5}), asked(2, targets=()))
    assert [band.requests for band in some.bands] == [1]


def test_busy_days_are_those_of_people_who_came() -> None:
    policy = document(rule("bound", "bank:send", require({"aal2": 9}, bind=frozenset({"a"}))))
    rows = [asked(at, person=person) for person in range(20) for at in range(person % 3)] + [asked(DAY, person=99)]
    report = compared(document(), policy, *rows)
    assert (report.typical, report.busy) == (Change(0, 1), Change(0, 2))
    assert report.asked_people == Change(0, 14)


def test_days_are_those_of_the_zone() -> None:
    policy = document(rule("r", "bank:send", SECOND))
    log = log_of(policy, [asked(23 * 3600, session=1), asked(25 * 3600, session=2)])
    assert [each.date for each in replayed(log, policy, policy).days] == ["1970-01-01", "1970-01-02"]
    assert [each.date for each in replayed(log, policy, policy, zone="Europe/Berlin").days] == ["1970-01-02"]


def test_progress_is_told_after_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.Log.chunks, "__defaults__", (2,))
    policy = document()
    log = log_of(policy, [asked(at, session=at, targets=("bank:send" if at < 2 else "bank:odd",)) for at in range(5)])
    told: list[tuple[int, int]] = []
    replayed(log, policy, policy, progress=lambda done, rows: told.append((done, rows)))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_an_empty_log_is_an_empty_report() -> None:
    policy = document(rule("r", "bank:send", SECOND))
    report = compared(policy, policy)
    assert (report.requests, report.prompts, report.groups, report.caught) == (0, Change(0, 0), (), ())


def test_caveats_say_what_the_log_does_not_hold() -> None:
    reading = rule("r", "bank:send", SECOND, LARGE)
    lost = document(reading, facts={"ctx.amount": "int"})
    assert any("does not hold ctx.amount" in each for each in compared(lost, lost, asked(0)).caveats)
    filled = replace(lost, facts={"ctx.amount": Fact(name="ctx.amount", kind="int", absent=10**9)})
    assert any("declared for its absence" in each for each in compared(filled, filled, asked(0)).caveats)
    many = {f"ctx.f{number}": "bool" for number in range(6)}
    several = document(
        *(rule(path, "bank:send", SECOND, Read(path)) for path in many), facts=dict.fromkeys(many, "bool")
    )
    assert any("and 2 other facts" in each for each in compared(several, several, asked(0)).caveats)
    held = compared(lost, lost, asked(0, facts={"ctx.amount": 5}, attack=False))
    assert held.caveats == ()


def test_caveats_say_what_a_replay_takes_as_given() -> None:
    waits = document(
        rule("f", "bank:send", require(forbid={"sms"})),
        rule("a", "bank:send", require(approve=[Approval("treasury", 1, frozenset(), 9)])),
    )
    counts = Counter(name="v", kind="count", targets=("bank:send",), fact="", by="subject.id", over=9, high=9)
    report = compared(waits, replace(waits, counters={"v": counts}), asked(0, methods=None))
    assert len(report.caveats) == 5
    assert report.approvals == Change(1, 1)
