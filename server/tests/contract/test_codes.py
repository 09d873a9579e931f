"""Authorization codes and pushed requests."""

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.domain.value import replace
from newel.storage.base import Committed, Refused, Store, Unit
from newel.storage.sql import codes, pushed, revocations

SECRET = digest("secret")


async def issue(store: Store) -> None:
    await store.commit(Unit((codes.add_code("c1", SECRET, samples.code_grant(), NOW + 60),)))


async def test_s13_a_code_is_consumed_once(store: Store) -> None:
    await issue(store)
    consume = codes.consume_code("c1", SECRET, "bank-web", NOW)
    assert await store.commit(Unit((consume,))) == Committed((samples.code_grant(),))
    assert await store.commit(Unit((consume,))) == Refused(0)
    row = await store.one(codes.code("c1"))
    assert row == codes.CodeRow("c1", SECRET, "bank-web", "f1", NOW + 60, NOW, samples.code_grant())


async def test_a_code_is_for_its_client_its_secret_and_its_time(store: Store) -> None:
    await issue(store)
    for wrong in (
        codes.consume_code("c1", SECRET, "another", NOW),
        codes.consume_code("c1", digest("guess"), "bank-web", NOW),
        codes.consume_code("c1", SECRET, "bank-web", NOW + 60),
        codes.consume_code("c2", SECRET, "bank-web", NOW),
    ):
        assert await store.commit(Unit((wrong,))) == Refused(0)
    assert isinstance(await store.commit(Unit((codes.consume_code("c1", SECRET, "bank-web", NOW + 59),))), Committed)


async def test_s29_a_code_of_a_revoked_family_is_worth_nothing(store: Store) -> None:
    await issue(store)
    await store.commit(Unit(revocations.revoke_family("f1", NOW)))
    assert await store.commit(Unit((codes.consume_code("c1", SECRET, "bank-web", NOW),))) == Refused(0)


async def test_s29_a_code_of_a_revoked_session_is_worth_nothing(store: Store) -> None:
    await issue(store)
    await store.commit(Unit(revocations.revoke_session("s1", NOW)))
    assert await store.commit(Unit((codes.consume_code("c1", SECRET, "bank-web", NOW),))) == Refused(0)


async def test_a_pushed_request_is_used_once(store: Store) -> None:
    await store.commit(Unit((pushed.add_pushed("p1", "bank-web", samples.request(), NOW + 60),)))
    row = pushed.PushedRow("p1", "bank-web", samples.request(), NOW + 60, None)
    assert await store.one(pushed.pushed("p1")) == row
    assert isinstance(await store.commit(Unit((pushed.use_pushed("p1", NOW),))), Committed)
    assert await store.commit(Unit((pushed.use_pushed("p1", NOW),))) == Refused(0)
    assert await store.one(pushed.pushed("p1")) == replace(row, used_at=NOW)
    assert await store.one(pushed.pushed("p2")) is None
