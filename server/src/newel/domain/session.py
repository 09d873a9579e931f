"""A session: what one browser proved, until it ends."""

from dataclasses import dataclass, replace

from newel.domain.evidence import Evidence

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

    def touched(self, now: int) -> "Session":
        """The session with activity at `now`; how long it lay idle before stays on its evidence (`Evidence.rested`)."""
        rested = [max(event.rested, now - max(self.active_at, event.at)) for event in self.evidence]
        evidence = tuple(replace(event, rested=idle) for event, idle in zip(self.evidence, rested, strict=True))
        return replace(self, active_at=max(self.active_at, now), evidence=evidence)
