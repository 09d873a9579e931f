"""Authenticators of subjects, and what a verified proof changes in them."""

from operator import itemgetter

from newel.domain.change import AdvanceCounter, Change, ReplaceMaterial, SpendRecoveryCode
from newel.domain.evidence import Authenticator
from newel.domain.subject import Subject
from newel.storage.base import Params, Query, Row, Statement
from newel.storage.codec import decoder

_subject = decoder(Subject)
MOST = 20
"""Authenticators a subject may have."""

_SELECT = """SELECT id, subject, method, name, created_at, material, counter, ceiling, last_used_at,
    user_verifying, device_bound, attested FROM authenticators """

_BOTH = """SELECT authenticators.id, subjects.id, method, name, created_at, material, counter, ceiling, last_used_at,
    user_verifying, device_bound, attested, body FROM subjects
    LEFT JOIN authenticators ON authenticators.subject = subjects.id WHERE subjects.id = :subject """
_REVOKED = "EXISTS (SELECT 1 FROM revocations WHERE id = :{})"
_UNLESS_REVOKED = f"""{_BOTH} AND NOT {_REVOKED.format("token")} AND NOT {_REVOKED.format("session")}
    AND NOT {_REVOKED.format("family")} ORDER BY authenticators.id"""
"""Three look-ups: for a list, SQLite makes a table of it first, which costs as much as all the rest."""


def _as_it_is(row: Row) -> Row:
    return row


def _decode(row: Row) -> Authenticator:
    return Authenticator(
        id=row[0],
        subject=row[1],
        method=row[2],
        name=row[3],
        created_at=row[4],
        material=row[5],
        counter=row[6],
        ceiling=row[7],
        last_used_at=row[8],
        user_verifying=bool(row[9]),
        device_bound=bool(row[10]),
        attested=bool(row[11]),
    )


def add_authenticator(authenticator: Authenticator, credential_id: bytes | None = None) -> tuple[Statement, ...]:
    """Two guards: the subject is there and has fewer than MOST; id and credential id are unknown.

    The second is WebAuthn Level 3 section 7.1 step 26. The first writes the subject's row, so that two additions to
    one subject follow each other.
    """
    room = """UPDATE subjects SET id = id WHERE id = :subject
        AND (SELECT COUNT(*) FROM authenticators WHERE subject = :subject) < :most RETURNING id"""
    sql = """INSERT INTO authenticators (subject, id, credential_id, method, name, created_at, material, counter,
        ceiling, last_used_at, user_verifying, device_bound, attested)
        VALUES (:subject, :id, :credential_id, :method, :name, :created_at, :material, :counter,
        :ceiling, :last_used_at, :user_verifying, :device_bound, :attested)
        ON CONFLICT DO NOTHING RETURNING id"""
    params: Params = {
        "subject": authenticator.subject,
        "id": authenticator.id,
        "credential_id": credential_id,
        "method": authenticator.method,
        "name": authenticator.name,
        "created_at": authenticator.created_at,
        "material": authenticator.material,
        "counter": authenticator.counter,
        "ceiling": authenticator.ceiling,
        "last_used_at": authenticator.last_used_at,
        "user_verifying": int(authenticator.user_verifying),
        "device_bound": int(authenticator.device_bound),
        "attested": int(authenticator.attested),
    }
    few = Statement(room, {"subject": authenticator.subject, "most": MOST}, guard=True)
    return few, Statement(sql, params, guard=True)


def nothing_enrolled(subject: str) -> Statement:
    """Guard: the subject is there and has no authenticator yet. It writes the row, as `add_authenticator` does."""
    sql = """UPDATE subjects SET id = id WHERE id = :subject
        AND NOT EXISTS (SELECT 1 FROM authenticators WHERE subject = :subject) RETURNING id"""
    return Statement(sql, {"subject": subject}, guard=True)


def authenticators_of(subject: str) -> Query[Authenticator]:
    """A subject's authenticators, oldest first."""
    sql = _SELECT + "WHERE subject = :subject ORDER BY id"
    return Query(sql, {"subject": subject}, _decode)


def authenticators_between(after: str, last: str) -> Query[Authenticator]:
    """The authenticators of all subjects behind the id `after` up to `last`, by subject, oldest first."""
    sql = _SELECT + "WHERE subject > :after AND subject <= :last ORDER BY subject, id"
    return Query(sql, {"after": after, "last": last}, _decode)


