"""Values: dataclasses that nothing changes after they are made.

`dataclass(frozen=True)` is what the type checker sees, and it forbids every assignment. At run time the same class is
made without the guard: `frozen` sets each field through `object.__setattr__`, which cost 8 % of a step-up (ADR 0009).
Equality and hash stay those of a frozen dataclass. `replace` is `dataclasses.replace`, at a third of its price for
values that have slots and no `__post_init__`, which is nearly all of them.
"""

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # ruff: ignore[useless-import-alias] - what this module offers
    from dataclasses import replace as replace  # ruff: ignore[useless-import-alias] - the same
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, **options: Any) -> Any:
        """`dataclasses.dataclass`, with `frozen` left to the checker."""
        made = dataclasses.dataclass(unsafe_hash=frozen and options.get("eq", True), **options)
        return made if cls is None else made(cls)

    copies: dict[type, Any] = {}

    def replace(value: T, /, **changes: Any) -> T:
        """A copy of `value` with `changes`. TypeError for a field that it does not have."""
        cls = type(value)
        copy = copies.get(cls)
        if copy is None:
            if not hasattr(cls, "__slots__"):
                return dataclasses.replace(value, **changes)
            copy = copies[cls] = _copier(cls)
        made = copy(value)
        try:
            for name, changed in changes.items():
                setattr(made, name, changed)
        except AttributeError:
            raise TypeError(f"{cls.__name__} has no field {name}") from None
        return made

    def _copier(cls: type) -> Any:
        """A function that copies a value of `cls` field by field, without a loop; what no caller gives begins anew."""
        scope: dict[str, Any] = {"new": object.__new__, "cls": cls}
        lines = ["def copy(value):", " made = new(cls)"]
        for each in dataclasses.fields(cls):
            if not each.init:
                scope[f"new_{each.name}"] = each.default_factory
            lines.append(f" made.{each.name} = {f'value.{each.name}' if each.init else f'new_{each.name}()'}")
        exec("\n".join([*lines, " return made"]), scope)  # ruff: ignore[exec-builtin] - made of names of fields
        return scope["copy"]
