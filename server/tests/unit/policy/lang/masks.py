"""The generated lines as a function of their own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from newel.policy.lang.core import Core
from newel.policy.lang.generate import FUNCTIONS, mask_lines

Mask = Callable[[Sequence[Any]], int]


def generate(conditions: Iterable[Core], places: Mapping[str, int]) -> Mask:
    """A function from the facts, at their `places`, to the bits of the conditions that hold or that failed."""
    loads = [f" v{place} = f[{place}]" for place in places.values()]
    source = "\n".join(["def mask(f):", *loads, *mask_lines(conditions, places), " return m"])
    scope: dict[str, Any] = dict(FUNCTIONS)
    exec(compile(source, "<policy>", "exec"), scope)  # ruff: ignore[exec-builtin] - made of our own core
    made: Mask = scope["mask"]
    return made
