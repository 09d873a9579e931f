"""The byte formats of WebAuthn ceremonies (WebAuthn Level 3 sections 5.8.1, 6.1, 6.5): read strictly, judged elsewhere.

Everything read here is unverified until a signature over it has been checked.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from newel.crypto import base64url, cbor, cose, strict_json
from newel.domain.value import dataclass

MAX_CREDENTIAL_ID = 1023
"""Bytes (WebAuthn section 5.8.3)."""
_FIXED = 37
_AAGUID = 16
_UP, _UV, _BE, _BS, _AT, _ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


class CeremonyRefused(ValueError):
    """A response that is not of the format it claims to be."""


@dataclass(frozen=True, slots=True)
class Attested:
    """Attested credential data: the new credential's id and its encoded COSE key."""

    aaguid: bytes
    credential_id: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorData:
    """Authenticator data (section 6.1); `count` is the signature counter."""

    rp_id_hash: bytes
    present: bool
    verified: bool
    backup_eligible: bool
    backed_up: bool
    count: int
    attested: Attested | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientData:
    """What the browser says (section 5.8.1). `embedded`: the page stood inside a frame of another origin."""

    type: str
    challenge: bytes
    origin: str
    embedded: bool
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """The response of `navigator.credentials.get` (section 5.2.2)."""

    credential_id: bytes
    client: ClientData
    raw_data: bytes
    data: AuthenticatorData
    signature: bytes
    user_handle: bytes | None

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        return self.raw_data + self.client.hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The response of `navigator.credentials.create` (section 5.2.1)."""

    credential_id: bytes
    client: ClientData
    raw_data: bytes
    data: AuthenticatorData
    attested: Attested
    format: str
    statement: Mapping[Any, Any]
    transports: tuple[str, ...]


def read_assertion(response: str) -> Assertion:
    """The assertion of an AuthenticationResponseJSON (section 5.1.8). CeremonyRefused as its class says."""
    credential_id, members = _credential(response)
    raw_data = _bytes(members, "authenticatorData")
    handle = members.get("userHandle")
    return Assertion(
        credential_id=credential_id,
        client=_client_data(_bytes(members, "clientDataJSON")),
        raw_data=raw_data,
        data=read_authenticator_data(raw_data),
        signature=_bytes(members, "signature"),
        user_handle=_bytes(members, "userHandle") if handle else None,
    )


def read_registration(response: str) -> Registration:
    """The registration of a RegistrationResponseJSON (section 5.1.8). CeremonyRefused as its class says."""
    credential_id, members = _credential(response)
    attestation = _cbor_map(_bytes(members, "attestationObject"))
    raw_data, form, statement = (attestation.get(name) for name in ("authData", "fmt", "attStmt"))
    if not (isinstance(raw_data, bytes) and isinstance(form, str) and isinstance(statement, dict)):
        raise CeremonyRefused("not an attestation object")
    data = read_authenticator_data(raw_data)
    if data.attested is None or data.attested.credential_id != credential_id:
        raise CeremonyRefused("no credential, or another one than named")
    transports = members.get("transports")
    return Registration(
        credential_id=credential_id,
        client=_client_data(_bytes(members, "clientDataJSON")),
        raw_data=raw_data,
        data=data,
        attested=data.attested,
        format=form,
        statement=statement,
        transports=_transports(transports if isinstance(transports, list) else []),
    )


def read_authenticator_data(raw: bytes) -> AuthenticatorData:
    """Authenticator data, to its last byte. CeremonyRefused for what is short, long or contradicts itself."""
    if len(raw) < _FIXED:
        raise CeremonyRefused("authenticator data is cut short")
    flags, at = raw[32], _FIXED
    attested = None
    if flags & _AT:
        attested, at = _attested(raw, at)
    if flags & _ED:
        _cbor_map(raw[at:])
    elif at != len(raw):
        raise CeremonyRefused("something follows the authenticator data")
    if flags & _BS and not flags & _BE:
        raise CeremonyRefused("backed up without being eligible")
    return AuthenticatorData(
        rp_id_hash=raw[:32],
        present=bool(flags & _UP),
        verified=bool(flags & _UV),
        backup_eligible=bool(flags & _BE),
        backed_up=bool(flags & _BS),
        count=int.from_bytes(raw[33:37], "big"),
        attested=attested,
    )


def self_attested(registration: Registration, key: cose.CoseKey) -> bool:
    """Whether the new key itself signed its attestation (section 8.2, packed without certificates)."""
    statement = registration.statement
    signature = statement.get("sig")
    if statement.keys() != {"alg", "sig"} or statement["alg"] != key.alg or not isinstance(signature, bytes):
        return False
    return cose.signed_by(key, signature, registration.raw_data + registration.client.hash)


def _credential(response: str) -> tuple[bytes, dict[str, Any]]:
    try:
        outer = strict_json.loads_object(response.encode())
    except ValueError:
        raise CeremonyRefused("not JSON") from None
    members = outer.get("response")
    if outer.get("type") != "public-key" or not isinstance(members, dict) or outer.get("id") != outer.get("rawId"):
        raise CeremonyRefused("not a public-key credential")
    credential_id = _bytes(outer, "rawId")
    if not 0 < len(credential_id) <= MAX_CREDENTIAL_ID:
        raise CeremonyRefused("a credential id of an impossible length")
    return credential_id, members


def _bytes(members: Mapping[str, Any], name: str) -> bytes:
    value = members.get(name)
    if not isinstance(value, str):
        raise CeremonyRefused(f"{name} is missing")
    try:
        return base64url.decode(value)
    except ValueError:
        raise CeremonyRefused(f"{name} is not base64url") from None


def _client_data(raw: bytes) -> ClientData:
    try:
        members = strict_json.loads_object(raw)
    except ValueError:
        raise CeremonyRefused("client data is not JSON") from None
    kind, origin, crossed = members.get("type"), members.get("origin"), members.get("crossOrigin", False)
    if not (isinstance(kind, str) and isinstance(origin, str) and isinstance(crossed, bool)):
        raise CeremonyRefused("client data without its members")
    return ClientData(
        type=kind,
        challenge=_bytes(members, "challenge"),
        origin=origin,
        embedded=crossed or "topOrigin" in members,
        hash=hashlib.sha256(raw).digest(),
    )


def _attested(raw: bytes, at: int) -> tuple[Attested, int]:
    start = at + _AAGUID + 2
    key_at = start + int.from_bytes(raw[start - 2 : start], "big")
    if not start < key_at <= min(len(raw), start + MAX_CREDENTIAL_ID):
        raise CeremonyRefused("attested credential data is cut short")
    try:
        _, used = cbor.decode(raw[key_at:])
    except cbor.CborRefused as refused:
        raise CeremonyRefused(str(refused)) from None
    end = key_at + used
    return Attested(raw[at : at + _AAGUID], raw[start:key_at], raw[key_at:end]), end


def _cbor_map(raw: bytes) -> dict[Any, Any]:
    try:
        value = cbor.decode_whole(raw)
    except cbor.CborRefused as refused:
        raise CeremonyRefused(str(refused)) from None
    if not isinstance(value, dict):
        raise CeremonyRefused("not a CBOR map")
    return value


_TRANSPORTS = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")


def _transports(named: list[object]) -> tuple[str, ...]:
    """The registered transports among `named` (section 5.8.4); unknown ones are passed over, as the standard asks."""
    return tuple(each for each in _TRANSPORTS if each in named)
