"""What several tests share."""

from collections.abc import Iterator

import pytest
from sdk.tests.unit.fastapi.bank import Bank


@pytest.fixture
def bank() -> Iterator[Bank]:
    made = Bank()
    yield made
    made.db.close()
