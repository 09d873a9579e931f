"""Counters and durations in the process, in the text format that Prometheus reads (exposition format 0.0.4).

Label values come from small closed sets (endpoint, outcome, method), never from input: each combination lives for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

Labels = tuple[tuple[str, str], ...]

MOST = 2000
"""Combinations that are kept; more fall under `overflow`, so that a mistake costs no memory."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the duration buckets, in seconds."""

OVERFLOW: Labels = (("overflow", "true"),)


@dataclass(slots=True)
class Durations:
    """How many durations fell into each bucket, their sum in seconds, and their count."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    total: float = 0.0
    count: int = 0


@dataclass(slots=True)
class Metrics:
    """The counters of one process; `says` names every counter in words before it is used."""

    says: Mapping[str, str]
    counts: dict[tuple[str, Labels], int] = field(default_factory=dict)
    durations: dict[tuple[str, Labels], Durations] = field(default_factory=dict)

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        """Add `by` to a counter. KeyError for a name that nobody declared."""
        self.says[name]
        place = (name, _place(self.counts, name, labels))
        self.counts[place] = self.counts.get(place, 0) + by

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Record a duration. KeyError for a name that nobody declared."""
        self.says[name]
        place = (name, _place(self.durations, name, labels))
        kept = self.durations.setdefault(place, Durations())
        kept.total += seconds
        kept.count += 1
        for index, bound in enumerate(BOUNDS):
            if seconds <= bound:
                kept.buckets[index] += 1

    def exposition(self) -> str:
        """Everything as text, in the order of names."""
        lines: list[str] = []
        for name in sorted({name for name, _ in (*self.counts, *self.durations)}):
            kind = "counter" if any(known == name for known, _ in self.counts) else "histogram"
            lines.extend([f"# HELP {name} {self.says[name]}", f"# TYPE {name} {kind}", *self._values(name)])
        return "".join(f"{line}\n" for line in lines)

    def _values(self, name: str) -> Iterator[str]:
        for (known, labels), value in sorted(self.counts.items()):
            if known == name:
                yield f"{name}{_braces(labels)} {value}"
        for (known, labels), kept in sorted(self.durations.items(), key=itemgetter(0)):
            if known == name:
                for bound, value in zip(BOUNDS, kept.buckets, strict=True):
                    yield f"{name}_bucket{_braces((*labels, ('le', str(bound))))} {value}"
                yield f"{name}_bucket{_braces((*labels, ('le', '+Inf')))} {kept.count}"
                yield f"{name}_sum{_braces(labels)} {kept.total:.6f}"
                yield f"{name}_count{_braces(labels)} {kept.count}"


def _place(kept: Mapping[tuple[str, Labels], object], name: str, labels: Mapping[str, str]) -> Labels:
    wanted = tuple(sorted(labels.items()))
    return wanted if (name, wanted) in kept or len(kept) < MOST else OVERFLOW


def _braces(labels: Labels) -> str:
    """Labels as the exposition format writes them, with its three escapes."""
    if not labels:
        return ""
    escaped = ((name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for name, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
