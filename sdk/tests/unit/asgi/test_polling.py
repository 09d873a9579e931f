"""Polling for as long as the application runs."""

import asyncio
from typing import Any

from newel_sdk.asgi import polling
from newel_sdk.fetch import Response
from newel_sdk.guard import Guard
from newel_sdk.jwks import RemoteKeys
from newel_sdk.testing import Issuer
from newel_sdk.verify import EpochWatch


async def test_the_epoch_is_polled_inside_the_block_and_not_after_it() -> None:
    issuer = Issuer()
    polled = asyncio.Event()

    async def fetch(method: str, url: str, **_: Any) -> Response:
        if url.endswith("/epoch"):
            polled.set()
        return await issuer.fetch(method, url)

    keys = RemoteKeys(issuer.issuer, fetch=fetch)
    watch = EpochWatch(keys, interval=0)
    async with polling(Guard(issuer=issuer.issuer, audience="a", keys=keys, epoch=watch)):
        await polled.wait()
    assert len(asyncio.all_tasks()) == 1


async def test_a_guard_without_an_epoch_polls_nothing() -> None:
    issuer = Issuer()
    async with polling(Guard(issuer=issuer.issuer, audience="a", keys=issuer.keys)):
        assert len(asyncio.all_tasks()) == 1