def subject_with_authenticators(subject: str) -> Query[tuple[Subject, Authenticator | None]]:
    """A subject beside each of its authenticators, oldest first; once, beside None, where it has none."""
    return Query(_BOTH + "ORDER BY authenticators.id", {"subject": subject}, subject_and_authenticator)


def rows_unless_revoked(subject: str, token: str, session: str, family: str) -> Query[Row]:
    """The same as bare rows, for `subject_and_authenticator`; none where a token, its session or its family is revoked."""
    return Query(_UNLESS_REVOKED, {"subject": subject, "token": token, "session": session, "family": family}, _as_it_is)


def subject_and_authenticator(row: Row) -> tuple[Subject, Authenticator | None]:
    """What a row of the two queries above says."""
    return _subject(row[12]), None if row[0] is None else _decode(row)


def subject_of_credential(credential_id: bytes) -> Query[tuple[str, str]]:
    """The (subject, authenticator) that a WebAuthn credential id belongs to."""
    sql = "SELECT subject, id FROM authenticators WHERE credential_id = :credential_id"
    return Query(sql, {"credential_id": credential_id}, itemgetter(0, 1))


def rename(subject: str, authenticator: str, name: str) -> Statement:
    """Guard: it exists."""
    sql = "UPDATE authenticators SET name = :name WHERE subject = :subject AND id = :id RETURNING id"
    return Statement(sql, {"subject": subject, "id": authenticator, "name": name}, guard=True)


def settle(subject: str, authenticator: str) -> Statement:
    """Let its evidence count in full (S25). Guard: it had not settled."""
    sql = """UPDATE authenticators SET ceiling = NULL
        WHERE subject = :subject AND id = :id AND ceiling IS NOT NULL RETURNING id"""
    return Statement(sql, {"subject": subject, "id": authenticator}, guard=True)


def mark_used(subject: str, authenticator: str, now: int) -> Statement:
    """Remember when it last proved something. Guard: it still exists."""
    sql = "UPDATE authenticators SET last_used_at = :now WHERE subject = :subject AND id = :id RETURNING id"
    return Statement(sql, {"subject": subject, "id": authenticator, "now": now}, guard=True)


def remove(subject: str, authenticator: str) -> tuple[Statement, ...]:
    """Remove it with its recovery codes. Guard: it exists."""
    sql = "DELETE FROM authenticators WHERE subject = :subject AND id = :id RETURNING id"
    return (
        Statement(sql, {"subject": subject, "id": authenticator}, guard=True),
        Statement("DELETE FROM recovery_codes WHERE authenticator = :id", {"id": authenticator}),
    )


def apply_change(subject: str, change: Change, now: int) -> Statement:
    """The conditional update that a verified proof demands, marking the authenticator used. Guard: the row stood still."""
    params: Params
    match change:
        case AdvanceCounter(authenticator, to):
            sql = """UPDATE authenticators SET counter = :to, last_used_at = :now
                WHERE subject = :subject AND id = :id AND counter < :to RETURNING id"""
            return Statement(sql, {"subject": subject, "id": authenticator, "to": to, "now": now}, guard=True)
        case ReplaceMaterial(authenticator, old, new):
            sql = """UPDATE authenticators SET material = :new, last_used_at = :now
                WHERE subject = :subject AND id = :id AND material = :old RETURNING id"""
            params = {"subject": subject, "id": authenticator, "old": old, "new": new, "now": now}
            return Statement(sql, params, guard=True)
        case SpendRecoveryCode(authenticator, code_hash):
            sql = """UPDATE recovery_codes SET spent_at = :now
                WHERE authenticator = :id AND code_hash = :code_hash AND spent_at IS NULL
                AND EXISTS (SELECT 1 FROM authenticators WHERE subject = :subject AND id = :id) RETURNING authenticator"""
            params = {"subject": subject, "id": authenticator, "code_hash": code_hash, "now": now}
            return Statement(sql, params, guard=True)


def add_recovery_codes(authenticator: str, hashes: tuple[bytes, ...]) -> tuple[Statement, ...]:
    """Replace an authenticator's recovery codes, spent or not, by these keyed hashes (32 bytes each, S14)."""
    clear = Statement("DELETE FROM recovery_codes WHERE authenticator = :id", {"id": authenticator})
    sql = "INSERT INTO recovery_codes (authenticator, code_hash) VALUES (:id, :code_hash) RETURNING authenticator"
    return clear, *(Statement(sql, {"id": authenticator, "code_hash": each}, guard=True) for each in hashes)
