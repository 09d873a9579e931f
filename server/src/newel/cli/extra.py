"""Modules that need an extra: imported by name when they are needed, and what to say where it is not installed."""

from importlib import import_module
from types import ModuleType

from newel.cli.refusal import installing


class NotInstalled(Exception):
    """What a module needs is not installed; says what, and the command that installs it."""


def loaded(module: str, extra: str) -> ModuleType:
    """The module, which needs `extra`; "" for one that needs none. NotInstalled."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        if not extra or missing.name is None or missing.name.partition(".")[0] == "newel":
            raise
        raise NotInstalled(f"{missing.name}: {installing(extra)}") from missing
