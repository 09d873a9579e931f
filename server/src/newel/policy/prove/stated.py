"""Which risk facts a request can have while no risk engine is switched on; `quiet` asks the solver for them."""

from collections.abc import Mapping
from typing import Any

QUIET: Mapping[str, Any] = {
    "risk.level": "low",
    "risk.score": 0,
    "risk.ppm": 0,
    "risk.looks_like": "owner",
    "risk.signals": frozenset(),
}
"""What the server states then."""


def loud(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The risk facts that are not as the server states them without a risk engine."""
    return tuple(path for path, value in QUIET.items() if path in facts and facts[path] != value)


def engine_text(facts: Mapping[str, Any]) -> str:
    """That a request with these facts needs a risk engine, in words; empty where it needs none."""
    names = loud(facts)
    said = " and ".join(f"{name} is {QUIET[name] if QUIET[name] != frozenset() else 'empty'}" for name in names)
    return f"cannot happen while no risk engine is switched on: {said} then" if names else ""
