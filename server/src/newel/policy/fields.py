"""Typed fields of an action: what `authorization_details` may carry, and nothing else (RFC 9396, S17)."""

from collections.abc import Mapping
from typing import Any, Literal

from newel.domain.action import ActionRefused, check
from newel.domain.value import dataclass

CURRENCY_LETTERS = 3
MAX_MINOR = 10**15
ACCOUNT_MEMBERS = {"id": 64, "name": 140, "country": 2}


class FieldRefused(ValueError):
    """A field that is unknown, missing or of the wrong type or range; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its kind, how it is labelled on the post, whether it may be left out, and its bounds.

    money is {minor, currency}, account {id, name, country}; `most` bounds the characters of a text, `low` and `high`
    an integer. `free` marks a text that is the client's own words.
    """

    kind: Literal["money", "account", "text", "int"]
    label: str
    optional: bool = False
    most: int = 140
    low: int = 0
    high: int = MAX_MINOR
    free: bool = False


def parse_fields(declared: Mapping[str, Field], unverified: object) -> dict[str, Any]:
    """The fields of an action as they will be shown, hashed and executed. FieldRefused for anything undeclared."""
    if not isinstance(unverified, Mapping):
        raise FieldRefused("fields must be an object")
    unknown = sorted(str(name) for name in unverified if name not in declared)
    if unknown:
        raise FieldRefused(f"unknown field: {unknown[0][:40]}")
    parsed: dict[str, Any] = {}
    for name, declaration in declared.items():
        if name in unverified:
            parsed[name] = _PARSERS[declaration.kind](name, declaration, unverified[name])
        elif not declaration.optional:
            raise FieldRefused(f"missing field: {name}")
    return parsed


def read_path(fields: Mapping[str, Any], path: tuple[str, ...]) -> object | None:
    """The value at `path` inside parsed fields, None where a part is absent."""
    value: Any = fields
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value  # type: ignore[no-any-return]  # parsed fields hold JSON values


def _money(name: str, _declared: Field, value: object) -> dict[str, Any]:
    members = _members(name, value, {"minor", "currency"})
    minor, currency = members["minor"], members["currency"]
    if type(minor) is not int or not 0 < minor <= MAX_MINOR:
        raise FieldRefused(f"{name}.minor must be an integer from 1 to {MAX_MINOR}")
    if not (
        isinstance(currency, str) and len(currency) == CURRENCY_LETTERS and currency.isascii() and currency.isupper()
    ):
        raise FieldRefused(f"{name}.currency must be an ISO 4217 code")
    return {"minor": minor, "currency": currency}


def _account(name: str, _declared: Field, value: object) -> dict[str, Any]:
    members = _members(name, value, set(ACCOUNT_MEMBERS))
    return {part: _string(f"{name}.{part}", members[part], most) for part, most in ACCOUNT_MEMBERS.items()}


def _text(name: str, declared: Field, value: object) -> str:
    return _string(name, value, declared.most)


def _int(name: str, declared: Field, value: object) -> int:
    if type(value) is not int or not declared.low <= value <= declared.high:
        raise FieldRefused(f"{name} must be an integer from {declared.low} to {declared.high}")
    return value


def _members(name: str, value: object, expected: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or set(value) != expected:
        raise FieldRefused(f"{name} must have exactly {', '.join(sorted(expected))}")
    return value


def _string(name: str, value: object, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise FieldRefused(f"{name} must be a text of 1 to {most} characters")
    try:
        check(value, path=(name,))
    except ActionRefused as refused:
        raise FieldRefused(str(refused)) from refused
    return value


_PARSERS = {"money": _money, "account": _account, "text": _text, "int": _int}
