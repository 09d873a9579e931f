"""JSON that can be read in one way only: no member twice, no NaN, no unpaired surrogate (RFC 8259, RFC 7493)."""

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import msgspec

T = TypeVar("T")


class JsonRefused(ValueError):
    """JSON that two readers could understand differently, or that is not the value it has to be."""


def loads(data: bytes) -> Any:
    """The value of `data`, which is UTF-8. ValueError where it is not JSON, JsonRefused as its class says.

    What is written back as the very same bytes has no member twice, for nothing is written twice. All else, be it only
    a space, is read in detail, which takes longer.
    """
    try:
        value = _quickly(data)
        if _written(value) == data:
            return value
    except (ValueError, RecursionError):
        pass
    return _in_detail(data)


def reader(kind: type[T]) -> Callable[[bytes], T | None]:
    """What reads a value of `kind` at once; it gives None for what `loads` has to read in detail, or is of another form.

    `kind` omits what is not there when it is written, so that the very same bytes can come back.
    """
    read = msgspec.json.Decoder(kind).decode

    def reading(data: bytes) -> T | None:
        try:
            value = read(data)
            return value if _written(value) == data else None
        except (ValueError, RecursionError):
            return None

    return reading


def _in_detail(data: bytes) -> Any:
    try:
        value = _decode(data.decode())
        if b"\\u" in data and b"\\ud" in data.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise JsonRefused("nested too deeply") from None
    return value


def loads_object(data: bytes) -> dict[str, Any]:
    """The object of `data`. ValueError as in `loads`, and for any other value."""
    value = loads(data)
    if not isinstance(value, dict):
        raise JsonRefused("not a JSON object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonRefused("a member appears twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise JsonRefused(f"{constant} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_refuse).decode
_quickly, _written = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
