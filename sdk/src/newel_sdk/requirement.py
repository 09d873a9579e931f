"""How high a route asks its callers to have climbed: a class of evidence and its greatest age.

A class counts as every class below it; what satisfies a requirement is its up-set (docs/wire.md). A requirement is met
only by a pair the token states: the class and the time of that class.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from newel_sdk.claims import Claims
from newel_sdk.errors import Misconfigured

# Weakest first: the order in which an up-set is written on the wire; each class with those it counts as directly.
CLASS_ORDER: Mapping[str, tuple[str, ...]] = {"aal1": (), "aal2": ("aal1",), "phr": ("aal2",), "aal3": ("phr",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """The classes any of which will do (none: any evidence), and the greatest age in seconds (None: any age)."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None

    def __post_init__(self) -> None:
        """Refuse an age that no evidence can have."""
        if self.max_age is not None and self.max_age < 0:
            raise Misconfigured("max_age is a number of seconds, 0 or more")

    @property
    def empty(self) -> bool:
        """Say whether any valid token meets it."""
        return not self.acr_values and self.max_age is None

    def met_by(self, claims: Claims, now: int, leeway: int = 0) -> bool:
        """Say whether the token states a pair (class, time) that is high and fresh enough at `now`."""
        if not self.acr_values and self.max_age is None:
            return True
        oldest = None if self.max_age is None else now - self.max_age
        acrs = claims.acrs or {claims.acr: claims.auth_time}
        for acr in self.acr_values or acrs:
            at = acrs.get(acr)
            if at is not None and (oldest is None or oldest <= at <= now + leeway):
                return True
        return False


class ClassOrder:
    """A partial order of classes, from a table of "counts as"."""

    def __init__(self, counts_as: Mapping[str, tuple[str, ...]] = CLASS_ORDER) -> None:
        """Take the table; raises Misconfigured when it names a class it does not hold, or goes in a circle."""
        self.counts_as = dict(counts_as)
        for name, below in self.counts_as.items():
            for lower in below:
                if lower not in self.counts_as:
                    raise Misconfigured(f"{name} counts as {lower}, which is no class")
        for name in self.counts_as:
            if name in self._below(name):
                raise Misconfigured(f"{name} counts as itself")

    def _below(self, name: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(self.counts_as[name])
        while waiting:
            lower = waiting.pop()
            if lower not in found:
                found.add(lower)
                waiting.extend(self.counts_as[lower])
        return frozenset(found)

    @cached_property
    def _down(self) -> Mapping[str, frozenset[str]]:
        return {name: self._below(name) | {name} for name in self.counts_as}

    def up_set(self, name: str) -> tuple[str, ...]:
        """Return every class that counts as `name`, weakest first; raises Misconfigured for an unknown class."""
        if name not in self.counts_as:
            raise Misconfigured(f"no class {name!r}; there are {', '.join(self.counts_as)}")
        above = [other for other, down in self._down.items() if name in down]
        return tuple(sorted(above, key=lambda other: len(self._down[other])))

    def require(self, acr: str | None = None, max_age: int | None = None) -> Requirement:
        """Make the requirement of one class and one age."""
        return Requirement(acr_values=self.up_set(acr) if acr else (), max_age=max_age)

    @staticmethod
    def join(requirements: Iterable[Requirement]) -> Requirement:
        """Return the smallest single pair at least as demanding as all: what one challenge can carry (RFC 9470).

        Raises Misconfigured when no class meets all of them.
        """
        asked = list(requirements)
        with_classes = [r.acr_values for r in asked if r.acr_values]
        classes = tuple(c for c in with_classes[0] if all(c in other for other in with_classes)) if with_classes else ()
        if with_classes and not classes:
            raise Misconfigured("no class meets all that is asked")
        ages = [r.max_age for r in asked if r.max_age is not None]
        return Requirement(acr_values=classes, max_age=min(ages, default=None))
