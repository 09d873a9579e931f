"""A row as a mapping of JSON values, such as a line of a file or a decision record rewritten for replay."""

from collections.abc import Callable, Mapping
from typing import Any

from newel.policy.replay.build import Row
from newel.policy.replay.log import OUTCOMES, LogRefused

MOST = 2**64 - 1
MEMBERS = frozenset(
    {"at", "targets", "person", "session", "facts", "ages", "groups", "methods", "outcome", "attack", "act"}
)
NEEDED = ("at", "targets", "person", "session", "facts", "ages")


def read_row(unverified: object) -> Row:
    """A row from its mapping, whose members are those of `Row`. LogRefused for anything else."""
    if not isinstance(unverified, Mapping) or not unverified.keys() <= MEMBERS:
        raise LogRefused("a row is a mapping of the members of a row")
    lacking = [name for name in NEEDED if name not in unverified]
    if lacking:
        raise LogRefused(f"a row lacks {lacking[0]}")
    for name, value in unverified.items():
        if not CHECKS[name](value):
            raise LogRefused(f"{name} of a row is odd")
    methods = unverified.get("methods")
    return Row(
        at=unverified["at"],
        targets=tuple(unverified["targets"]),
        person=unverified["person"],
        session=unverified["session"],
        facts=unverified["facts"],
        ages=unverified["ages"],
        groups=tuple(unverified.get("groups", ())),
        methods=None if methods is None else tuple(methods),
        outcome=unverified.get("outcome", "unknown"),
        attack=unverified.get("attack"),
        act=unverified.get("act"),
    )


def _hash(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _facts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(path, str) for path in value)


def _ages(value: object) -> bool:
    return _facts(value) and isinstance(value, Mapping) and all(type(age) is int for age in value.values())


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "at": lambda value: type(value) is int and abs(value) < 1 << 40,
    "targets": _texts,
    "person": _hash,
    "session": _hash,
    "facts": _facts,
    "ages": _ages,
    "groups": _texts,
    "methods": lambda value: value is None or _texts(value),
    "outcome": lambda value: value in OUTCOMES,
    "attack": lambda value: value is None or isinstance(value, bool),
    "act": lambda value: value is None or _hash(value),
}
