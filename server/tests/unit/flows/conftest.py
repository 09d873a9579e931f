"""What several files of this folder say stands in parcels.py and counting.py."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from server.tests.unit.flows.counting import NOW, POLICY

from newel.flows.counters import Counters
from newel.flows.velocity import StoreCounters
from newel.storage.base import Store
from newel.storage.sqlite import open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "newel.db", audit_key=bytes(32), now_ms=NOW * 1000)
    yield opened
    await opened.close()


@pytest.fixture
def counters(store: Store) -> Counters:
    return StoreCounters(store, lambda: POLICY)
