"""The audit chain: one per writer, each row's HMAC over the row and the HMAC before it (S33).

1. mac = HMAC-SHA256(key, previous mac ‖ writer ‖ seq ‖ at ‖ kind ‖ body ‖ commitment), integers as 8 bytes, texts and
   bytes behind their length; the mac before the first row is 32 zero bytes; seq counts from 1.
2. `personal` is a 16-byte salt and MessagePack; it enters as commitment = SHA-256(personal), so that it can be
   forgotten and the chain still stands. Without personal data both are empty.
3. The first row of a writer names the heads of the chains that stood then, so that a chain cannot vanish.
"""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

STARTED = "audit.started"
SALT_BYTES = 16
RECENT = 64
"""Chains whose heads a start or a checkpoint names: the newest ones."""
_PAGE = 1_000
BEFORE_FIRST = -(1 << 63)
"""Before every writer and sequence number that a row can be given, also by force."""
_BEFORE_ALL = bytes(32)
_body = decoder(tuple[dict[str, Any], DecisionRecord | None])
_personal = decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Head:
    """Where a writer's chain stands: the number of its rows and the mac of the last one (32 bytes)."""

    writer: int
    count: int = 0
    mac: bytes = _BEFORE_ALL


@dataclass(frozen=True, slots=True)
class Started:
    """The body of a chain's first row."""

    heads: list[Head]


_started = decoder(tuple[Started, None])


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the chain as stored; `personal` is None once forgotten, or where there was none."""

    writer: int
    seq: int
    at: int
    kind: str
    body: bytes
    commitment: bytes
    personal: bytes | None
    mac: bytes

    def entry(self) -> Entry:
        """The entry as it was recorded, without what was forgotten."""
        body, decision = _body(self.body)
        personal = {} if self.personal is None else _personal(self.personal[SALT_BYTES:])
        return Entry(kind=self.kind, at=self.at, body=body, personal=personal, decision=decision)

    def untouched(self) -> bool:
        """Whether the personal part, if it is still there, is the one that was committed to."""
        return self.personal is None or hmac.compare_digest(hashlib.sha256(self.personal).digest(), self.commitment)

    def expected_mac(self, key: bytes, previous: bytes) -> bytes:
        """The mac this row must carry behind a row with `previous`."""
        return chain_mac(key, previous, self.writer, self.seq, self.at, self.kind, self.body, self.commitment)


def writer_id(now_ms: int, entropy: bytes) -> int:
    """A new writer's id: Unix milliseconds, then 20 random bits; below 2^63 until 2248."""
    return now_ms << 20 | int.from_bytes(entropy[:3], "big") >> 4


def chain_mac(
    key: bytes, previous: bytes, writer: int, seq: int, at: int, kind: str, body: bytes, commitment: bytes
) -> bytes:
    """Step 1 of the module's invariants."""
    named = kind.encode()
    row = (
        previous,
        writer.to_bytes(8, "big", signed=True),
        seq.to_bytes(8, "big", signed=True),
        at.to_bytes(8, "big", signed=True),
        len(named).to_bytes(8, "big"),
        named,
        len(body).to_bytes(8, "big"),
        body,
        len(commitment).to_bytes(8, "big"),
        commitment,
    )
    mac = _keyed(key).copy()
    mac.update(b"".join(row))
    return mac.digest()


@lru_cache(2)
def _keyed(key: bytes) -> hmac.HMAC:
    """HMAC-SHA256 that has taken in its key, which costs as much as a row."""
    return hmac.new(key, digestmod=hashlib.sha256)


def append(key: bytes, head: Head, entry: Entry, salt: bytes) -> tuple[Head, Statement]:
    """The statement that records `entry` behind `head`, and the head after it; `salt` is 16 random bytes."""
    body = encode((entry.body, entry.decision))
    personal = salt + encode(entry.personal) if entry.personal else None
    commitment = b"" if personal is None else hashlib.sha256(personal).digest()
    seq = head.count + 1
    mac = chain_mac(key, head.mac, head.writer, seq, entry.at, entry.kind, body, commitment)
    sql = """INSERT INTO audit (writer, seq, at, kind, body, commitment, personal, mac)
        VALUES (:writer, :seq, :at, :kind, :body, :commitment, :personal, :mac)"""
    params: Params = {
        "writer": head.writer,
        "seq": seq,
        "at": entry.at,
        "kind": entry.kind,
        "body": body,
        "commitment": commitment,
        "personal": personal,
        "mac": mac,
    }
    return Head(head.writer, seq, mac), Statement(sql, params)


def start(heads: Iterable[Head], at: int) -> Entry:
    """The first entry of a chain (step 3)."""
    return Entry(kind=STARTED, at=at, body={"heads": list(heads)})


def started_heads(row: AuditRow) -> list[Head]:
    """The heads that a chain's first row names."""
    return _started(row.body)[0].heads


def add_writer(writer: int, at: int) -> Statement:
    """Name a chain in the list of chains. The list only finds them; it proves nothing."""
    return Statement("INSERT INTO writers (id, started_at) VALUES (:id, :at)", {"id": writer, "at": at})


def recent_heads() -> Query[Head]:
    """The heads of the newest RECENT chains."""
    sql = """SELECT a.writer, a.seq, a.mac FROM (SELECT id FROM writers ORDER BY id DESC LIMIT :recent) AS w
        JOIN audit AS a ON a.writer = w.id AND a.seq = (SELECT MAX(seq) FROM audit WHERE writer = w.id)
        ORDER BY a.writer"""
    return Query(sql, {"recent": RECENT}, lambda row: Head(*row))


def next_writer(after: int) -> Query[int]:
    """The first writer with rows behind `after`."""
    sql = "SELECT writer FROM audit WHERE writer > :after ORDER BY writer LIMIT 1"
    return Query(sql, {"after": after}, lambda row: int(row[0]))


def rows(writer: int, after: int = BEFORE_FIRST, limit: int = _PAGE) -> Query[AuditRow]:
    """A page of a writer's rows behind sequence number `after`, in order."""
    sql = """SELECT writer, seq, at, kind, body, commitment, personal, mac FROM audit
        WHERE writer = :writer AND seq > :after ORDER BY seq LIMIT :limit"""
    return Query(sql, {"writer": writer, "after": after, "limit": limit}, _decode)


def last_row(writer: int) -> Query[AuditRow]:
    """The last row of a writer's chain."""
    sql = """SELECT writer, seq, at, kind, body, commitment, personal, mac FROM audit
        WHERE writer = :writer ORDER BY seq DESC LIMIT 1"""
    return Query(sql, {"writer": writer}, _decode)


def forget(row: AuditRow) -> Statement:
    """Remove the personal part of a row for good; the chain stands."""
    sql = "UPDATE audit SET personal = NULL WHERE writer = :writer AND seq = :seq"
    return Statement(sql, {"writer": row.writer, "seq": row.seq})


def _decode(row: Row) -> AuditRow:
    return AuditRow(*row)
