"""What an admission found, for a terminal and for a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was found: lines of text, and the same as JSON values."""

    lines: tuple[str, ...]
    tree: Mapping[str, Any]
