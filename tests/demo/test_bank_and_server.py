"""The bank's own policy in force at a running server: what the bank asks, counts there and gives back."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import pytest
from bank.ledger import Order
from bank.transfer import Refused, Sending
from tests.security.bank_site import Site, bank_site, customer
from tests.simulators.running import running

from bank import customers

POLICY = Path(__file__).parents[2] / "demos" / "bank" / "policy.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("server") / "newel", policy=POLICY) as server, bank_site(server) as opened:
        yield opened


def token(site: Site, name: str) -> str:
    """The access token of a new customer who signed in with a password."""
    page = customer(site, site.server.person(name, app=True)).bank.get("/developers")
    return page.text.partition("TOKEN='")[2].partition("'")[0]


def send(site: Site, token: str, key: str, amount: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    body = {"payee": customers.ROSA, "amount": amount}
    return httpx2.post(f"{site.origin}/api/transfers", json=body, headers=headers, timeout=20)


def test_small_payments_count_together_at_the_server_and_one_sent_again_counts_once(site: Site) -> None:
    alex = token(site, "alex")
    first = send(site, alex, "transfer-1", "20.00")
    assert first.status_code == 201
    assert send(site, alex, "transfer-1", "20.00").json() == first.json()
    assert send(site, alex, "transfer-2", "10.00").status_code == 201
    third = send(site, alex, "transfer-3", "0.01")
    assert (third.status_code, third.json()["error"]) == (401, "insufficient_user_authentication")
    assert "small payments add up" in third.json()["detail"]


def test_what_the_bank_did_not_make_is_given_back_at_the_server(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rosa, moved = token(site, "rosa"), site.moved()

    def short(_self: Sending, _order: Order, _subject: str, typed: Mapping[str, Any], *, confirmed: bool) -> NoReturn:
        raise Refused("amount", f"Your current account is empty, {confirmed}.", typed=typed)

    with monkeypatch.context() as while_empty:
        while_empty.setattr(Sending, "_move", short)
        assert send(site, rosa, "transfer-1", "20.00").status_code == 422
    assert site.server.rows("SELECT count(*) FROM audit WHERE kind = 'pdp.released'") == [(1,)]
    for key, amount in (("transfer-1", "20.00"), ("transfer-2", "10.00")):
        assert send(site, rosa, key, amount).status_code == 201
    assert send(site, rosa, "transfer-3", "0.01").status_code == 401
    assert site.moved() - moved == 2


def test_a_payment_whose_bank_died_after_the_answer_is_sent_again_and_counts_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reservation stands, the ledger did not move: the same form sends what it was permitted to send."""
    maria = token(site, "maria")
    released = site.server.rows("SELECT count(*) FROM audit WHERE kind = 'pdp.released'")

    def dies(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as while_dead:
        while_dead.setattr(Sending, "_move", dies)
        assert send(site, maria, "transfer-1", "20.00").status_code == 500
    assert site.server.rows("SELECT count(*) FROM audit WHERE kind = 'pdp.released'") == released
    assert send(site, maria, "transfer-1", "20.00").status_code == 201
    assert send(site, maria, "transfer-2", "10.00").status_code == 201
    assert send(site, maria, "transfer-3", "0.01").status_code == 401


def test_what_needs_the_treasury_is_refused_in_words(site: Site) -> None:
    answer = send(site, token(site, "kim"), "transfer-1", "11000.00")
    assert (answer.status_code, answer.json()["title"]) == (403, "Nothing was sent")
    assert "an approval by treasury would be needed, and approvals cannot be given yet" in answer.json()["detail"]
