"""An authenticator and its browser in software: what `navigator.credentials.create` and `.get` would return as JSON.

A `Device` keeps its keys, counters and flags; `Lies` says in what a response departs from what an honest pair would send.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
ES256, EDDSA, RS256 = -7, -8, -257
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True, kw_only=True)
class Lies:
    """What to send instead of the truth; None sends the truth."""

    type: str | None = None
    challenge: bytes | None = None
    rp_id: str | None = None
    cross_origin: bool | None = None
    top_origin: str | None = None
    present: bool | None = None
    verified: bool | None = None
    backup_eligible: bool | None = None
    backed_up: bool | None = None
    count: int | None = None
    user_handle: bytes | None = None
    no_user_handle: bool = False
    credential_id: bytes | None = None
    signature: bytes | None = None
    client_data: bytes | None = None
    extensions: Mapping[str, Any] | None = None
    trailing: bytes = b""


HONEST = Lies()


@dataclass
class Credential:
    """One key pair of a device, for one subject at one relying party."""

    id: bytes
    rp_id: str
    user_handle: bytes
    private: PrivateKey
    count: int = 0


@dataclass(kw_only=True)
class Device:
    """One authenticator. `steps` is by how much its counter grows at each use; 0 is a device without a counter."""

    user_verifying: bool = True
    synced: bool = False
    backed_up: bool = False
    discoverable: bool = True
    steps: int = 1
    algorithm: int = ES256
    transports: tuple[str, ...] = ("internal", "hybrid")
    attestation: str = "none"
    aaguid: bytes = bytes(16)
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: str | Mapping[str, Any], *, origin: str, lies: Lies = HONEST) -> str:
        """RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON. LookupError where it is excluded."""
        asked = _read(options)
        excluded = {unb64(each["id"]) for each in asked.get("excludeCredentials", [])}
        if any(each.id in excluded for each in self.credentials):
            raise LookupError("InvalidStateError: the device already holds a credential of this account")
        if self.algorithm not in {each["alg"] for each in asked["pubKeyCredParams"]} and lies is HONEST:
            raise LookupError("NotSupportedError: no algorithm in common")
        made = Credential(os.urandom(32), asked["rp"]["id"], unb64(asked["user"]["id"]), _new_key(self.algorithm))
        self.credentials.append(made)
        client_data = _client_data("webauthn.create", asked["challenge"], origin, lies)
        credential_id = lies.credential_id or made.id
        key = cbor2.dumps(cose_key(made.private, self.algorithm), canonical=True)
        tail = self.aaguid + len(credential_id).to_bytes(2, "big") + credential_id + key
        data = self._data(made, lies, AT, tail)
        statement: dict[str, Any] = {}
        if self.attestation == "packed":
            signed = data + hashlib.sha256(client_data).digest()
            statement = {"alg": self.algorithm, "sig": lies.signature or _sign(made.private, signed)}
        attestation = {"fmt": self.attestation, "attStmt": statement, "authData": data}
        response = {
            "clientDataJSON": b64(client_data),
            "attestationObject": b64(cbor2.dumps(attestation, canonical=True)),
            "transports": list(self.transports),
        }
        return _credential_json(made.id, response)

    def get(self, options: str | Mapping[str, Any], *, origin: str, lies: Lies = HONEST) -> str:
        """AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON. LookupError without a credential."""
        asked = _read(options)
        held = self._choose(asked)
        held.count += self.steps
        client_data = _client_data("webauthn.get", asked["challenge"], origin, lies)
        data = self._data(held, lies, 0, b"")
        signature = lies.signature or _sign(held.private, data + hashlib.sha256(client_data).digest())
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
        }
        handle = lies.user_handle if lies.user_handle is not None else held.user_handle
        if not lies.no_user_handle and (self.discoverable or lies.user_handle is not None):
            response["userHandle"] = b64(handle)
        return _credential_json(lies.credential_id or held.id, response)

    def _choose(self, asked: Mapping[str, Any]) -> Credential:
        allowed = {unb64(each["id"]) for each in asked.get("allowCredentials", [])}
        for each in self.credentials:
            if each.rp_id == asked["rpId"] and (each.id in allowed or (not allowed and self.discoverable)):
                return each
        raise LookupError("NotAllowedError: no credential for this request")

    def _data(self, held: Credential, lies: Lies, flags: int, tail: bytes) -> bytes:
        truth = (
            (UP, lies.present, True),
            (UV, lies.verified, self.user_verifying),
            (BE, lies.backup_eligible, self.synced),
            (BS, lies.backed_up, self.backed_up),
        )
        for flag, lie, true in truth:
            flags |= flag if (true if lie is None else lie) else 0
        if lies.extensions is not None:
            flags |= ED
            tail += cbor2.dumps(dict(lies.extensions))
        count = held.count if lies.count is None else lies.count
        rp_id = lies.rp_id or held.rp_id
        head = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
        return head + tail + lies.trailing


def cose_key(private: PrivateKey, algorithm: int) -> dict[int, Any]:
    """The COSE_Key of a private key's public part (RFC 9053)."""
    if isinstance(private, ec.EllipticCurvePrivateKey):
        point = private.public_key().public_numbers()
        return {1: 2, 3: algorithm, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: algorithm, -1: 6, -2: private.public_key().public_bytes_raw()}
    numbers = private.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    return {1: 3, 3: algorithm, -1: numbers.n.to_bytes(size, "big"), -2: numbers.e.to_bytes(3, "big")}


def _read(options: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return json.loads(options) if isinstance(options, str) else options


def _new_key(algorithm: int) -> PrivateKey:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _sign(private: PrivateKey, data: bytes) -> bytes:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(data, ec.ECDSA(hashes.SHA256()))
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return private.sign(data)


def _client_data(kind: str, challenge: str, origin: str, lies: Lies) -> bytes:
    if lies.client_data is not None:
        return lies.client_data
    said: dict[str, Any] = {
        "type": lies.type or kind,
        "challenge": challenge if lies.challenge is None else b64(lies.challenge),
        "origin": origin,
        "crossOrigin": bool(lies.cross_origin),
    }
    if lies.top_origin is not None:
        said["topOrigin"] = lies.top_origin
    return json.dumps(said, separators=(",", ":")).encode()


def _credential_json(credential_id: bytes, response: Mapping[str, Any]) -> str:
    return json.dumps(
        {
            "id": b64(credential_id),
            "rawId": b64(credential_id),
            "type": "public-key",
            "response": dict(response),
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }
    )
