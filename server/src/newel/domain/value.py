"""Values: dataclasses that nothing changes after they are made.

`dataclass(frozen=True)` is what the type checker sees, and it forbids every assignment. At run time the same class is
made without the guard: `frozen` sets each field through `object.__setattr__`, which cost 8 % of a step-up (ADR 0009).
Equality and hash stay those of a frozen dataclass.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # ruff: ignore[useless-import-alias] - what this module offers
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, **options: Any) -> Any:
        """`dataclasses.dataclass`, with `frozen` left to the checker."""
        made = dataclasses.dataclass(unsafe_hash=frozen and options.get("eq", True), **options)
        return made if cls is None else made(cls)
