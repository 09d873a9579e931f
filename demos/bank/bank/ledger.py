"""Double entry: every transfer takes from one account what it gives to another, once.

Functions take the connection; those that write run inside the caller's transaction. What must never happen is refused
by the schema (database.py), and told here in words.
"""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from bank.iban import format_iban, ours, own_iban

CLEARING = 1  # the account that stands for all other banks


class InsufficientFunds(Exception):
    """The account does not hold what the transfer would take."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a customer; `balance` in minor units."""

    id: int
    owner: str
    iban: str
    name: str
    kind: str
    balance: int

    @property
    def shown(self) -> str:
        """The account number as people read it."""
        return format_iban(self.iban)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer asked to send, whole: what was shown and approved, and the key that makes it happen once."""

    key: str
    minor: int
    payee_iban: str
    payee_name: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer that happened; `at` in seconds, `confirmed` where a step-up stood behind it."""

    id: int
    at: int
    order: Order
    confirmed: bool

    @property
    def number(self) -> str:
        """The number on the receipt."""
        return f"AB-{self.id:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a statement; `minor` is negative where money left."""

    transfer: int
    at: int
    minor: int
    other: str
    reference: str


def open_account(db: sqlite3.Connection, *, owner: str, kind: str, name: str) -> int:
    """Open an empty account that may not be overdrawn; the number of it."""
    _clearing(db)
    number = int(db.execute("SELECT max(id) FROM account").fetchone()[0]) + 4711
    db.execute(
        "INSERT INTO account (id, owner, iban, name, kind, floor) VALUES (?, ?, ?, ?, ?, 0)",
        (number, owner, own_iban(number), name, kind),
    )
    return number


def accounts(db: sqlite3.Connection, owner: str) -> list[Account]:
    """A customer's accounts, the current one first."""
    rows = db.execute(
        "SELECT id, owner, iban, name, kind, minor FROM account JOIN balance ON account = id WHERE owner = ? ORDER BY kind",
        (owner,),
    )
    return list(starmap(Account, rows))


def account(db: sqlite3.Connection, owner: str, iban: str) -> Account | None:
    """One account of this customer; None for another's as for one that does not exist."""
    return next((each for each in accounts(db, owner) if each.iban == iban), None)


def statement(db: sqlite3.Connection, account_id: int, *, limit: int = 50) -> list[Line]:
    """The newest lines of an account, newest first."""
    rows = db.execute(
        """SELECT transfer.id, transfer.at, posting.amount, transfer.payee_name, customer.name, transfer.reference
        FROM posting JOIN transfer ON transfer.id = posting.transfer AND sealed = 1
        LEFT JOIN customer ON customer.subject = transfer.subject
        WHERE posting.account = ? ORDER BY transfer.id DESC LIMIT ?""",
        (account_id, limit),
    )
    return [
        Line(transfer=number, at=at, minor=minor, other=payee if minor < 0 else sender or payee, reference=reference)
        for number, at, minor, payee, sender, reference in rows
    ]


def destination(db: sqlite3.Connection, iban: str) -> int | None:
    """The account that is credited for a payee: one of ours, or the clearing account; None: ours, but not there."""
    if not ours(iban):
        _clearing(db)
        return CLEARING
    row = db.execute("SELECT id FROM account WHERE iban = ?", (iban,)).fetchone()
    return None if row is None else int(row[0])


def move(
    db: sqlite3.Connection, order: Order, *, subject: str, debit: int, credit: int, at: int, confirmed: bool
) -> Transfer:
    """Write one transfer with its two postings; InsufficientFunds where the floor would give way."""
    number = db.execute(
        """INSERT INTO transfer (subject, key, at, amount, payee_iban, payee_name, reference, confirmed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (subject, order.key, at, order.minor, order.payee_iban, order.payee_name, order.reference, int(confirmed)),
    ).fetchone()[0]
    postings = ((number, debit, -order.minor), (number, credit, order.minor))
    db.executemany("INSERT INTO posting (transfer, account, amount) VALUES (?, ?, ?)", postings)
    try:
        db.execute("UPDATE transfer SET sealed = 1 WHERE id = ?", (number,))
    except sqlite3.IntegrityError as broken:
        if "insufficient" in str(broken):
            raise InsufficientFunds from broken
        raise
    return Transfer(id=number, at=at, order=order, confirmed=confirmed)


_TRANSFER = "SELECT id, at, confirmed, key, amount, payee_iban, payee_name, reference FROM transfer WHERE sealed = 1"


def by_key(db: sqlite3.Connection, subject: str, key: str) -> Transfer | None:
    """The transfer that this customer's key already made."""
    return _transfer(db.execute(f"{_TRANSFER} AND subject = ? AND key = ?", (subject, key)).fetchone())


def by_id(db: sqlite3.Connection, subject: str, number: int) -> Transfer | None:
    """One transfer that this customer sent."""
    return _transfer(db.execute(f"{_TRANSFER} AND subject = ? AND id = ?", (subject, number)).fetchone())


def forgo(db: sqlite3.Connection, subject: str, key: str) -> None:
    """Give up a try of this form: what was counted for it may be given back, and nothing follows from it any more."""
    db.execute(
        """INSERT INTO forgone (subject, key, times) VALUES (?, ?, 1)
        ON CONFLICT (subject, key) DO UPDATE SET times = times + 1""",
        (subject, key),
    )


def forgone(db: sqlite3.Connection, subject: str, key: str) -> int:
    """How many tries of this form were given up."""
    row = db.execute("SELECT times FROM forgone WHERE subject = ? AND key = ?", (subject, key)).fetchone()
    return 0 if row is None else int(row[0])


def _transfer(row: tuple[int, int, int, str, int, str, str, str] | None) -> Transfer | None:
    if row is None:
        return None
    number, at, confirmed, key, minor, iban, name, reference = row
    order = Order(key=key, minor=minor, payee_iban=iban, payee_name=name, reference=reference)
    return Transfer(id=number, at=at, order=order, confirmed=bool(confirmed))


def _clearing(db: sqlite3.Connection) -> None:
    db.execute(
        """INSERT INTO account (id, owner, iban, name, kind, floor) VALUES (?, NULL, ?, 'Other banks', 'clearing', NULL)
        ON CONFLICT DO NOTHING""",
        (CLEARING, own_iban(CLEARING)),
    )
