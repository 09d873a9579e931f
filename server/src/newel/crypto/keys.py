"""The server's signing keys: made, named by their thumbprint, used in turns, published while anything relies on them.

A key is published from `created_at`, signs from `active_at` until `retire_at`, and stays published until every token it
signed has expired: a resource server that fetches keys now and then never meets a kid it has not seen.
"""

from collections.abc import Iterable
from dataclasses import field
from functools import cached_property
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from newel.crypto import base64url
from newel.crypto.jwk import KeyRefused, KeySet, key_set, parse, thumbprint
from newel.domain.value import dataclass

Alg = Literal["ES256", "RS256"]
DAY = 86_400
RSA_BITS = 2048
"""NIST SP 800-57 part 1: 112 bits of strength, enough for signatures that are checked within a day."""
_P256_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One signing key as stored.

    `private` is PKCS#8 DER, to be sealed by whoever stores it; times in Unix seconds, `retire_at` None while no
    successor is named.
    """

    kid: str
    alg: Alg
    private: bytes = field(repr=False)
    public_jwk: dict[str, Any]
    created_at: int
    active_at: int
    retire_at: int | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """A loaded private key that signs now."""

    kid: str
    alg: Alg
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(repr=False)


def generate(alg: Alg, *, created_at: int, active_at: int, retire_at: int | None = None) -> SigningKey:
    """A new key for `alg`. Its randomness is the operating system's, inside the cryptographic library."""
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if alg == "ES256":
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    public = _public_jwk(private)
    kid = thumbprint(public)
    return SigningKey(
        kid=kid,
        alg=alg,
        private=private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        public_jwk={**public, "kid": kid, "alg": alg, "use": "sig"},
        created_at=created_at,
        active_at=active_at,
        retire_at=retire_at,
    )


class KeyRing:
    """The keys as they stand at `now`; `keep` is the life in seconds of the longest-lived token they sign.

    KeyRefused where two have one kid. Good until `changes_at`, then to be built anew.
    """

    def __init__(self, keys: Iterable[SigningKey], now: int, *, keep: int = DAY) -> None:
        self.keys = tuple(keys)
        self.now = now
        self.keep = keep
        kids = [key.kid for key in self.keys]
        if len(set(kids)) != len(kids):
            raise KeyRefused("two signing keys have one kid")

    @cached_property
    def _signers(self) -> dict[str, Signer]:
        newest = sorted(filter(self._signs, self.keys), key=lambda key: (key.active_at, key.created_at, key.kid))
        return {key.alg: _load(key) for key in newest}

    def signer(self, alg: str) -> Signer:
        """The key that signs `alg` now: the one that became active last. LookupError where there is none."""
        return self._signers[alg]

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that can be signed now."""
        return tuple(sorted(self._signers))

    @property
    def published(self) -> tuple[SigningKey, ...]:
        """The keys that anything may rely on now, the newest first."""
        return tuple(sorted(filter(self._published, self.keys), key=lambda key: (-key.created_at, key.kid)))

    def jwks(self) -> dict[str, Any]:
        """The public JWK Set (RFC 7517 section 5) of the published keys."""
        return {"keys": [key.public_jwk for key in self.published]}

    @cached_property
    def key_set(self) -> KeySet:
        """The published keys for verifying the server's own tokens."""
        return key_set(parsed for key in self.published if (parsed := parse(key.public_jwk)) is not None)

    @cached_property
    def changes_at(self) -> int | None:
        """The next moment, in Unix seconds, at which a key comes, becomes active, retires or goes."""
        moments = {moment for key in self.keys for moment in (key.created_at, key.active_at)}
        for key in self.keys:
            if key.retire_at is not None:
                moments |= {key.retire_at, key.retire_at + self.keep}
        return min((moment for moment in moments if moment > self.now), default=None)

    def _signs(self, key: SigningKey) -> bool:
        return key.active_at <= self.now and (key.retire_at is None or self.now < key.retire_at)

    def _published(self, key: SigningKey) -> bool:
        return key.created_at <= self.now and (key.retire_at is None or self.now < key.retire_at + self.keep)


def _load(key: SigningKey) -> Signer:
    """The signer of a stored key. KeyRefused where private and public part or algorithm do not belong together."""
    # it was sealed by us: checking the primes again takes 40 ms and more of the first answer
    private = load_der_private_key(key.private, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyRefused("a signing key is EC or RSA")
    public = _public_jwk(private)
    if thumbprint(public) != key.kid or any(key.public_jwk.get(name) != value for name, value in public.items()):
        raise KeyRefused("the private part is not the one of this kid")
    if ("EC" if key.alg == "ES256" else "RSA") != public["kty"]:
        raise KeyRefused("the key is not for its algorithm")
    return Signer(key.kid, key.alg, private)


def _public_jwk(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> dict[str, str]:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        point = private.public_key().public_numbers()
        x, y = (base64url.encode(value.to_bytes(_P256_BYTES, "big")) for value in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    numbers = private.public_key().public_numbers()
    n, e = (base64url.encode(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.n, numbers.e))
    return {"kty": "RSA", "n": n, "e": e}
