"""Whom a customer pays: new until a first confirmed payment, then known; a closed one is paid no more."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap
from typing import Literal

from bank.iban import format_iban

State = Literal["new", "known", "closed"]


@dataclass(frozen=True, slots=True)
class Payee:
    """A payee as this customer saved it."""

    iban: str
    name: str
    state: State

    @property
    def shown(self) -> str:
        """The account number as people read it."""
        return format_iban(self.iban)


def payees(db: sqlite3.Connection, subject: str) -> list[Payee]:
    """All of a customer's payees by name."""
    rows = db.execute("SELECT iban, name, state FROM payee WHERE subject = ? ORDER BY name, iban", (subject,))
    return list(starmap(Payee, rows))


def payee(db: sqlite3.Connection, subject: str, iban: str) -> Payee | None:
    """The customer's payee with this account number."""
    row = db.execute("SELECT iban, name, state FROM payee WHERE subject = ? AND iban = ?", (subject, iban)).fetchone()
    return None if row is None else Payee(*row)


def add(db: sqlite3.Connection, subject: str, *, iban: str, name: str, state: State = "new") -> bool:
    """Save a payee; False where the account number is already saved, which stays as it is."""
    written = db.execute(
        "INSERT INTO payee (subject, iban, name, state) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (subject, iban, name, state),
    )
    return written.rowcount == 1


def know(db: sqlite3.Connection, subject: str, *, iban: str, name: str) -> None:
    """A confirmed payment went to this payee: from now on it is known. A closed one stays closed."""
    db.execute(
        """INSERT INTO payee (subject, iban, name, state) VALUES (?, ?, ?, 'known')
        ON CONFLICT (subject, iban) DO UPDATE SET state = 'known' WHERE state = 'new'""",
        (subject, iban, name),
    )
