"""The engines a contract runs on. A new one is a line in ENGINES and a branch in `opening.open_engine`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from server.tests.contract.opening import ENGINES, Database, open_engine

from newel.storage.base import Store


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of one engine."""
    return Database(request.param, str(tmp_path / "newel.db"))


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    """A store on an empty database."""
    opened = await open_engine(database)
    yield opened
    await opened.close()
