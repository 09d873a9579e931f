"""The session a browser holds, and what its use changes.

The session cookie is `lineage.secret`. The lineage survives rotation; only the hash of the secret is stored.
"""

from newel.domain.evidence import Evidence
from newel.domain.session import Session
from newel.domain.value import dataclass, replace
from newel.services import Services, split_token
from newel.storage.base import Statement
from newel.storage.sql.sessions import SessionRow, retire_previous, touch, wake
from newel.storage.sql.sessions import session as session_query

TOUCH_AFTER = 60
RESTS_AFTER = 900
"""Seconds of idleness below which no class can lapse: the shortest `idle` of a class as shipped."""


@dataclass(frozen=True, slots=True)
class Held:
    """A session that the browser proved to hold, and its row as stored."""

    session: Session
    row: SessionRow


async def held_session(services: Services, cookie: str | None, now: int) -> Held | None:
    """The living session of a cookie; None for none, a wrong secret, an ended or an expired one.

    The identifier before the last rotation answers for 30 seconds with the evidence it stood for (S06).
    """
    parts = split_token(cookie) if cookie else None
    if parts is None:
        return None
    row = await services.store.one(session_query(parts[0]))
    shown = row.shown_by(parts[1], now) if row else None
    return Held(shown, row) if shown and row else None


async def held_again(services: Services, held: Held, now: int) -> Held | None:
    """The same session as its identifier shows it now, after another request lifted it; None where it has ended.

    That identifier is the one before the rotation, so it does not gain what the other request proved (S06).
    """
    row = await services.store.one(session_query(held.session.lineage))
    shown = row.shown_by(held.row.secret_hash, now) if row and held.session.current else None
    return Held(shown, row) if shown and row else None


def activity(held: Held, now: int) -> tuple[Statement, ...]:
    """What the use of a session changes: its last activity, and the end of the identifier before (S06).

    A class that lapsed while the session lay idle does not come back when it wakes: its events remember the rest.
    """
    session = held.session
    if not session.current:
        return ()
    retire = (retire_previous(session.lineage, held.row.secret_hash),) if session.rotated else ()
    idle = now - session.active_at
    if idle < TOUCH_AFTER:
        return retire
    if idle < RESTS_AFTER:
        return (*retire, touch(session.lineage, now))
    return (*retire, wake(session.lineage, held.row.secret_hash, awake(session, now), now))


def awake(session: Session, now: int) -> tuple[Evidence, ...]:
    """The session's events when it is used now: each remembers the longest time for which the session lay idle."""
    idle = now - session.active_at
    if idle < RESTS_AFTER:
        return session.evidence
    return tuple(replace(event, rested=max(event.rested, idle)) for event in session.evidence)
