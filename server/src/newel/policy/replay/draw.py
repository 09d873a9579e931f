"""Columns that are drawn: values of a fact for some rows of a made-up log, row set by row set."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from newel.policy.facts import Fact
from newel.policy.replay.columns import STORES, Addresses, Array, Coded, Column, Plain, narrow, narrow_numbers
from newel.policy.replay.encode import TYPED, Distinct
from newel.policy.replay.log import LogRefused
from newel.policy.replay.profile import Among, Between, Lognormal, Networks, Now, Spread

UNKNOWN = -1
LARGEST_LOG = 43.0
"""e to this is the largest that is drawn: a number of 64 bits."""


class Drawn:
    """One fact of all rows; missing until it is put."""

    def __init__(self, fact: Fact, count: int) -> None:
        self._fact, self.store = fact, STORES[fact.kind]
        self._distinct = Distinct()
        self._there = np.zeros(count, np.bool_)
        width = np.int32 if self.store in {"text", "set"} else np.uint64 if self.store == "ip" else np.int64
        self._values = np.zeros(count, width)
        self._high = np.zeros(count if self.store == "ip" else 0, np.uint64)

    def put(self, rows: Array, spread: Spread, times: Array, rng: np.random.Generator) -> None:
        """Draw the values of some rows. LogRefused for values that the fact cannot have."""
        match spread:
            case Among(values):
                self._put_values(rows, values, rng)
            case Networks(ranges):
                self._put_addresses(rows, ranges, rng)
            case Now(before):
                drawn = np.zeros(len(rows), np.int64) if before is None else numbers(before, len(rows), rng)
                self._set(rows, times[rows] - drawn)
            case _:
                self._set(rows, numbers(spread, len(rows), rng))

    def _set(self, rows: Array, values: Array) -> None:
        if self.store != "int":
            raise LogRefused(f"{self._fact.name} is no number")
        self._values[rows], self._there[rows] = np.clip(values, self._fact.low, self._fact.high), True

    def _put_values(self, rows: Array, values: tuple[tuple[Any, float], ...], rng: np.random.Generator) -> None:
        chosen = weighted([weight for _, weight in values], len(rows), rng)
        typed = [None if value is None else self._typed(value) for value, _ in values]
        there = np.array([value is not None for value in typed], np.bool_)
        if self.store in {"text", "set"}:
            codes = np.array([UNKNOWN if value is None else self._distinct.code(value) for value in typed], np.int32)
            self._values[rows] = codes[chosen]
        elif self.store == "ip":
            self._high[rows] = np.array([(value or 0) >> 64 for value in typed], np.uint64)[chosen]
            self._values[rows] = np.array([(value or 0) % 2**64 for value in typed], np.uint64)[chosen]
        else:
            self._values[rows] = np.array([int(value or 0) for value in typed], np.int64)[chosen]
        self._there[rows] = there[chosen]

    def _typed(self, value: object) -> Any:
        typed = TYPED[self.store](value)
        if typed is None or (self._fact.values and self.store == "text" and typed not in self._fact.values):
            raise LogRefused(f"{str(value)[:40]} is no value of {self._fact.name}")
        return typed

    def _put_addresses(self, rows: Array, ranges: tuple[tuple[int, int, float], ...], rng: np.random.Generator) -> None:
        if self.store != "ip":
            raise LogRefused(f"{self._fact.name} is no address")
        chosen = weighted([weight for _, _, weight in ranges], len(rows), rng)
        first = [low for low, _, _ in ranges]
        spans = np.array([float(min(high - low, 2**32 - 1)) for low, high, _ in ranges])
        offsets = (rng.random(len(rows)) * (spans[chosen] + 1)).astype(np.uint64)
        self._high[rows] = np.array([low >> 64 for low in first], np.uint64)[chosen]
        self._values[rows] = np.array([low % 2**64 for low in first], np.uint64)[chosen] + offsets
        self._there[rows] = True

    def column(self, order: Array) -> Column:
        """The column, its rows in an order."""
        absent = None if self._there.all() else ~self._there[order]
        values = self._values[order]
        if self.store == "ip":
            return Addresses(self._high[order], values, absent)
        if self.store == "bool":
            return Plain(values.astype(np.bool_), absent)
        if self.store == "int":
            return Plain(narrow_numbers(values), absent)
        count = len(self._distinct.entries)
        codes = values if absent is None else np.where(absent, count, values)
        return Coded(narrow(codes, count), self._distinct.entries)


def numbers(spread: Spread, count: int, rng: np.random.Generator) -> Array:
    """Whole numbers that are drawn."""
    match spread:
        case Lognormal(median, sigma, low, high):
            drawn = np.exp(np.minimum(rng.normal(np.log(median), sigma, count), LARGEST_LOG))
            return np.clip(np.rint(drawn).astype(np.int64), low, high)
        case Between(low, high):
            return rng.integers(low, high, count, dtype=np.int64, endpoint=True)
        case Among(values):
            chosen = weighted([weight for _, weight in values], count, rng)
            whole = [TYPED["int"](value) for value, _ in values]
            if None in whole:
                raise LogRefused("a number is drawn from whole numbers")
            return np.array(whole, np.int64)[chosen]
        case _:
            raise LogRefused("a number is drawn from numbers")


def weighted(weights: list[float], count: int, rng: np.random.Generator) -> Array:
    """Places that are drawn by weight."""
    if len(weights) == 1:
        return np.zeros(count, np.int64)
    ends = np.cumsum(np.array(weights, np.float64))
    found: Array = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
    return np.minimum(found, len(weights) - 1)


def put_all(
    drawn: dict[str, Drawn],
    facts: Mapping[str, Fact],
    spreads: Mapping[str, Spread],
    rows: Array,
    times: Array,
    count: int,
    rng: np.random.Generator,
) -> None:
    """Draw several facts of some rows; those that the policy does not declare are left out."""
    for path, spread in spreads.items():
        if path in facts:
            column = drawn.setdefault(path, Drawn(facts[path], count))
            column.put(rows, spread, times, rng)
