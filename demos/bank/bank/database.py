"""The bank's one SQLite file: the schema, and transactions that are whole or did not happen.

The ledger's laws stand in the schema, so that no code path can break them:

1. A transfer's postings sum to zero, or it cannot be sealed; what is not sealed counts nowhere.
2. What is sealed never changes and is never removed.
3. No account falls below its floor.
4. One (subject, key) is one transfer: a form sent twice moves the ledger once.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
  id INTEGER PRIMARY KEY,
  owner TEXT,
  iban TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL CHECK (name <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('current', 'savings', 'clearing')),
  floor INTEGER,
  CHECK ((owner IS NULL) = (kind = 'clearing')),
  UNIQUE (owner, kind)
) STRICT;
CREATE TABLE IF NOT EXISTS customer (subject TEXT PRIMARY KEY, name TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS payee (
  subject TEXT NOT NULL REFERENCES customer,
  iban TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  state TEXT NOT NULL CHECK (state IN ('new', 'known', 'closed')),
  PRIMARY KEY (subject, iban)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS transfer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  key TEXT NOT NULL CHECK (length(key) BETWEEN 8 AND 128),
  at INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  payee_iban TEXT NOT NULL,
  payee_name TEXT NOT NULL,
  reference TEXT NOT NULL,
  confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),
  UNIQUE (subject, key)
) STRICT;
CREATE TABLE IF NOT EXISTS forgone (
  subject TEXT NOT NULL, key TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (subject, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS posting (
  transfer INTEGER NOT NULL REFERENCES transfer,
  account INTEGER NOT NULL REFERENCES account,
  amount INTEGER NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (account, transfer)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS posting_of_transfer ON posting (transfer);
CREATE VIEW IF NOT EXISTS balance AS
  SELECT account.id AS account, coalesce(sum(posting.amount) FILTER (WHERE transfer.sealed = 1), 0) AS minor
  FROM account LEFT JOIN posting ON posting.account = account.id LEFT JOIN transfer ON transfer.id = posting.transfer
  GROUP BY account.id;
CREATE TRIGGER IF NOT EXISTS posting_open BEFORE INSERT ON posting
WHEN (SELECT sealed FROM transfer WHERE id = NEW.transfer) = 1
BEGIN SELECT RAISE(ABORT, 'sealed'); END;
CREATE TRIGGER IF NOT EXISTS posting_fixed BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'fixed'); END;
CREATE TRIGGER IF NOT EXISTS posting_kept BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'fixed'); END;
CREATE TRIGGER IF NOT EXISTS transfer_kept BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'fixed'); END;
CREATE TRIGGER IF NOT EXISTS transfer_fixed BEFORE UPDATE ON transfer WHEN OLD.sealed = 1
BEGIN SELECT RAISE(ABORT, 'fixed'); END;
CREATE TRIGGER IF NOT EXISTS transfer_unsealed BEFORE INSERT ON transfer WHEN NEW.sealed = 1
BEGIN SELECT RAISE(ABORT, 'sealed before it was posted'); END;
CREATE TRIGGER IF NOT EXISTS transfer_balanced BEFORE UPDATE OF sealed ON transfer WHEN NEW.sealed = 1 AND (
  SELECT count(*) < 2 OR sum(amount) <> 0 OR sum(max(amount, 0)) <> NEW.amount FROM posting WHERE transfer = NEW.id)
BEGIN SELECT RAISE(ABORT, 'unbalanced'); END;
CREATE TRIGGER IF NOT EXISTS account_floor AFTER UPDATE OF sealed ON transfer WHEN NEW.sealed = 1 AND EXISTS (
  SELECT 1 FROM posting JOIN account ON account.id = posting.account JOIN balance ON balance.account = account.id
  WHERE posting.transfer = NEW.id AND posting.amount < 0 AND balance.minor < account.floor)
BEGIN SELECT RAISE(ABORT, 'insufficient'); END;
CREATE TABLE IF NOT EXISTS session (
  hash BLOB PRIMARY KEY, subject TEXT NOT NULL, tokens BLOB NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
  state TEXT NOT NULL, browser BLOB NOT NULL, body BLOB NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (state)
) STRICT, WITHOUT ROWID;
"""


def connect(path: Path | str) -> sqlite3.Connection:
    """Open the bank's file and make what is missing in it; every commit is on disk before it is answered."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(SCHEMA)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[sqlite3.Connection, None, None]:
    """One transaction that holds the write lock from its first statement; any exception undoes all of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
