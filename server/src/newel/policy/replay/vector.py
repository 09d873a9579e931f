"""Core → columns: a condition over many rows at once, in which a missing fact fails row by row as in `lang.evaluate`.

A part's meaning is a value for each row and the rows in which looking at it fails, None for nowhere. All items of a
chain are computed, but a row takes what follows only where the items before it let evaluation come that far. Whatever
reads one text or one set alone is evaluated once for each distinct value by the reference itself.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np

from newel.domain.value import dataclass
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import AFFIXES, SIGNS, evaluate
from newel.policy.lang.missing import MissingFact
from newel.policy.replay.bound import Batch
from newel.policy.replay.clocks import clock
from newel.policy.replay.columns import Addresses, Array, Bools, Coded, Plain, somewhere
from newel.policy.replay.reads import facts_read
from newel.policy.replay.texts import Texts, joined, member_pairs

OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {"+": np.add, "-": np.subtract, "*": np.multiply}
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
Fails = Bools | None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A value for each row (one for all where it is no array), and where there is none because a fact is missing."""

    value: Any
    fails: Fails


def matches(condition: Core, batch: Batch) -> Bools:
    """The rows in which a condition holds or fails: an error counts as a match."""
    found = _Rows(batch).found(condition)
    value = found.value if found.fails is None else found.value | found.fails
    return np.broadcast_to(np.asarray(value, dtype=np.bool_), (batch.count,))


def either(first: Fails, second: Fails) -> Fails:
    """Where one of the two fails."""
    if first is None or second is None:
        return second if first is None else first
    return first | second


class _Rows:
    def __init__(self, batch: Batch) -> None:
        self._batch, self._bound = batch, batch.bound

    def found(self, part: Core) -> Found:
        """What a part is in each row."""
        if (path := self._alone(part)) is not None:
            return self._looked_up(part, path)
        match part:
            case core.Constant(value):
                return Found(np.bool_(value) if isinstance(value, bool) else value, None)
            case core.Read(path):
                return self._read(path)
            case core.Present(path):
                missing = self._batch.column(path)[1]
                return Found(np.True_ if missing is None else ~missing, None)
            case core.Negation(item):
                found = self.found(item)
                return Found(np.logical_not(found.value), found.fails)
            case core.Every(items):
                return self._every(items)
            case core.Some(items):
                return self._some(items)
            case core.Select(test, then, other):
                return self._select(self.found(test), self.found(then), self.found(other))
            case _:
                return self._special(part)

    def _special(self, part: Core) -> Found:
        match part:
            case core.Compare():
                return self._compare(part)
            case core.OneOf(item, members):
                return self._one_of(item, members)
            case core.HasMember(group, item):
                return self._member(self.texts(group), self.texts(item))
            case core.Within(item, _, ranges):
                return self._within(item.path, ranges)
            case core.Arithmetic(sign, left, right):
                first, second = self._number(left), self._number(right)
                return Found(_computed(sign, first.value, second.value), either(first.fails, second.fails))
            case core.Minus(item):
                found = self._number(item)
                return Found(-found.value, found.fails)
            case core.Clock(which, item, zone):
                found = self._number(item)
                return Found(clock(which, np.asarray(found.value), zone), found.fails)
            case _:
                assert isinstance(part, core.Affix)
                return self._affix(part)

    def _alone(self, part: Core) -> str | None:
        """The text or set that is all that a true-or-false part reads, where it is worth a table."""
        if isinstance(part, core.Constant | core.Read | core.Present | core.Select):
            return None
        paths: frozenset[str] = self._bound.kept("reads", part, lambda: facts_read(part))
        path = next(iter(paths)) if len(paths) == 1 else None
        return path if path is not None and self._bound.is_coded(path) else None

    def _looked_up(self, part: Core, path: str) -> Found:
        rows = self._batch.column(path)[0]
        assert isinstance(rows, Coded)
        if isinstance(part, core.Compare) and (code := self._equal_code(part, path)) is not None:
            return Found(COMPARE[part.sign](rows.codes, code), self._batch.column(path)[1])
        held, fails = self._bound.kept("table", part, lambda: _table(part, path, self._bound.entries(path)))
        if self._batch.column(path)[1] is None:
            return Found(held[rows.codes], None)
        return Found(held[rows.codes], somewhere(fails[rows.codes]))

    def _equal_code(self, part: core.Compare, path: str) -> int | None:
        match part:
            case core.Compare(_, core.Read(), core.Constant(value)) | core.Compare(
                _, core.Constant(value), core.Read()
            ):
                return self._bound.code(path, value)
            case _:
                return None

    def _read(self, path: str) -> Found:
        rows, missing = self._batch.column(path)
        assert isinstance(rows, Plain)
        return Found(rows.values, missing)

    def _number(self, part: Core) -> Found:
        """In 64 bits, so that arithmetic stays inside."""
        found = self.found(part)
        value = found.value.astype(np.int64, copy=False) if isinstance(found.value, np.ndarray) else found.value
        return Found(value, found.fails)

    def _every(self, items: tuple[Core, ...]) -> Found:
        value: Any = np.True_
        fails: Fails = None
        for item in items:
            found = self.found(item)
            if found.fails is None:
                value &= found.value
            else:
                fails = either(fails, value & found.fails)
                value &= np.greater(found.value, found.fails)
        return Found(value, fails)

    def _some(self, items: tuple[Core, ...]) -> Found:
        value: Any = np.False_
        fails: Fails = None
        for item in items:
            found = self.found(item)
            holds = found.value if fails is None else np.greater(found.value, fails)
            if found.fails is not None:
                fails = either(fails, np.greater(found.fails, value))
                holds = np.greater(holds, found.fails)
            value |= holds
        return Found(value, fails)

    def _select(self, test: Found, then: Found, other: Found) -> Found:
        value = np.where(test.value, _wide(then.value), _wide(other.value))
        return Found(value, either(test.fails, _chosen(test.value, then.fails, other.fails)))

    def _compare(self, part: core.Compare) -> Found:
        if self._is_text(part.left):
            first, second = self.texts(part.left), self.texts(part.right)
            left, right, _ = joined(first, second)
            return Found(COMPARE[part.sign](left, right), either(first.fails, second.fails))
        match part:
            case core.Compare(sign, core.Read(left_path), core.Read(right_path)) if isinstance(
                self._batch.column(left_path)[0], Addresses
            ):
                return self._compare_addresses(sign, left_path, right_path)
        this, that = self.found(part.left), self.found(part.right)
        return Found(COMPARE[part.sign](this.value, that.value), either(this.fails, that.fails))

    def _compare_addresses(self, sign: str, left: str, right: str) -> Found:
        (first, none_first), (second, none_second) = self._batch.column(left), self._batch.column(right)
        assert isinstance(first, Addresses)
        assert isinstance(second, Addresses)
        same = (first.high == second.high) & (first.low == second.low)
        return Found(same if sign == "==" else ~same, either(none_first, none_second))

    def _within(self, path: str, ranges: tuple[tuple[int, int], ...]) -> Found:
        rows, missing = self._batch.column(path)
        assert isinstance(rows, Addresses)
        value: Any = np.False_
        for first, last in ranges:
            value |= _between(rows, first, last)
        return Found(value, missing)

    def _one_of(self, item: Core, members: tuple[str | int | bool, ...]) -> Found:
        if self._is_text(item):
            texts = self.texts(item)
            held = np.array([*(each in members for each in texts.entries), False])
            return Found(held[texts.codes], texts.fails)
        found = self.found(item)
        return Found(np.isin(found.value, np.array(members)), found.fails)

    def _member(self, group: Texts, item: Texts) -> Found:
        return Found(member_pairs(group, item), either(group.fails, item.fails))

    def _affix(self, part: core.Affix) -> Found:
        texts = self.texts(part.item)
        held = np.array([*(AFFIXES[part.where](str(each), part.text) for each in texts.entries), False])
        return Found(held[texts.codes], texts.fails)

    def _is_text(self, part: Core) -> bool:
        match part:
            case core.Constant(_, unit):
                return unit == "string"
            case core.Read(path):
                return self._bound.is_text(path)
            case core.Select(_, then, _):
                return self._is_text(then)
            case _:
                return False

    def texts(self, part: Core) -> Texts:
        """A text, or a set that is read, in each row."""
        match part:
            case core.Constant(value):
                return Texts(np.zeros(self._batch.count, np.uint8), (value,), None)
            case core.Read(path):
                rows, missing = self._batch.column(path)
                assert isinstance(rows, Coded)
                return Texts(rows.codes, self._bound.entries(path), missing)
            case _:
                assert isinstance(part, core.Select)
                asked, first, second = self.found(part.test), self.texts(part.then), self.texts(part.other)
                left, right, entries = joined(first, second)
                fails = either(asked.fails, _chosen(asked.value, first.fails, second.fails))
                return Texts(np.where(asked.value, left, right), entries, fails)


