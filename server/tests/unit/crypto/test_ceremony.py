import dataclasses
import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto import cose
from newel.crypto.base64url import encode
from newel.crypto.ceremony import (
    CeremonyRefused,
    read_assertion,
    read_authenticator_data,
    read_registration,
    self_attested,
)

PRIVATE = ec.generate_private_key(ec.SECP256R1())
POINT = PRIVATE.public_key().public_numbers()
COSE = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: POINT.x.to_bytes(32, "big"), -3: POINT.y.to_bytes(32, "big")})
RP = hashlib.sha256(b"login.example").digest()
ID = b"credential"
CLIENT = json.dumps(
    {"type": "webauthn.create", "challenge": encode(b"c" * 32), "origin": "https://login.example"}
).encode()
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


def data(flags: int, tail: bytes = b"", count: int = 7) -> bytes:
    return RP + bytes([flags]) + count.to_bytes(4, "big") + tail


def attested(key: bytes = COSE, credential_id: bytes = ID, length: int | None = None) -> bytes:
    size = len(credential_id) if length is None else length
    return bytes(16) + size.to_bytes(2, "big") + credential_id + key


def created(attestation: object, **more: Any) -> str:
    members = {"clientDataJSON": encode(CLIENT), "attestationObject": encode(cbor2.dumps(attestation))}
    outer = {"id": encode(ID), "rawId": encode(ID), "type": "public-key", "response": members | more}
    return json.dumps(outer)


HONEST = {"fmt": "none", "attStmt": {}, "authData": data(UP | UV | AT, attested())}


def test_authenticator_data_is_read_to_its_last_byte() -> None:
    read = read_authenticator_data(data(UP | UV | BE | BS | AT | ED, attested() + cbor2.dumps({"credProtect": 2})))
    assert (read.rp_id_hash, read.count) == (RP, 7)
    assert (read.present, read.verified, read.backup_eligible, read.backed_up) == (True, True, True, True)
    assert read.attested is not None
    assert (read.attested.credential_id, read.attested.public_key) == (ID, COSE)


@pytest.mark.parametrize(
    "raw",
    [
        data(UP)[:36],
        data(UP, b"x"),
        data(UP | BS),
        data(UP | ED),
        data(UP | ED, b"\x01"),
        data(UP | ED, cbor2.dumps({}) + b"x"),
        data(UP | AT),
        data(UP | AT, attested(key=b"")),
        data(UP | AT, attested(key=b"\xff")),
        data(UP | AT, attested(credential_id=b"")),
        data(UP | AT, attested(credential_id=b"x" * 1024)),
        data(UP | AT, attested(length=60_000)),
        data(UP | AT, attested() + b"x"),
    ],
)
def test_authenticator_data_that_is_short_long_or_contradicts_itself_is_refused(raw: bytes) -> None:
    with pytest.raises(CeremonyRefused):
        read_authenticator_data(raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_authenticator_data_or_refused(raw: bytes) -> None:
    try:
        read_authenticator_data(raw)
    except CeremonyRefused:
        return


def test_a_registration_is_read() -> None:
    read = read_registration(created(HONEST, transports=["usb", "teleport", 7, "internal"]))
    assert (read.credential_id, read.format, read.transports) == (ID, "none", ("internal", "usb"))
    assert (read.client.origin, read.client.embedded) == ("https://login.example", False)
    assert read.client.hash == hashlib.sha256(CLIENT).digest()


@pytest.mark.parametrize(
    "attestation",
    [
        [],
        HONEST | {"fmt": 1},
        HONEST | {"attStmt": []},
        HONEST | {"authData": "text"},
        HONEST | {"authData": data(UP)},
        HONEST | {"authData": data(UP | AT, attested(credential_id=b"other"))},
        {"fmt": "none", "attStmt": {}},
    ],
)
def test_an_attestation_object_without_its_parts_is_refused(attestation: object) -> None:
    with pytest.raises(CeremonyRefused):
        read_registration(created(attestation))


@pytest.mark.parametrize(
    "client",
    [
        b"[]",
        b"{}",
        b'{"type":1,"challenge":"","origin":""}',
        b'{"type":"t","challenge":"","origin":null}',
        b'{"type":"t","challenge":"","origin":"o","crossOrigin":"false"}',
        b'{"type":"t","challenge":"=","origin":"o"}',
        b'{"type":"t","challenge":"","origin":"o","origin":"p"}',
    ],
)
def test_client_data_without_its_members_is_refused(client: bytes) -> None:
    with pytest.raises(CeremonyRefused):
        read_registration(created(HONEST, clientDataJSON=encode(client)))


@pytest.mark.parametrize(
    "outer",
    [
        {"type": "password"},
        {"rawId": "AAAA"},
        {"id": "", "rawId": ""},
        {"id": 1, "rawId": 1},
        {"id": "A", "rawId": "A"},
        {"response": None},
        {"response": {}},
    ],
)
def test_a_credential_that_is_not_one_is_refused(outer: dict[str, Any]) -> None:
    whole = json.loads(created(HONEST)) | outer
    for read in (read_registration, read_assertion):
        with pytest.raises(CeremonyRefused):
            read(json.dumps(whole))


def test_a_self_attestation_is_signed_by_the_key_over_data_and_client_data() -> None:
    raw = data(UP | AT, attested())
    signature = PRIVATE.sign(raw + hashlib.sha256(CLIENT).digest(), ec.ECDSA(hashes.SHA256()))
    key = cose.load(COSE)
    honest = read_registration(created({"fmt": "packed", "attStmt": {"alg": -7, "sig": signature}, "authData": raw}))
    assert self_attested(honest, key)
    for statement in (
        {"alg": -8, "sig": signature},
        {"alg": -7, "sig": signature[:-1]},
        {"alg": -7, "sig": "text"},
        {"alg": -7},
        {"alg": -7, "sig": signature, "more": 1},
    ):
        assert not self_attested(dataclasses.replace(honest, statement=statement), key)
