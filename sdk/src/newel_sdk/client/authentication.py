"""How a client proves itself at the back channel (RFC 6749 section 2.3.1, RFC 7523 section 2.2)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from newel_sdk.errors import Misconfigured

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What goes into the headers and the form of one call."""

    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


class ClientAuthentication(Protocol):
    """One way to prove who the client is."""

    def prove(self, *, client_id: str, issuer: str, now: int, jti: str) -> Proof:
        """Return the proof for one call; `jti` is unique, `now` in seconds."""


@dataclass(frozen=True, slots=True)
class Public:
    """A public client names itself and proves nothing."""

    def prove(self, *, client_id: str, issuer: str, now: int, jti: str) -> Proof:
        """Return the client's name."""
        del issuer, now, jti
        return Proof(parameters={"client_id": client_id})


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """client_secret_basic."""

    secret: str = field(repr=False)

    def prove(self, *, client_id: str, issuer: str, now: int, jti: str) -> Proof:
        """Return the Authorization header; name and secret are form-encoded first (RFC 6749 section 2.3.1)."""
        del issuer, now, jti
        pair = f"{quote_plus(client_id)}:{quote_plus(self.secret)}".encode("ascii")
        return Proof(headers={"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")})


class PrivateKey:
    """private_key_jwt with a private JWK; `alg` from the key, else ES256, Ed25519 or PS256 by its type."""

    def __init__(self, jwk: Mapping[str, Any]) -> None:
        try:
            key = import_key(dict(jwk))
        except (JoseError, ValueError, KeyError) as problem:
            raise Misconfigured(f"the client's key cannot be read: {problem}") from problem
        if not isinstance(key, ECKey | RSAKey | OKPKey) or not key.is_private:
            raise Misconfigured("private_key_jwt needs a private EC, RSA or Ed25519 key")
        self._key = key
        default = {"EC": "ES256", "OKP": "Ed25519", "RSA": "PS256"}[key.key_type]
        self._header = {"alg": str(jwk.get("alg", default)), "typ": "JWT"}
        if "kid" in jwk:
            self._header["kid"] = jwk["kid"]

    def prove(self, *, client_id: str, issuer: str, now: int, jti: str) -> Proof:
        """Return an assertion for the issuer alone (RFC 7523 section 3), of 60 s and used once."""
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": issuer,
            "jti": jti,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
        }
        assertion = jwt.encode(self._header, claims, self._key, algorithms=[self._header["alg"]])
        return Proof(
            parameters={
                "client_id": client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        )
