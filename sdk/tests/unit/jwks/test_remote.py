"""Keys of an issuer over the network."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from newel_sdk.errors import FetchFailed, KeyRefused
from newel_sdk.fetch import Response
from newel_sdk.jwks import RemoteKeys
from newel_sdk.testing import Issuer


class Network:
    """Serves one issuer, counts, and breaks when told to."""

    def __init__(self) -> None:
        self.issuer = Issuer()
        self.asked: list[str] = []
        self.status, self.body, self.now = 200, b"", 1000

    def clock(self) -> int:
        return self.now

    async def fetch(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        del headers, body
        self.asked.append(url.removeprefix(self.issuer.issuer))
        await asyncio.sleep(0)
        if self.status != 200 or self.body:
            return Response(status=self.status, headers={}, body=self.body)
        return await self.issuer.fetch(method, url)


async def test_the_set_is_discovered_once_and_fetched_on_first_need() -> None:
    network = Network()
    keys = RemoteKeys(network.issuer.issuer, fetch=network.fetch, clock=network.clock)
    await asyncio.gather(keys.ensure("test-1"), keys.ensure("test-1"))
    assert network.asked == ["/.well-known/openid-configuration", "/jwks"]
    assert keys.current.knows("test-1")
    assert keys.generation == 1


async def test_an_unknown_kid_fetches_anew_but_a_flood_of_them_does_not() -> None:
    network = Network()
    keys = RemoteKeys(
        network.issuer.issuer, jwks_uri=network.issuer.issuer + "/jwks", fetch=network.fetch, clock=network.clock
    )
    await keys.ensure(None)
    for number in range(50):
        await keys.ensure(f"invented-{number}")
    assert network.asked == ["/jwks"]
    network.now += 10
    await keys.ensure("new")
    assert len(network.asked) == 2
    network.now += 3600
    await keys.ensure("test-1")
    assert len(network.asked) == 3


async def test_a_failing_fetch_keeps_the_known_set_and_is_an_error_without_one() -> None:
    network = Network()
    keys = RemoteKeys(network.issuer.issuer, fetch=network.fetch, clock=network.clock)
    network.status = 500
    with pytest.raises(FetchFailed):
        await keys.ensure("test-1")
    network.status, network.body, network.now = 200, b'{"keys":1}', network.now + 10
    keys = RemoteKeys(
        network.issuer.issuer, jwks_uri="https://issuer.example/jwks", fetch=network.fetch, clock=network.clock
    )
    with pytest.raises(KeyRefused):
        await keys.ensure("test-1")
    network.body, network.now = b"", network.now + 10
    await keys.ensure("test-1")
    network.status, network.now = 500, network.now + 10
    await keys.ensure("other")
    assert keys.current.knows("test-1")
    with pytest.raises(FetchFailed):
        await keys.refresh()


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (404, {}),
        (200, []),
        (200, {"issuer": "https://other.example"}),
        (200, {"issuer": "https://issuer.example", "jwks_uri": 1}),
    ],
)
async def test_rfc8414_section_3_3_metadata_of_another_issuer_is_not_believed(status: int, document: object) -> None:
    network = Network()
    network.status, network.body = status, json.dumps(document).encode()
    keys = RemoteKeys("https://issuer.example", fetch=network.fetch)
    with pytest.raises(FetchFailed):
        await keys.ensure(None)
