"""A session: what one browser proved, until it ends."""

from newel.domain.evidence import Evidence
from newel.domain.value import dataclass

PREVIOUS_LIVES = 30
"""Seconds for which the identifier before a rotation still answers, at the old evidence (S06)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as one of its two identifiers shows it.

    `lineage` survives rotation; `evidence` is what this identifier stands for; `rotated` is true when the previous
    identifier is still alive, so that the first use of the new one ends it (S06). Times in Unix seconds.
    """

    lineage: str
    subject: str
    created_at: int
    active_at: int
    expires_at: int
    evidence: tuple[Evidence, ...]
    rotated: bool = False
    current: bool = True
