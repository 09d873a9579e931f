"""A person's first visit opens two accounts with a little history, so that there is something to look at."""

import sqlite3

from bank import ledger, payees
from bank.database import transaction
from bank.ledger import Order

BANK = "acme-bank"  # whose transfers the openings are
DAY = 86_400
ROSA, ENERGY, GYM = "DE02120300000000202051", "DE02500105170137075030", "DE02100100100006820101"
HISTORY = (  # days ago, minor units, from or to whom, reference
    (41, 2_150_000, "Old Harbour Boats", "Sale of the dinghy"),
    (24, 325_000, "Northwind Ltd", "Salary October"),
    (12, -8_640, "City Energy", "Contract 55-1180"),
    (5, -2_400, "Rosa Miller", "Concert ticket"),
)
SAVINGS = 800_000
PAYEES: tuple[tuple[str, str, payees.State], ...] = (
    (ROSA, "Rosa Miller", "known"),
    (ENERGY, "City Energy", "known"),
    (GYM, "Harbour Gym", "closed"),
)


def welcome(db: sqlite3.Connection, *, subject: str, name: str, now: int) -> None:
    """Make sure this subject is a customer, under the name of today; accounts and history come once."""
    with transaction(db):
        found = db.execute("UPDATE customer SET name = ? WHERE subject = ?", (name, subject))
        if found.rowcount == 0:
            _open(db, subject=subject, name=name, now=now)


def name(db: sqlite3.Connection, subject: str) -> str:
    """What this customer is called; empty for a stranger."""
    row = db.execute("SELECT name FROM customer WHERE subject = ?", (subject,)).fetchone()
    return "" if row is None else str(row[0])


def _open(db: sqlite3.Connection, *, subject: str, name: str, now: int) -> None:
    db.execute("INSERT INTO customer (subject, name, since) VALUES (?, ?, ?)", (subject, name, now))
    current = ledger.open_account(db, owner=subject, kind="current", name="Current account")
    savings = ledger.open_account(db, owner=subject, kind="savings", name="Savings")
    for iban, payee, state in PAYEES:
        payees.add(db, subject, iban=iban, name=payee, state=state)
    for ago, minor, other, reference in HISTORY:
        order = Order(
            key=f"opening-{current}-{ago}", minor=abs(minor), payee_iban="", payee_name=other, reference=reference
        )
        debit, credit = (ledger.CLEARING, current) if minor > 0 else (current, ledger.CLEARING)
        ledger.move(db, order, subject=BANK, debit=debit, credit=credit, at=now - ago * DAY, confirmed=False)
    order = Order(
        key=f"opening-{savings}", minor=SAVINGS, payee_iban="", payee_name="Opening balance", reference="Put by"
    )
    ledger.move(db, order, subject=BANK, debit=ledger.CLEARING, credit=savings, at=now - 41 * DAY, confirmed=False)
