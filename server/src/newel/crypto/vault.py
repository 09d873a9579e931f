"""Seals under master keys that live outside the database (S32).

Each purpose has its own key, derived by HKDF-SHA256 (RFC 5869), so that what was sealed for one purpose opens for no
other. A sealed value is `0x01 ‖ length of the key id ‖ key id ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag`; it names its
key, so that a new master key takes over while the old ones still open.
"""

import hmac
import re
from collections.abc import Mapping
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_VERSION = b"\x01"


class SealRefused(ValueError):
    """A sealed value that does not open: another purpose, other associated data, an unknown key, or altered bytes."""


class Vault:
    """Master keys by id (32 bytes each); `current` seals and makes codes, every one of them opens and checks.

    Equal and hashed by identity; its keys never show in a representation.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if current not in keys:
            raise ValueError("the current key is not among the keys")
        if not all(KEY_ID.fullmatch(key_id) and len(key) == KEY_BYTES for key_id, key in keys.items()):
            raise ValueError(f"a key has {KEY_BYTES} bytes and an id of letters, digits, - and _")
        self.current = current
        self._keys = MappingProxyType(dict(keys))
        self._ciphers: dict[tuple[str, str], AESGCM] = {}
        self._mac_keys: dict[tuple[str, str], bytes] = {}

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._keys)}; current {self.current})"

    @property
    def keys(self) -> Mapping[str, bytes]:
        """The master keys by id, for the file they are kept in."""
        return self._keys

    def seal(self, purpose: str, plaintext: bytes, *, nonce: bytes, associated: tuple[str, ...] = ()) -> bytes:
        """`plaintext` sealed for `purpose` and `associated` under the current key.

        `nonce` is 12 random bytes, used once; NIST SP 800-38D section 8.3 allows 2^32 seals under one key.
        """
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
        head = _VERSION + bytes([len(self.current)]) + self.current.encode()
        ciphertext = self._cipher(self.current, purpose).encrypt(nonce, plaintext, _bound(head, purpose, associated))
        return head + nonce + ciphertext

    def open(self, purpose: str, sealed: bytes, *, associated: tuple[str, ...] = ()) -> bytes:
        """The plaintext of `sealed`. SealRefused unless purpose, associated data and every byte are as sealed."""
        key_id = sealed_under(sealed)
        if key_id not in self._keys:
            raise SealRefused("sealed under a key that is not here")
        start = 2 + len(key_id)
        nonce, ciphertext = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        if len(nonce) != NONCE_BYTES:
            raise SealRefused("not a sealed value")
        try:
            return self._cipher(key_id, purpose).decrypt(nonce, ciphertext, _bound(sealed[:start], purpose, associated))
        except InvalidTag:
            raise SealRefused("altered, or sealed for something else") from None

    def mac(self, purpose: str, data: bytes, *, key_id: str | None = None) -> bytes:
        """HMAC-SHA256 (32 bytes) of `data` for `purpose` under the key `key_id`, by default the current one.

        KeyError for a key that is not here.
        """
        chosen = self.current if key_id is None else key_id
        if (chosen, purpose) not in self._mac_keys:
            self._mac_keys[chosen, purpose] = _derived(self._keys[chosen], b"mac", purpose)
        return hmac.digest(self._mac_keys[chosen, purpose], data, "sha256")

    def _cipher(self, key_id: str, purpose: str) -> AESGCM:
        if (key_id, purpose) not in self._ciphers:
            self._ciphers[key_id, purpose] = AESGCM(_derived(self._keys[key_id], b"seal", purpose))
        return self._ciphers[key_id, purpose]


def sealed_under(sealed: bytes) -> str:
    """The id of the key that `sealed` says it was sealed under. SealRefused where it is no sealed value."""
    if sealed[:1] != _VERSION or len(sealed) < 2 + NONCE_BYTES:
        raise SealRefused("not a sealed value")
    try:
        return sealed[2 : 2 + sealed[1]].decode("ascii")
    except UnicodeDecodeError:
        raise SealRefused("not a sealed value") from None


def _derived(key: bytes, use: bytes, purpose: str) -> bytes:
    info = b"newel/vault/1\x00" + use + b"\x00" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _bound(head: bytes, purpose: str, associated: tuple[str, ...]) -> bytes:
    """Associated data in a form in which no two lists are the same bytes: each part behind its length."""
    parts = (head, purpose.encode(), *(part.encode() for part in associated))
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
