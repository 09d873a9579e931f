"""Recorded decisions as rows of a replay: facts from both parts of an entry, people under keyed hashes."""

from pathlib import Path
from typing import Any

from server.tests.unit.cli.policy.people import person, within
from server.tests.unit.cli.policy.stall import snapshot
from server.tests.unit.policy.replay.documents import asked

from newel.cli.opening import Open
from newel.cli.policy.recorded import fielded_facts, hidden, row_of, rows
from newel.domain.audit import DecisionRecord, Entry
from newel.policy.replay.build import Row
from newel.storage.base import Unit
from newel.storage.history import forget

KEY = b"k" * 32


def entry(*, at: int = 1000, subject: str | None = "id-maria", body: Any = None, personal: Any = None, **record: Any) -> Entry:  # fmt: skip
    """A decision on a sale; `record` replaces members of its record."""
    told: dict[str, Any] = {
        "targets": ("stall.sale:sell",), "policy": "p", "facts": {}, "requirement": "none", "outcome": "met",
    }  # fmt: skip
    mine = {} if subject is None else {"subject": subject}
    return Entry(
        kind="decided",
        at=at,
        body={"session": "s1"} if body is None else body,
        personal={**mine, **(personal or {})},
        decision=DecisionRecord(**{**told, **record}),
    )


def read(found: Entry, key: bytes = KEY, **groups: tuple[str, ...]) -> Row | None:
    assert found.decision is not None
    return row_of(found, found.decision, key, {name.replace("_", "-"): those for name, those in groups.items()})


def row(found: Entry, key: bytes = KEY, **groups: tuple[str, ...]) -> Row:
    made = read(found, key, **groups)
    assert made is not None
    return made


def test_facts_come_from_both_parts_and_what_is_no_fact_stays_out() -> None:
    found = row(
        entry(
            facts={"risk.score": 7, "now": 1000, "odd": 1},
            personal={"ctx.amount": 12, "shown": "Send 12", "thing": "t.1", "author": "x.y"},
        )
    )
    assert dict(found.facts) == {"risk.score": 7, "now": 1000, "ctx.amount": 12}


def test_every_outcome_has_its_word() -> None:
    words = {"met": "met", "asked": "asked", "refused": "refused", "later": "unknown"}
    assert {told: row(entry(outcome=told)).outcome for told in words} == words


def test_a_session_is_its_lineage_or_its_interaction_or_its_person() -> None:
    bodies: tuple[dict[str, str], ...] = ({"session": "s1", "interaction": "i1"}, {"interaction": "i1"}, {})
    assert [row(entry(body=body)).session for body in bodies] == [
        hidden(KEY, "s1"), hidden(KEY, "i1"), hidden(KEY, "id-maria"),
    ]  # fmt: skip


def test_ages_are_counted_from_the_decision_and_never_negative() -> None:
    assert row(entry(at=1000, reached={"aal1": 400, "aal2": 1001})).ages == {"aal1": 600, "aal2": 0}


def test_methods_and_groups_are_those_that_are_known() -> None:
    known = row(entry(methods=("password", "totp")), id_maria=("sellers",))
    assert (known.methods, known.groups) == (("password", "totp"), ("sellers",))
    unknown = row(entry())
    assert (unknown.methods, unknown.groups) == (None, ())


def test_a_forgotten_person_and_what_no_policy_decided_are_left_out() -> None:
    assert read(entry(subject=None)) is None
    assert read(entry(personal={"subject": 7})) is None
    assert read(entry(targets=("newel.account:remove:id-1",), policy="account-floor")) is None
    assert read(entry(targets=("newel.console:keys",))) is None
    assert row(entry(targets=("newel.console:keys", "stall.sale:sell"))).targets == ("stall.sale:sell",)
    assert read(entry(targets=())) is None


def test_what_the_policy_decided_at_ones_own_account_is_replayed_and_is_no_act_of_a_client() -> None:
    removed = row(entry(targets=("newel.account:remove",), facts={"account.method": "passkey"}))
    assert (removed.targets, dict(removed.facts)) == (("newel.account:remove",), {"account.method": "passkey"})
    assert removed.act is None


def test_another_key_hides_people_and_sessions_otherwise() -> None:
    mine, again, other = row(entry()), row(entry()), row(entry(), b"o" * 32)
    assert (mine.person, mine.session) == (again.person, again.session)
    assert {mine.person, mine.session} & {other.person, other.session} == set()
    assert mine.person != mine.session
    assert all(0 <= each < 2**64 for each in (mine.person, mine.session))


def test_decisions_on_the_same_fields_of_one_persons_action_are_about_one_act() -> None:
    def act(amount: int, key: bytes = KEY, **more: Any) -> int | None:
        found = entry(personal={"ctx.amount": amount, "ctx.known": amount % 2 == 0}, **more)
        assert found.decision is not None
        made = row_of(found, found.decision, key, {}, frozenset({"ctx.amount", "ctx.other"}))
        return made.act if made else None

    assert act(5) == act(5, at=2000, body={"session": "s2"}, outcome="asked")
    others = [act(6), act(5, subject="id-noor"), act(5, targets=("stall.sale:cancel",)), act(5, b"o" * 32)]
    assert len({act(5), *others}) == 5
    assert act(5, targets=("newel.session:sign_in", "newel.scope:payments")) is None
    assert act(5, targets=("newel.scope:payments", "stall.sale:sell")) is not None


def test_the_facts_of_fields_are_those_that_a_policy_reads_from_an_action() -> None:
    document = snapshot().document
    assert fielded_facts(document, document) == {"ctx.amount"}
    assert fielded_facts() == frozenset()


def test_a_row_is_what_a_replay_takes() -> None:
    assert row(entry(at=5)) == asked(
        5, targets=("stall.sale:sell",), person=hidden(KEY, "id-maria"), session=hidden(KEY, "s1"), ages={},
        methods=None, outcome="met", act=row(entry()).act,
    )  # fmt: skip


def test_rows_are_the_decisions_since_a_time_of_people_who_were_not_forgotten(folder: Path) -> None:
    person(folder, "maria", "password")
    person(folder, "noor", "password")
    entries = [
        entry(at=10, personal={"ctx.amount": 1}),
        entry(at=20, personal={"ctx.amount": 2}),
        entry(at=30, personal={"ctx.amount": 3}, subject="id-noor"),
        entry(at=40, personal={"ctx.amount": 4}, subject="id-gone"),
        Entry(kind="signed_out", at=50, personal={"subject": "id-maria"}),
    ]

    async def recorded(everything: Open) -> list[Row]:
        for each in entries:
            await everything.store.commit(Unit((), audit=each))
        await forget(everything.store, {"subject": "id-noor"})
        return [each async for each in rows(everything.store, KEY, 20)]

    found = within(folder, recorded)
    assert [(each.at, each.facts["ctx.amount"], each.groups) for each in found] == [
        (20, 2, ("sellers",)),
        (40, 4, ()),
    ]