def _table(part: Core, path: str, entries: tuple[Hashable, ...]) -> tuple[Array, Bools]:
    """The part's value for each distinct value of the fact it reads, and last for the fact missing."""
    held: list[Any] = []
    fails: list[bool] = []
    for facts in (*({path: entry} for entry in entries), {}):
        try:
            held.append(evaluate(part, facts))
            fails.append(False)
        except MissingFact:
            held.append(False)
            fails.append(True)
    return np.array(held), np.array(fails)


def _chosen(test: Any, then: Fails, other: Fails) -> Fails:
    if then is None and other is None:
        return None
    return np.where(test, False if then is None else then, False if other is None else other)


def _wide(value: Any) -> Any:
    return np.int64(value) if type(value) is int else value


def _computed(sign: core.Operator, left: Any, right: Any) -> Any:
    if type(left) is int and type(right) is int:
        return SIGNS[sign](left, right)
    if sign in OPERATIONS:
        return OPERATIONS[sign](left, right)
    rest = np.fmod(left, right)
    return rest if sign == "%" else (left - rest) // right


def _between(rows: Addresses, first: int, last: int) -> Bools:
    high, low = (np.uint64(half) for half in divmod(first, 2**64))
    end_high, end_low = (np.uint64(half) for half in divmod(last, 2**64))
    if high == end_high:
        inside: Bools = (rows.high == high) & (rows.low >= low) & (rows.low <= end_low)
        return inside
    after: Bools = (rows.high > high) | ((rows.high == high) & (rows.low >= low))
    before: Bools = (rows.high < end_high) | ((rows.high == end_high) & (rows.low <= end_low))
    return np.logical_and(after, before)
