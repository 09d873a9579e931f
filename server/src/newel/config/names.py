"""Names of keys: what exists, and what was probably meant (S34)."""

from collections.abc import Iterable
from difflib import SequenceMatcher

ALIKE = 0.6
"""From this likeness on a name is suggested (0 to 1)."""

SHORTEST = 3
"""Letters from which on a beginning means something."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Words that name the known name most like `name`, to append to a fault; empty where nothing is like it."""
    scored = [(_likeness(name.lower(), entry.lower()), entry) for entry in known]
    likeness, meant = max(scored, default=(0.0, ""))
    return f" Did you mean {meant}?" if likeness >= ALIKE else ""


def _likeness(name: str, entry: str) -> float:
    """How alike two names are; the same last part in another section, or the beginning of it, is alike too."""
    last, end = name.rpartition(".")[2], entry.rpartition(".")[2]
    whole = SequenceMatcher(None, name, entry).ratio()
    part = SequenceMatcher(None, last, end).ratio()
    begins = 1.0 if len(last) >= SHORTEST and (end.startswith(last) or last.startswith(end)) else 0.0
    return max(whole, 0.95 * part, 0.9 * begins)
