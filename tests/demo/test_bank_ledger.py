"""The ledger's laws, held by the schema whatever is written: sums, floors, once, for ever."""

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import pytest
from bank.database import connect, transaction
from bank.iban import own_iban
from bank.ledger import CLEARING, InsufficientFunds, Order
from hypothesis import given, settings
from hypothesis import strategies as st

from bank import customers, ledger

EXAMPLES = 1000 if os.environ.get("NEWEL_NIGHTLY") else 50
PEOPLE = ("alex", "rosa", "sam")


def order(minor: int, key: str = "key-00000001") -> Order:
    return Order(key=key, minor=minor, payee_iban=own_iban(1), payee_name="Rosa", reference="")


@dataclass
class Books:
    db: sqlite3.Connection

    def accounts(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT id FROM account ORDER BY id")]

    def balances(self) -> dict[int, int]:
        return dict(self.db.execute("SELECT account, minor FROM balance").fetchall())


def books() -> Books:
    db = connect(":memory:")
    for person in PEOPLE:
        customers.welcome(db, subject=person, name=person.title(), now=0)
    return Books(db)


MOVES = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(0, 6), st.integers(0, 6), st.integers(-100, 3_000_000)), max_size=12
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(moves=MOVES)
def test_whatever_is_tried_all_accounts_sum_to_zero_and_none_falls_below_its_floor(
    moves: list[tuple[str, int, int, int]],
) -> None:
    kept = books()
    ids, keys = kept.accounts(), count()
    for person, debit, credit, minor in moves:
        made = order(minor, f"key-{next(keys):08d}")
        with suppress(InsufficientFunds, sqlite3.IntegrityError), transaction(kept.db):
            ledger.move(kept.db, made, subject=person, debit=ids[debit], credit=ids[credit], at=1, confirmed=False)
        balances = kept.balances()
        assert sum(balances.values()) == 0
        assert all(held >= 0 for account, held in balances.items() if account != CLEARING)
    unsealed = kept.db.execute("SELECT count(*) FROM transfer WHERE sealed = 0").fetchone()[0]
    assert unsealed == 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(postings=st.lists(st.tuples(st.integers(0, 6), st.integers(-10, 10)), max_size=4), amount=st.integers(1, 10))
def test_only_balanced_postings_of_the_stated_amount_are_sealed(postings: list[tuple[int, int]], amount: int) -> None:
    kept = books()
    ids = kept.accounts()
    before = kept.balances()
    kept.db.execute(
        """INSERT INTO transfer (id, subject, key, at, amount, payee_iban, payee_name, reference, confirmed)
        VALUES (999, 'alex', 'key-00000001', 1, ?, '', '', '', 0)""",
        (amount,),
    )
    written: list[int] = []
    for account, minor in postings:
        with suppress(sqlite3.IntegrityError):
            kept.db.execute("INSERT INTO posting VALUES (999, ?, ?)", (ids[account], minor))
            written.append(minor)
    assert kept.balances() == before
    sound = len(written) >= 2 and sum(written) == 0 and sum(minor for minor in written if minor > 0) == amount
    if sound:
        kept.db.execute("UPDATE transfer SET sealed = 1 WHERE id = 999")
        assert sum(kept.balances().values()) == 0
    else:
        with pytest.raises(sqlite3.IntegrityError, match="unbalanced"):
            kept.db.execute("UPDATE transfer SET sealed = 1 WHERE id = 999")
        assert kept.balances() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posting SET amount = 1",
        "DELETE FROM posting",
        "UPDATE transfer SET amount = 1",
        "UPDATE transfer SET sealed = 0",
        "DELETE FROM transfer",
        "INSERT INTO posting SELECT max(id), 1, 5 FROM transfer",
        """INSERT INTO transfer (subject, key, at, amount, payee_iban, payee_name, reference, confirmed, sealed)
        VALUES ('alex', 'key-00000001', 1, 5, '', '', '', 0, 1)""",
        "INSERT INTO account (id, owner, iban, name, kind, floor) VALUES (77, NULL, 'X', 'x', 'current', 0)",
    ],
)
def test_what_is_sealed_never_changes(statement: str) -> None:
    kept = books()
    before = kept.balances()
    with pytest.raises(sqlite3.IntegrityError):
        kept.db.execute(statement)
    assert kept.balances() == before


def test_one_key_of_one_person_is_one_transfer() -> None:
    kept = books()
    debit = ledger.accounts(kept.db, "alex")[0].id
    with transaction(kept.db):
        ledger.move(kept.db, order(5), subject="alex", debit=debit, credit=CLEARING, at=1, confirmed=True)
    with pytest.raises(sqlite3.IntegrityError), transaction(kept.db):
        ledger.move(kept.db, order(6), subject="alex", debit=debit, credit=CLEARING, at=1, confirmed=True)
    found = ledger.by_key(kept.db, "alex", "key-00000001")
    assert found is not None
    assert found.order == order(5)
    assert ledger.by_key(kept.db, "rosa", "key-00000001") is None


def test_a_failed_transfer_leaves_nothing() -> None:
    kept = books()
    debit = ledger.accounts(kept.db, "alex")[0].id
    before = kept.balances()
    with pytest.raises(InsufficientFunds), transaction(kept.db):
        ledger.move(kept.db, order(10**9), subject="alex", debit=debit, credit=CLEARING, at=1, confirmed=True)
    assert kept.balances() == before
    assert ledger.by_key(kept.db, "alex", "key-00000001") is None


def test_coming_again_opens_nothing_twice_and_takes_the_new_name() -> None:
    kept = books()
    customers.welcome(kept.db, subject="alex", name="Alexandra Doe", now=5)
    assert len(ledger.accounts(kept.db, "alex")) == 2
    assert customers.name(kept.db, "alex") == "Alexandra Doe"
