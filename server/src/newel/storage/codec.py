"""Domain values in blob columns, as MessagePack maps from member name to value.

The append-only rule: what was once written is read for ever. A stored dataclass may gain members with a default; a
member is never removed, renamed or given another type. A change that needs one of these is a new member and, where
the old rows must follow, a migration. Members that a newer version wrote are ignored, so that two versions can share a
file while workers are replaced. `tests/unit/storage/test_codec.py` holds bytes of every earlier shape.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import msgpack

T = TypeVar("T")


def _plain(value: object) -> object:
    """Mappings that are no dict (read-only views) travel as maps."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


encode: Callable[[object], bytes] = msgpack.Encoder(enc_hook=_plain).encode
"""The bytes of a domain value. TypeError for what cannot be stored."""


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """What reads values of `kind`; it raises msgspec.ValidationError for bytes of another shape."""
    return msgpack.Decoder(kind).decode
