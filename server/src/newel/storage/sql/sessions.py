"""Sessions: a row per lineage, with the current identifier and, for a while, the one before it (S06)."""

import hmac

from newel.domain.evidence import Evidence
from newel.domain.session import PREVIOUS_LIVES, Session
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder, encode

_evidence = decoder(tuple[Evidence, ...])
_SELECT = """SELECT lineage, subject, created_at, active_at, expires_at, secret_hash, evidence,
    previous_hash, previous_evidence, previous_until,
    (SELECT at FROM revocations WHERE revocations.id = sessions.lineage) FROM sessions """


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as stored: both identifiers (SHA-256 of their secrets) and what each stands for."""

    lineage: str
    subject: str
    created_at: int
    active_at: int
    expires_at: int
    secret_hash: bytes
    evidence: tuple[Evidence, ...]
    previous_hash: bytes | None
    previous_evidence: tuple[Evidence, ...]
    previous_until: int
    revoked_at: int | None

    def shown_by(self, secret_hash: bytes, now: int) -> Session | None:
        """The session as the identifier with this hash shows it at `now`; None if it shows none."""
        if self.revoked_at is not None or now >= self.expires_at:
            return None
        previous_alive = self.previous_hash is not None and now < self.previous_until
        current = hmac.compare_digest(self.secret_hash, secret_hash)
        if not current and not (previous_alive and hmac.compare_digest(self.previous_hash or b"", secret_hash)):
            return None
        return Session(
            lineage=self.lineage,
            subject=self.subject,
            created_at=self.created_at,
            active_at=self.active_at,
            expires_at=self.expires_at,
            evidence=self.evidence if current else self.previous_evidence,
            rotated=previous_alive,
            current=current,
        )


def _decode(row: Row) -> SessionRow:
    return SessionRow(
        lineage=row[0],
        subject=row[1],
        created_at=row[2],
        active_at=row[3],
        expires_at=row[4],
        secret_hash=row[5],
        evidence=_evidence(row[6]),
        previous_hash=row[7],
        previous_evidence=() if row[8] is None else _evidence(row[8]),
        previous_until=row[9],
        revoked_at=row[10],
    )


def add_session(session: Session, secret_hash: bytes) -> Statement:
    """Guard: the lineage is new."""
    sql = """INSERT INTO sessions (lineage, subject, created_at, active_at, expires_at, secret_hash, evidence)
        VALUES (:lineage, :subject, :created_at, :active_at, :expires_at, :secret_hash, :evidence)
        ON CONFLICT DO NOTHING RETURNING lineage"""
    params: Params = {
        "lineage": session.lineage,
        "subject": session.subject,
        "created_at": session.created_at,
        "active_at": session.active_at,
        "expires_at": session.expires_at,
        "secret_hash": secret_hash,
        "evidence": encode(session.evidence),
    }
    return Statement(sql, params, guard=True)


def session(lineage: str) -> Query[SessionRow]:
    """One session, revoked and expired ones too."""
    sql = _SELECT + "WHERE lineage = :lineage"
    return Query(sql, {"lineage": lineage}, _decode)


def sessions_of(subject: str) -> Query[SessionRow]:
    """All sessions of a subject that are stored, newest first."""
    sql = _SELECT + "WHERE subject = :subject ORDER BY lineage DESC"
    return Query(sql, {"subject": subject}, _decode)


def rotate_session(
    lineage: str, expected_hash: bytes, new_hash: bytes, evidence: tuple[Evidence, ...], now: int
) -> Statement:
    """Give a new identifier with more evidence; the old one lives PREVIOUS_LIVES seconds at its own (S06).

    Guard: `expected_hash` is the current one, and the session is neither over nor revoked.
    """
    sql = """UPDATE sessions SET previous_hash = secret_hash, previous_evidence = evidence,
        previous_until = :previous_until, secret_hash = :new_hash, evidence = :evidence, active_at = :now
        WHERE lineage = :lineage AND secret_hash = :expected_hash AND expires_at > :now
        AND NOT EXISTS (SELECT 1 FROM revocations WHERE id = :lineage) RETURNING lineage"""
    params: Params = {
        "lineage": lineage,
        "expected_hash": expected_hash,
        "new_hash": new_hash,
        "evidence": encode(evidence),
        "now": now,
        "previous_until": now + PREVIOUS_LIVES,
    }
    return Statement(sql, params, guard=True)


def retire_previous(lineage: str, current_hash: bytes) -> Statement:
    """End the identifier before the current one, which was used for the first time (S06)."""
    sql = """UPDATE sessions SET previous_hash = NULL, previous_evidence = NULL, previous_until = 0
        WHERE lineage = :lineage AND secret_hash = :current_hash AND previous_hash IS NOT NULL"""
    return Statement(sql, {"lineage": lineage, "current_hash": current_hash})


def touch(lineage: str, now: int) -> Statement:
    """Move the session's last activity forward, never back."""
    sql = "UPDATE sessions SET active_at = :now WHERE lineage = :lineage AND active_at < :now"
    return Statement(sql, {"lineage": lineage, "now": now})


def wake(lineage: str, current_hash: bytes, evidence: tuple[Evidence, ...], now: int) -> Statement:
    """Move the last activity forward after a rest, with the evidence that remembers it; not if it was rotated meanwhile."""
    sql = """UPDATE sessions SET active_at = :now, evidence = :evidence
        WHERE lineage = :lineage AND secret_hash = :current_hash AND active_at < :now"""
    params: Params = {"lineage": lineage, "current_hash": current_hash, "evidence": encode(evidence), "now": now}
    return Statement(sql, params)
