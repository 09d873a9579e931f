"""What tests of several policy commands begin with."""

from pathlib import Path

import pytest
from server.tests.unit.cli.policy.people import brought, person, recorded


@pytest.fixture
def sales(folder: Path) -> Path:
    """A server with the stall's policy, on which maria sold for 10.00, 45.00, 55.00 and 100.00."""
    person(folder, "maria", "password")
    brought(folder)
    recorded(folder, 1000, 4500, 5500, 10_000)
    return folder
