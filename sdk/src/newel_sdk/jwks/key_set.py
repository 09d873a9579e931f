"""A JSON Web Key Set (RFC 7517 section 5) in which every `kid` names one key and no secret hides among public keys."""

from collections.abc import Iterable, Mapping
from typing import Any

from newel_sdk.encoding import parse_object
from newel_sdk.errors import KeyRefused, KeyUnknown, KeyUnusable
from newel_sdk.jwks.key import VerificationKey, parse_key

MAX_KEYS = 64


class KeySet:
    """Keys by `kid`; immutable once made."""

    __slots__ = ("_by_kid", "keys")

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        """Take the keys; raises KeyRefused when a kid is repeated or symmetric and public keys are mixed."""
        self.keys = tuple(keys)
        named = [key.kid for key in self.keys if key.kid is not None]
        if len(set(named)) != len(named):
            raise KeyRefused("a kid appears twice")
        if len({key.symmetric for key in self.keys}) > 1:
            raise KeyRefused("symmetric and public keys in one set")
        self._by_kid = {key.kid: key for key in self.keys if key.kid is not None}

    def find(self, kid: str | None, alg: str) -> VerificationKey:
        """Return the one key that may have signed with `alg`; without a kid there must be only one.

        Raises KeyUnknown (RFC 7515 section 6).
        """
        if kid is not None:
            key = self._by_kid.get(kid)
            if key is None or alg not in key.algorithms:
                raise KeyUnknown("no key with this kid for this algorithm")
            return key
        possible = [key for key in self.keys if alg in key.algorithms]
        if len(possible) != 1:
            raise KeyUnknown("no kid, and not exactly one key for this algorithm")
        return possible[0]

    def knows(self, kid: str) -> bool:
        """Say whether a key has this name."""
        return kid in self._by_kid


def parse_key_set(document: bytes | str | Mapping[str, Any], *, symmetric: bool = False) -> KeySet:
    """Read a JWK Set; sound keys for other purposes are skipped, a weak or malformed one refuses the whole set.

    Raises KeyRefused.
    """
    try:
        members = document if isinstance(document, Mapping) else parse_object(document)
    except ValueError as problem:
        raise KeyRefused(f"key set: {problem}") from problem
    entries = members.get("keys")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise KeyRefused("key set without a list of keys")
    if len(entries) > MAX_KEYS:
        raise KeyRefused(f"more than {MAX_KEYS} keys")
    kids = [entry["kid"] for entry in entries if "kid" in entry]
    if any(kids.count(kid) > 1 for kid in kids):
        raise KeyRefused("a kid appears twice")
    return KeySet(_usable(entries, symmetric=symmetric))


def _usable(entries: list[Mapping[str, Any]], *, symmetric: bool) -> Iterable[VerificationKey]:
    for entry in entries:
        try:
            yield parse_key(entry, symmetric=symmetric)
        except KeyUnusable:
            continue
