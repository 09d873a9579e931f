"""Texts and sets of a batch by the codes of their distinct values: comparing two columns, members of sets."""

from collections.abc import Collection, Hashable

import numpy as np

from newel.domain.value import dataclass
from newel.policy.replay.columns import Array, Bools


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """`codes` into `entries`; where `fails` marks a row, or the code lies behind the last entry, there is none."""

    codes: Array
    entries: tuple[Hashable, ...]
    fails: Bools | None


def joined(first: Texts, second: Texts) -> tuple[Array, Array, tuple[Hashable, ...]]:
    """Both as codes into one tuple of distinct values."""
    entries = tuple(dict.fromkeys((*first.entries, *second.entries)))
    places = {entry: code for code, entry in enumerate(entries)}
    left, right = (np.array([*(places[entry] for entry in each.entries), len(entries)]) for each in (first, second))
    return left[first.codes], right[second.codes], entries


def member_pairs(group: Texts, item: Texts) -> Bools:
    """Whether the text is in the set, row by row; each pair that occurs is looked at once."""
    width = len(item.entries) + 1
    seen, places = np.unique(group.codes.astype(np.int64) * width + item.codes, return_inverse=True)
    held = np.zeros(len(seen), np.bool_)
    for number, pair in enumerate(seen.tolist()):
        members, text = divmod(pair, width)
        if members < len(group.entries) and text < len(item.entries):
            held[number] = _holds(group.entries[members], item.entries[text])
    found: Bools = held[places]
    return found


def _holds(group: Hashable, item: Hashable) -> bool:
    return isinstance(group, Collection) and item in group
