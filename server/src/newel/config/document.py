"""`docs/config.md` and the first `newel.toml`, both written from the tree."""

import sys
from itertools import groupby
from pathlib import Path
from typing import Any, get_type_hints

from newel.config.key import Place, places
from newel.config.tree import Config

INTRODUCTION = """\
# Configuration

One TOML file, `newel.toml` (`--config FILE`, or the environment variable `NEWEL_CONFIG`), plus environment variables `NEWEL_SECTION__KEY`,
which win. Lists are separated by commas there. Paths are relative to the file's folder. Unknown names, empty lists and values out of bounds
stop the start with the reason; `newel config validate` says the same without starting, `newel config show` prints every
effective value and where it came from. Secrets stand in files of their own, never here. Policy is data, not configuration.

This page is generated from `newel.config.tree` (`python -m newel.config.document > docs/config.md`); a test compares.
"""


def document() -> str:
    """The text of `docs/config.md`: every key with meaning, default, safe bounds and the reason."""
    parts = [INTRODUCTION]
    for section, keys in groupby(places(Config), key=lambda place: place.section):
        parts.extend([f"\n## [{section}]\n{get_type_hints(Config)[section].__doc__}\n", HEAD])
        parts.extend(_row(place) for place in keys)
    return "\n".join(parts) + "\n"


HEAD = "| key | default | safe bounds | meaning |\n|---|---|---|---|"


def _row(place: Place) -> str:
    says = " ".join(filter(None, [place.key.says, place.key.why]))
    return f"| `{place.name}` | {_literal(place.default)} | {bounds(place)} | {says} |"


def bounds(place: Place) -> str:
    """The safe bounds of a key in words."""
    said = place.key
    if said.choices:
        return ", ".join(f"`{choice}`" for choice in said.choices)
    if said.low is None and said.high is None:
        return "`true` takes a protection away" if place.dangerous else ""
    return f"{said.low} to {said.high} {said.unit}".rstrip()


def _literal(default: Any) -> str:
    return f"`{toml(default)}`" if default not in {"", ()} else "none"


def toml(value: Any) -> str:
    """One value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(toml(entry) for entry in value)}]"
    if isinstance(value, Path | str):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


if __name__ == "__main__":
    sys.stdout.write(document())
