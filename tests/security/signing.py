"""A key pair outside the server, which signs whatever it is told to."""

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from tests.simulators.running import Relying, Running

from newel.crypto import base64url
from newel.domain.client import Authentication

Json = Mapping[str, Any]


@dataclass
class Key:
    """A P-256 key pair with an id."""

    kid: str = "one"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, str]:
        """Its public half (RFC 7518 section 6.2)."""
        point = self.private.public_key().public_numbers()
        x, y = (base64url.encode(each.to_bytes(32, "big")) for each in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid, "x": x, "y": y}

    def sign(self, claims: Json, **header: Any) -> str:
        """A compact JWS with ES256; what stands in `header` replaces its own."""
        data = unsigned({"alg": "ES256", "kid": self.kid, **header}, claims)
        r, s = decode_dss_signature(self.private.sign(data.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{data}.{base64url.encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def unsigned(header: Json, claims: Json) -> str:
    """The first two parts of a JWS."""
    return ".".join(base64url.encode(json.dumps(each).encode()) for each in (header, claims))


def with_hmac(header: Json, claims: Json, key: bytes) -> str:
    """A JWS with HS256 under any bytes."""
    data = unsigned({**header, "alg": "HS256"}, claims)
    return f"{data}.{base64url.encode(hmac.digest(key, data.encode(), 'sha256'))}"


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    return dict(json.loads(base64url.decode(token.split(".")[1])))


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, unverified."""
    return dict(json.loads(base64url.decode(token.split(".", maxsplit=1)[0])))


@dataclass
class Asserting:
    """A client that proves itself with signed assertions (RFC 7523)."""

    client: Relying
    key: Key

    def assertion(self, **claims: Any) -> dict[str, Any]:
        """The claims of a fresh assertion."""
        now, name = int(time.time()), self.client.id
        told = {"iss": name, "sub": name, "aud": self.client.server.issuer, "jti": secrets.token_hex(8)}
        return {**told, "iat": now, "exp": now + 60, **claims}

    def status(self, assertion: str, path: str = "/introspect") -> int:
        """What an endpoint answers to an assertion."""
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        more = {"token": "nothing", "client_assertion_type": kind, "client_assertion": assertion}
        return self.client.post(path, **more).status_code


def asserting(server: Running, name: str) -> Asserting:
    """Register such a client."""
    key = Key()
    method = Authentication.PRIVATE_KEY_JWT
    return Asserting(server.client(name, authentication=method, jwks={"keys": [key.jwk]}), key)
