"""What passes in silence and what does not, request by request under both policies: by kind, by amount, for attacks."""

from collections.abc import Iterator, Mapping

import numpy as np

from newel.policy.document import Document
from newel.policy.replay.columns import Array, Plain
from newel.policy.replay.log import Log
from newel.policy.replay.outcomes import MET
from newel.policy.replay.report import Attacks, Band, Caught, Change

BANDS = (0, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
"""Where bands of amounts begin, in minor units."""
MOST_BANDS = 7
LEAST_IN_A_BAND = 20
BUILT_IN = "newel."
SILENT, BEFORE, AFTER, BOTH = 0, 1, 2, 3
"""Which policies stop a row: bit 0 the one before, bit 1 the one after."""


class Catching:
    """Counts over the chunks of a log; amounts are those of money fields that facts are read from."""

    def __init__(self, log: Log, document: Document) -> None:
        self._log = log
        self._amounts = {
            kind: path for kind, targets in enumerate(log.targets) if (path := _amount_path(targets, document, log))
        }
        self._counts = np.zeros((len(log.targets), BOTH + 1), np.int64)
        self._sums = np.zeros((len(log.targets), BOTH + 1), np.int64)
        self._bands = np.zeros((len(BANDS), BOTH + 1), np.int64)
        self._attacks, self._attack_sums = np.zeros(BOTH + 1, np.int64), np.zeros(BOTH + 1, np.int64)

    def add(self, rows: slice, before: Array, after: Array) -> None:
        """The outcomes of a chunk."""
        kinds = self._log.target[rows].astype(np.int64)
        stopped = (before != MET).astype(np.int64) + 2 * (after != MET)
        cells = kinds * (BOTH + 1) + stopped
        self._counts += np.bincount(cells, minlength=self._counts.size).reshape(self._counts.shape)
        amounts, known = self._amount(rows, kinds)
        if len(known):
            np.add.at(self._sums.reshape(-1), cells[known], amounts)
            bands = np.searchsorted(BANDS, np.maximum(amounts, 0), side="right") - 1
            spread = np.bincount(bands * (BOTH + 1) + stopped[known], minlength=self._bands.size)
            self._bands += spread.reshape(self._bands.shape)
        if self._log.attack is not None:
            attack = self._log.attack[rows]
            self._attacks += np.bincount(stopped[attack], minlength=BOTH + 1)
            np.add.at(self._attack_sums, stopped[known][attack[known]], amounts[attack[known]])

    def _amount(self, rows: slice, kinds: Array) -> tuple[Array, Array]:
        """The amounts of a chunk and the places of their rows."""
        amounts, places = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for path in dict.fromkeys(self._amounts.values()):
            column = self._log.facts[path, "int"].take(rows)
            of_path = np.array([self._amounts.get(kind) == path for kind in range(len(self._log.targets))], np.bool_)
            missing = column.missing()
            known = np.flatnonzero(of_path[kinds] if missing is None else of_path[kinds] & ~missing)
            assert isinstance(column, Plain)
            amounts.append(column.values[known].astype(np.int64))
            places.append(known)
        return np.concatenate(amounts), np.concatenate(places)

    def caught(self) -> tuple[Caught, ...]:
        """Each kind of request, the most newly stopped first."""
        lines = [
            Caught(
                what=_what(targets),
                requests=int(self._counts[kind].sum()),
                stopped=_stopped(self._counts[kind]),
                newly=int(self._counts[kind, AFTER]),
                newly_amount=int(self._sums[kind, AFTER]) if kind in self._amounts else None,
                no_longer=int(self._counts[kind, BEFORE]),
                no_longer_amount=int(self._sums[kind, BEFORE]) if kind in self._amounts else None,
            )
            for kind, targets in enumerate(self._log.targets)
        ]
        return tuple(sorted(lines, key=lambda line: (-line.newly, -line.no_longer, line.what)))

    def bands(self) -> tuple[Band, ...]:
        """Requests by amount; neighbouring bands are put together until there are few, and none is nearly empty."""
        lows, counts = list(BANDS), list(self._bands.copy())
        while len(lows) > 1:
            sizes = [int(row.sum()) for row in counts]
            least = min(range(len(sizes)), key=sizes.__getitem__)
            if len(lows) <= MOST_BANDS and sizes[least] >= LEAST_IN_A_BAND:
                break
            upper = least if least and (least == len(lows) - 1 or sizes[least - 1] <= sizes[least + 1]) else least + 1
            counts[upper - 1] += counts[upper]
            del lows[upper], counts[upper]
        bands = (
            Band(low=low, requests=int(row.sum()), stopped=_stopped(row)) for low, row in zip(lows, counts, strict=True)
        )
        return tuple(band for band in bands if band.requests)

    def attacks(self) -> Attacks | None:
        """What comes of attacks, where the log knows of them."""
        if self._log.attack is None:
            return None
        passing = self._attack_sums
        return Attacks(
            requests=int(self._attacks.sum()),
            stopped=_stopped(self._attacks),
            passing_amount=Change(int(passing[SILENT] + passing[AFTER]), int(passing[SILENT] + passing[BEFORE])),
        )


def _what(targets: tuple[str, ...]) -> str:
    """What a request is for; signing in and scopes go without saying beside an action."""
    actions = [target for target in targets if not target.startswith(BUILT_IN)]
    return " + ".join(actions or targets) or "nothing"


def _stopped(counts: Array) -> Change:
    return Change(int(counts[BEFORE] + counts[BOTH]), int(counts[AFTER] + counts[BOTH]))


def _amount_path(targets: tuple[str, ...], document: Document, log: Log) -> str | None:
    """The fact that holds the amount of a request, if it has one."""
    held = {path for path, store in log.facts if store == "int"}
    return next((path for path in _money_facts(targets, document) if path in held), None)


def _money_facts(targets: tuple[str, ...], document: Document) -> Iterator[str]:
    for target in targets:
        resource = document.resources.get(target.partition(":")[0])
        if resource is not None:
            fields: Mapping[str, str] = {name: field.kind for name, field in resource.fields.items()}
            for path, fact in resource.facts.items():
                if len(fact.field) > 1 and fact.field[-1] == "minor" and fields.get(fact.field[0]) == "money":
                    yield path
