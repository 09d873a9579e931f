"""The bank in process."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from newel_sdk.testing import AuthorizationServer, Issuer

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "demos" / "bank")]  # a demo is an application, not a distribution

from bank.application import Settings, build  # ruff: ignore[module-import-not-at-top-of-file] - found by the line above
from bank.database import connect  # ruff: ignore[module-import-not-at-top-of-file] - the same
from bank_browser import BANK, ISSUER, Bank, Clock  # ruff: ignore[module-import-not-at-top-of-file] - the same
from bank_policy import BankPolicy  # ruff: ignore[module-import-not-at-top-of-file] - the same


@pytest.fixture
async def bank() -> AsyncIterator[Bank]:
    """A bank with one customer."""
    clock = Clock()
    issuer = Issuer(ISSUER, audience=BANK, client_id="bank-web", clock=clock)
    server = AuthorizationServer(issuer)
    policy = BankPolicy(server, clock)
    db = connect(":memory:")
    settings = Settings(origin=BANK, issuer=ISSUER, client_id="bank-web", client_secret="s" * 43, key=b"k" * 32)
    app = build(settings, db, fetch=server.fetch, clock=clock)
    made = Bank(db, clock, issuer, server, policy, httpx2.ASGITransport(app=app))
    made.customer()
    yield made
    for client in made.opened:
        await client.aclose()
    db.close()
