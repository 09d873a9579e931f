"""Authenticators, the conditional updates of verified proofs, recovery codes."""

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.domain.change import AdvanceCounter, ReplaceMaterial, SpendRecoveryCode
from newel.storage.base import Committed, Query, Refused, Store, Unit, first
from newel.storage.sql import authenticators as verbs

MINE = "alice", "a1"


def unspent(authenticator: str) -> Query[bytes]:
    """The keyed hashes of the recovery codes that are left."""
    sql = "SELECT code_hash FROM recovery_codes WHERE authenticator = :id AND spent_at IS NULL"
    return Query(sql, {"id": authenticator}, first)


async def test_an_authenticator_comes_back_whole_and_is_found_by_its_credential(store: Store) -> None:
    await store.commit(samples.enrolled())
    second = samples.authenticator("a2", attested=True, ceiling=None)
    await store.commit(Unit(verbs.add_authenticator(second, b"credential")))
    assert await store.all(verbs.authenticators_of("alice")) == [samples.authenticator(), second]
    assert await store.one(verbs.subject_of_credential(b"credential")) == ("alice", "a2")
    assert await store.one(verbs.subject_of_credential(b"other")) is None


async def test_a_credential_id_belongs_to_one_authenticator(store: Store) -> None:
    await store.commit(samples.enrolled())
    await store.commit(samples.enrolled("bob", "b1"))
    await store.commit(Unit(verbs.add_authenticator(samples.authenticator("a2"), b"credential")))
    theirs = samples.authenticator("b2", "bob")
    assert await store.commit(Unit(verbs.add_authenticator(theirs, b"credential"))) == Refused(1)
    assert await store.commit(Unit(verbs.add_authenticator(samples.authenticator("a2")))) == Refused(1)


async def test_a_subject_has_twenty_authenticators_at_most(store: Store) -> None:
    await store.commit(samples.enrolled())
    for number in range(2, verbs.MOST + 1):
        added = await store.commit(Unit(verbs.add_authenticator(samples.authenticator(f"a{number}"))))
        assert isinstance(added, Committed)
    assert await store.commit(Unit(verbs.add_authenticator(samples.authenticator("one-more")))) == Refused(0)


async def test_an_authenticator_needs_its_subject(store: Store) -> None:
    assert await store.commit(Unit(verbs.add_authenticator(samples.authenticator()))) == Refused(0)


async def test_it_is_renamed_settled_and_marked_used(store: Store) -> None:
    await store.commit(samples.enrolled())
    await store.commit(Unit((verbs.rename(*MINE, "Key"), verbs.settle(*MINE), verbs.mark_used(*MINE, NOW))))
    [changed] = await store.all(verbs.authenticators_of("alice"))
    assert changed == samples.authenticator(name="Key", ceiling=None, last_used_at=NOW)
    assert await store.commit(Unit((verbs.settle(*MINE),))) == Refused(0)


async def test_only_its_own_subject_reaches_it(store: Store) -> None:
    await store.commit(samples.enrolled())
    for statement in (
        verbs.rename("bob", "a1", "Key"),
        verbs.settle("bob", "a1"),
        verbs.mark_used("bob", "a1", NOW),
        verbs.remove("bob", "a1")[0],
        verbs.apply_change("bob", AdvanceCounter("a1", 9), NOW),
        verbs.apply_change("bob", ReplaceMaterial("a1", b"public key", b"x"), NOW),
    ):
        assert await store.commit(Unit((statement,))) == Refused(0)


async def test_removing_takes_its_codes_along_and_frees_the_credential(store: Store) -> None:
    await store.commit(samples.enrolled())
    added = verbs.add_authenticator(samples.authenticator("a2"), b"credential")
    await store.commit(Unit((*added, *verbs.add_recovery_codes("a2", (digest("1"),)))))
    await store.commit(Unit(verbs.remove("alice", "a2")))
    assert await store.all(verbs.authenticators_of("alice")) == [samples.authenticator()]
    assert await store.all(unspent("a2")) == []
    assert isinstance(await store.commit(Unit(added)), Committed)


async def test_s13_a_counter_only_advances(store: Store) -> None:
    await store.commit(samples.enrolled())
    for to, stands in ((3, False), (2, False), (5, True), (5, False), (6, True)):
        outcome = await store.commit(Unit((verbs.apply_change("alice", AdvanceCounter("a1", to), NOW + to),)))
        assert isinstance(outcome, Committed) is stands
    [used] = await store.all(verbs.authenticators_of("alice"))
    assert (used.counter, used.last_used_at) == (6, NOW + 6)


async def test_material_is_replaced_only_while_it_is_what_was_read(store: Store) -> None:
    await store.commit(samples.enrolled())
    change = verbs.apply_change("alice", ReplaceMaterial("a1", b"public key", b"better"), NOW)
    assert isinstance(await store.commit(Unit((change,))), Committed)
    assert await store.commit(Unit((change,))) == Refused(0)


async def test_s13_a_recovery_code_is_spent_once_and_by_its_owner(store: Store) -> None:
    await store.commit(samples.enrolled())
    await store.commit(Unit(verbs.add_recovery_codes("a1", (digest("1"), digest("2")))))
    spend = SpendRecoveryCode("a1", digest("1"))
    assert await store.commit(Unit((verbs.apply_change("bob", spend, NOW),))) == Refused(0)
    assert isinstance(await store.commit(Unit((verbs.apply_change("alice", spend, NOW),))), Committed)
    assert await store.commit(Unit((verbs.apply_change("alice", spend, NOW),))) == Refused(0)
    assert await store.all(unspent("a1")) == [digest("2")]


async def test_new_recovery_codes_replace_the_earlier_ones(store: Store) -> None:
    await store.commit(samples.enrolled())
    await store.commit(Unit(verbs.add_recovery_codes("a1", (digest("1"), digest("2")))))
    await store.commit(Unit(verbs.add_recovery_codes("a1", (digest("3"),))))
    assert await store.all(unspent("a1")) == [digest("3")]
    spent = await store.commit(Unit((verbs.apply_change("alice", SpendRecoveryCode("a1", digest("1")), NOW),)))
    assert spent == Refused(0)
