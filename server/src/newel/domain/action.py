"""Object A: what an elevation fits, in the one form that is shown, hashed and signed (S17).

A is canonical JSON (RFC 8785) of integers, booleans, null, strings, arrays and objects. What could be shown as one
thing and hashed as another is refused: floats, integers beyond ±2^53, strings that are not NFC, control and
bidirectional characters, member names outside printable ASCII.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from newel.domain.value import dataclass

MAX_INTEGER = 2**53
MAX_DEPTH = 8
MAX_BYTES = 16_384
NONCE_BYTES = 32
BOUND_DOMAIN = b"newel/bound/1\x00"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class ActionRefused(ValueError):
    """A value that cannot stand in object A; the message names the member and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """One entry of `authorization_details` as parsed and checked: an action of a resource, and all its fields."""

    resource: str
    action: str
    fields: Mapping[str, Any]

    @property
    def target(self) -> str:
        """The policy target, `resource:action`."""
        return f"{self.resource}:{self.action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Object A. `text` is what the person sees, word for word; `exp` in Unix seconds."""

    iss: str
    aud: str
    client_id: str
    cnf: Mapping[str, str] | None
    sub: str
    interaction: str
    action: str
    resource: str
    fields: Mapping[str, Any]
    locale: str
    text: str
    exp: int

    def as_object(self) -> dict[str, Any]:
        """The members of A, version 1. New members would need a new version: the digest is over all of them."""
        return {
            "v": 1,
            "iss": self.iss,
            "aud": self.aud,
            "client_id": self.client_id,
            "cnf": None if self.cnf is None else dict(self.cnf),
            "sub": self.sub,
            "interaction": self.interaction,
            "action": self.action,
            "resource": self.resource,
            "fields": dict(self.fields),
            "display": {"locale": self.locale, "text": self.text},
            "exp": self.exp,
        }

    def digest(self) -> bytes:
        """SHA-256 of the canonical form (32 bytes)."""
        return hashlib.sha256(canonical(self.as_object())).digest()


def canonical(value: Mapping[str, Any]) -> bytes:
    """RFC 8785 bytes of object A. ActionRefused for what must not stand in it.

    Member names are ASCII, so sorting by code point equals RFC 8785's order by UTF-16 code unit.
    """
    check(value, newline_in=("display", "text"))
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=dict)
    encoded = text.encode()
    if len(encoded) > MAX_BYTES:
        raise ActionRefused(f"the action is larger than {MAX_BYTES} bytes")
    return encoded


def challenge(digest: bytes, nonce: bytes) -> bytes:
    """The WebAuthn challenge that commits to `digest` (32 bytes) under a random `nonce` (32 bytes)."""
    if len(nonce) != NONCE_BYTES or len(digest) != hashlib.sha256().digest_size:
        raise ActionRefused("digest and nonce are 32 bytes each")
    return hashlib.sha256(BOUND_DOMAIN + nonce + digest).digest()


def check(value: Any, *, path: tuple[str, ...] = (), newline_in: tuple[str, ...] | None = None) -> None:
    """Refuse whatever must not stand in A; `path` names where it was found, `newline_in` the one text with lines."""
    where = ".".join(path) or "action"
    if len(path) > MAX_DEPTH:
        raise ActionRefused(f"{where}: deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ActionRefused(f"{where}: beyond ±2^53")
    elif isinstance(value, str):
        _check_text(value, where, lines=path == newline_in)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _check_name(name, where)
            check(member, path=(*path, name), newline_in=newline_in)
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            check(member, path=(*path, str(index)), newline_in=newline_in)
    else:
        raise ActionRefused(f"{where}: {type(value).__name__} is not allowed")


def _check_name(name: object, where: str) -> None:
    if not (isinstance(name, str) and name and name.isascii() and name.isprintable()):
        raise ActionRefused(f"{where}: member names are printable ASCII")


def _check_text(value: str, where: str, *, lines: bool) -> None:
    if value.isascii() and value.isprintable():
        return
    if not unicodedata.is_normalized("NFC", value):
        raise ActionRefused(f"{where}: not in NFC")
    for character in value:
        if character == "\n" and lines:
            continue
        if character in _BIDI or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise ActionRefused(f"{where}: control or bidirectional character U+{ord(character):04X}")
