"""Subjects of the directory, and the one-time addresses at which a new one enrols."""

from newel.domain.subject import Subject
from newel.domain.value import dataclass
from newel.storage.base import Params, Query, Row, Statement, first
from newel.storage.codec import decoder, encode

_subject = decoder(Subject)


def _decode(row: Row) -> Subject:
    return _subject(row[0])


def add_subject(subject: Subject, canonical: str) -> Statement:
    """Guard: neither the id nor the canonical name (S11) is taken."""
    sql = """INSERT INTO subjects (id, canonical, body) VALUES (:id, :canonical, :body)
        ON CONFLICT DO NOTHING RETURNING id"""
    return Statement(sql, {"id": subject.id, "canonical": canonical, "body": encode(subject)}, guard=True)


def replace_subject(subject: Subject) -> Statement:
    """Guard: the subject exists. Its canonical name stays."""
    sql = "UPDATE subjects SET body = :body WHERE id = :id RETURNING id"
    return Statement(sql, {"id": subject.id, "body": encode(subject)}, guard=True)


def subject(subject_id: str) -> Query[Subject]:
    """One subject."""
    return Query("SELECT body FROM subjects WHERE id = :id", {"id": subject_id}, _decode)


def subject_by_name(canonical: str) -> Query[Subject]:
    """The subject with this canonical name."""
    return Query("SELECT body FROM subjects WHERE canonical = :canonical", {"canonical": canonical}, _decode)


def subjects(after: str = "", limit: int = 100) -> Query[Subject]:
    """A page of subjects, oldest first, behind the id `after`."""
    sql = "SELECT body FROM subjects WHERE id > :after ORDER BY id LIMIT :limit"
    return Query(sql, {"after": after, "limit": limit}, _decode)


@dataclass(frozen=True, slots=True)
class SignUp:
    """A sign-up address: whose it is, until when it answers, when it was spent. Its secret is known by SHA-256."""

    id: str
    secret_hash: bytes
    subject: str
    expires_at: int
    spent_at: int | None


def _sign_up(row: Row) -> SignUp:
    return SignUp(*row)


def add_sign_up(sign_up_id: str, secret_hash: bytes, subject_id: str, expires_at: int) -> Statement:
    """Guard: the id is new."""
    sql = """INSERT INTO sign_ups (id, secret_hash, subject, expires_at)
        VALUES (:id, :secret_hash, :subject, :expires_at) ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {"id": sign_up_id, "secret_hash": secret_hash, "subject": subject_id, "expires_at": expires_at}
    return Statement(sql, params, guard=True)


def sign_up(sign_up_id: str) -> Query[SignUp]:
    """One sign-up address."""
    sql = "SELECT id, secret_hash, subject, expires_at, spent_at FROM sign_ups WHERE id = :id"
    return Query(sql, {"id": sign_up_id}, _sign_up)


def spend_sign_up(sign_up_id: str, secret_hash: bytes, now: int) -> Statement:
    """Guard: unspent, alive, and the secret is right. The value is the subject's id."""
    sql = """UPDATE sign_ups SET spent_at = :now
        WHERE id = :id AND secret_hash = :secret_hash AND spent_at IS NULL AND expires_at > :now RETURNING subject"""
    params: Params = {"id": sign_up_id, "secret_hash": secret_hash, "now": now}
    return Statement(sql, params, guard=True, decode=first)
