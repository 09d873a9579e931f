"""The signed epoch (S29)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from newel_sdk.errors import FetchFailed, TokenRefused
from newel_sdk.fetch import Response
from newel_sdk.guard import Allowed, Guard
from newel_sdk.jwks import RemoteKeys
from newel_sdk.testing import Issuer
from newel_sdk.verify import EpochWatch, read_epoch

NOW = 1_790_000_000


class World:
    def __init__(self) -> None:
        self.now, self.broken, self.status = NOW, False, 200
        self.issuer = Issuer(clock=self.clock)
        self.asked: list[str] = []
        self.polled_thrice = asyncio.Event()
        self.keys = RemoteKeys(self.issuer.issuer, fetch=self.fetch, clock=self.clock)
        self.watch = EpochWatch(self.keys, interval=0, clock=self.clock)
        self.guard = Guard(
            issuer=self.issuer.issuer, audience=self.issuer.audience, keys=self.keys, epoch=self.watch, clock=self.clock
        )

    def clock(self) -> int:
        return self.now

    async def fetch(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        del headers, body
        self.asked.append(url.removeprefix(self.issuer.issuer))
        if self.asked.count("/epoch") > 2:
            self.polled_thrice.set()
        if self.broken:
            raise FetchFailed("unreachable")
        answer = await self.issuer.fetch(method, url)
        return Response(status=self.status, headers={}, body=answer.body)

    async def allows(self, token: str) -> bool:
        check = self.guard.require()
        await check.prepare(token)
        return isinstance(check.decide(token), Allowed)


async def test_s29_a_remembered_token_of_a_revoked_session_token_or_family_is_refused_after_one_poll() -> None:
    world = World()
    session, token, family, other = (
        world.issuer.token(sid="gone"),
        world.issuer.token(jti="lost"),
        world.issuer.token(jti="f.1"),
        world.issuer.token(),
    )
    assert all([await world.allows(each) for each in (session, token, family, other)])
    world.issuer.published_epoch = world.issuer.epoch(
        revoked_sessions=[("gone", NOW)], revoked_tokens=["lost"], revoked_families=["f"]
    )
    assert await world.watch.poll()
    assert [await world.allows(each) for each in (session, token, family, other)] == [False, False, False, True]


async def test_a_session_id_revoked_earlier_does_not_refuse_a_token_issued_later() -> None:
    world = World()
    world.issuer.published_epoch = world.issuer.epoch(revoked_sessions=[("s", NOW - 1), ("s", NOW - 9)])
    await world.watch.poll()
    assert await world.allows(world.issuer.token(sid="s"))


async def test_while_the_issuer_is_unreachable_the_last_list_stays_and_tokens_live_to_their_end_only() -> None:
    world = World()
    token, revoked = world.issuer.token(), world.issuer.token(sid="gone")
    stale = [world.watch.stale]
    world.issuer.published_epoch = world.issuer.epoch(revoked_sessions=[("gone", NOW)])
    await world.watch.poll()
    stale.append(world.watch.stale)
    world.broken = True
    assert not await world.watch.poll()
    world.now += 60
    stale.append(world.watch.stale)
    assert stale == [True, False, True]
    assert await world.allows(token)
    assert not await world.allows(revoked)
    world.now += 300
    assert not await world.allows(token)


async def test_moved_keys_are_fetched_at_once_and_a_failure_is_tried_again() -> None:
    world = World()
    await world.watch.poll()
    world.issuer.published_epoch = world.issuer.epoch(keys=2)
    fetch, world.keys.fetch = world.keys.fetch, _only_epoch(world)
    assert not await world.watch.poll()
    world.keys.fetch = fetch
    before = world.keys.generation
    assert await world.watch.poll()
    assert world.keys.generation == before + 1
    assert await world.watch.poll()
    assert world.keys.generation == before + 1


def _only_epoch(world: World) -> Any:
    async def fetch(method: str, url: str, **sent: Any) -> Response:
        if url.endswith("/jwks"):
            raise FetchFailed("unreachable")
        return await world.fetch(method, url, **sent)

    return fetch


async def test_an_older_epoch_brings_nothing_back() -> None:
    world = World()
    older = world.issuer.epoch(now=NOW - 2)
    world.issuer.published_epoch = world.issuer.epoch(revoked_tokens=["t"])
    await world.watch.poll()
    world.issuer.published_epoch = older
    assert not await world.watch.poll()
    assert world.watch.current is not None
    assert world.watch.current.revoked_tokens == {"t"}


@pytest.mark.parametrize("body", ["x", "a.b.c", "x" * 300_000])
async def test_an_answer_that_is_not_believed_teaches_nothing(body: str) -> None:
    world = World()
    world.issuer.published_epoch = body
    assert not await world.watch.poll()
    world.issuer.published_epoch, world.status = None, 503
    assert not await world.watch.poll()
    assert world.watch.current is None


async def test_the_watch_polls_until_it_is_cancelled() -> None:
    world = World()
    task = asyncio.create_task(world.watch.run())
    await world.polled_thrice.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert world.watch.current is not None


GOOD: dict[str, Any] = {
    "iss": "https://issuer.example",
    "iat": NOW,
    "exp": NOW + 30,
    "epoch": {"keys": 1, "policy": 1, "revocations": 1},
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"epoch": 1},
        {"epoch": {}},
        {"iat": "x"},
        {"iat": NOW + 6},
        {"exp": NOW - 5},
        {"exp": True},
        {"revoked_tokens": "x"},
        {"revoked_tokens": [""]},
        {"revoked_families": [1]},
        {"revoked_sessions": {}},
        {"revoked_sessions": [["s"]]},
        {"revoked_sessions": [["", 1]]},
        {"revoked_sessions": [["s", True]]},
        {"revoked_sessions": [["s", False]]},
    ],
)
def test_a_malformed_or_foreign_epoch_is_refused(wrong: dict[str, Any]) -> None:
    issuer = Issuer()
    assert read_epoch(issuer.sign(GOOD, typ="newel-epoch+jwt"), keys=issuer.keys, issuer=issuer.issuer, now=NOW)
    with pytest.raises(TokenRefused):
        read_epoch(issuer.sign(GOOD | wrong, typ="newel-epoch+jwt"), keys=issuer.keys, issuer=issuer.issuer, now=NOW)


def test_an_access_token_is_no_epoch_and_no_object_no_claims() -> None:
    issuer = Issuer()
    no_object: Any = []
    for token in (issuer.sign(GOOD, typ="at+jwt"), issuer.sign(no_object, typ="newel-epoch+jwt")):
        with pytest.raises(TokenRefused):
            read_epoch(token, keys=issuer.keys, issuer=issuer.issuer, now=NOW)
