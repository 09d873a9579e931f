"""Subjects and sign-up addresses."""

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.domain.value import replace
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import subjects


async def test_a_subject_is_found_by_id_and_by_canonical_name(store: Store) -> None:
    await store.commit(Unit((subjects.add_subject(samples.subject(), "alice"),)))
    assert await store.one(subjects.subject("alice")) == samples.subject()
    assert await store.one(subjects.subject_by_name("alice")) == samples.subject()
    assert await store.one(subjects.subject_by_name("Alice")) is None


async def test_s11_a_canonical_name_belongs_to_one_subject(store: Store) -> None:
    await store.commit(Unit((subjects.add_subject(samples.subject("one"), "alice"),)))
    assert await store.commit(Unit((subjects.add_subject(samples.subject("two"), "alice"),))) == Refused(0)
    assert await store.commit(Unit((subjects.add_subject(samples.subject("one"), "other"),))) == Refused(0)


async def test_subjects_come_in_pages(store: Store) -> None:
    for number in range(5):
        await store.commit(Unit((subjects.add_subject(samples.subject(f"s{number}"), f"s{number}"),)))
    first = await store.all(subjects.subjects(limit=3))
    rest = await store.all(subjects.subjects(after=first[-1].id))
    assert [each.id for each in first + rest] == ["s0", "s1", "s2", "s3", "s4"]


async def test_a_subject_is_replaced_if_it_exists(store: Store) -> None:
    changed = replace(samples.subject(), disabled=True)
    assert await store.commit(Unit((subjects.replace_subject(changed),))) == Refused(0)
    await store.commit(Unit((subjects.add_subject(samples.subject(), "alice"),)))
    await store.commit(Unit((subjects.replace_subject(changed),)))
    assert await store.one(subjects.subject("alice")) == changed


async def test_a_sign_up_address_is_spent_once_by_its_secret_in_time(store: Store) -> None:
    await store.commit(Unit((subjects.add_sign_up("u1", digest("secret"), "alice", NOW + 10),)))
    assert await store.commit(Unit((subjects.spend_sign_up("u1", digest("wrong"), NOW),))) == Refused(0)
    assert await store.commit(Unit((subjects.spend_sign_up("u1", digest("secret"), NOW + 10),))) == Refused(0)
    assert await store.commit(Unit((subjects.spend_sign_up("u2", digest("secret"), NOW),))) == Refused(0)
    assert await store.commit(Unit((subjects.spend_sign_up("u1", digest("secret"), NOW + 9),))) == Committed(("alice",))
    assert await store.commit(Unit((subjects.spend_sign_up("u1", digest("secret"), NOW + 9),))) == Refused(0)
    assert await store.one(subjects.sign_up("u1")) == subjects.SignUp(
        "u1", digest("secret"), "alice", NOW + 10, NOW + 9
    )
