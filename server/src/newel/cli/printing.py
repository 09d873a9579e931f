"""How commands print lists and times."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime


def print_json(value: object) -> None:
    """Print a value for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads, each column as wide as its widest cell."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def print_pairs(pairs: Mapping[str, str]) -> None:
    """Print names and values below each other."""
    width = max(map(len, pairs)) + 2
    for name, value in pairs.items():
        print(f"{name:{width}}{value}")


def count(number: int, what: str) -> str:
    """A number of things in words: 1 finding, 2 findings."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def moment(at: int | None) -> str:
    """A time in UTC, `2026-11-24 04:03:25Z`; empty where there is none."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
