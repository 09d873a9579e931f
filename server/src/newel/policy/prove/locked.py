"""A lock-out in words: who cannot meet what, by group; as bounded as the largest directory is not."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.prove.witness import Witness
from newel.policy.words import instant_text

LISTED = 5
"""Names, and twice as many groups, that a terminal shows of one lock-out."""
TOLD = 100
"""Names, and groups, that a machine is told of one lock-out."""


class Share(NamedTuple):
    """How many are locked out, of how many."""

    locked: int
    of: int

    def as_json(self) -> Mapping[str, int]:
        """It for a machine."""
        return {"locked_out": self.locked, "of": self.of}

    def __str__(self) -> str:
        """Both numbers."""
        return f"{self.locked} of {self.of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """Who cannot meet one outcome of a target: of everybody, of each of their groups, and of those without a group.

    Groups stand in the order of how many of theirs are locked out. `until` is the time (Unix seconds) up to which these
    people may put it off, None where they may not.
    """

    id: str
    target: str
    requirement: Requirement
    text: str
    rules: tuple[str, ...]
    people: tuple[str, ...]
    everybody: Share
    groups: Mapping[str, Share]
    alone: Share
    witness: Witness
    until: int | None = None

    def lines(self) -> tuple[str, ...]:
        """It as a terminal shows it."""
        cannot = f"{self.everybody} people cannot meet {self.text}"
        first = f"lock-out [{self.id}] {self.target}: {cannot}"
        if self.until is not None:
            first = f"note: {self.target}: can be put off until {instant_text(self.until)}, then {cannot}"
        return (first, f"  {self._by_group()}", f"  {_some(self.people, LISTED)}", *self._seen())

    def _by_group(self) -> str:
        groups = [f"{share} in {name}" for name, share in self.groups.items()]
        counts = [_some(groups, 2 * LISTED, "groups")] if groups else []
        return ", ".join([*counts, *([f"{self.alone} without a group"] if self.alone.locked else [])])

    def _seen(self) -> Sequence[str]:
        return [f"  {line}" for line in self.witness.lines()]

    def as_json(self) -> Mapping[str, Any]:
        """It for a machine: at most `TOLD` people and groups, and how many more there are."""
        groups = list(self.groups.items())
        return {
            "id": self.id,
            "target": self.target,
            "requirement": self.text,
            "rules": list(self.rules),
            **self.everybody.as_json(),
            "people": list(self.people[:TOLD]),
            "more_people": max(0, len(self.people) - TOLD),
            "groups": {name: share.as_json() for name, share in groups[:TOLD]},
            "more_groups": max(0, len(groups) - TOLD),
            "without_group": self.alone.as_json(),
            "put_off_until": None if self.until is None else instant_text(self.until),
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOuts:
    """All lock-outs; targets that could not be looked at to the end are named in `unknown` with the reason.

    `later` are those that come when a grace ends.
    """

    found: tuple[LockOut, ...]
    later: tuple[LockOut, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


def _some(names: Sequence[str], most: int, what: str = "") -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more{what and f' {what}'}" if more > 0 else "")
