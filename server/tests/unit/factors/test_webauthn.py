"""A key on a key ring: not synced, not discoverable, without a PIN: enrolment."""

import dataclasses
import json
from typing import Any

import pytest
from server.tests.unit.factors.ceremonies import (
    LIES,
    PASSKEY,
    SECURITY_KEY,
    enrolled,
    prove,
    register,
    roaming,
    verified,
)
from server.tests.unit.factors.moment import ALEX, ORIGIN, moment
from tests.simulators.webauthn_device import EDDSA, RS256, Device, Lies

from newel.crypto.base64url import decode, encode
from newel.domain.change import AdvanceCounter
from newel.factors.base import LIVES, Reason, Rejected
from newel.factors.webauthn import (
    credential,
    credential_id,
)


def test_the_options_for_a_passkey_ask_for_a_discoverable_key_that_verifies_its_user_and_no_attestation() -> None:
    options = json.loads(PASSKEY.enrol(moment(), ALEX).public["options"])
    assert options["rp"] == {"id": "login.example", "name": "Acme Bank"}
    assert options["user"] == {"id": encode(b"subject-alex"), "name": "alex@example.com", "displayName": "Alex Doe"}
    assert len(decode(options["challenge"])) == 32
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]
    selection = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert options["authenticatorSelection"] == selection
    assert options["attestation"] == "none"


def test_the_options_for_a_security_key_ask_for_a_roaming_one_and_take_what_verification_there_is() -> None:
    selection = json.loads(SECURITY_KEY.enrol(moment(), ALEX).public["options"])["authenticatorSelection"]
    assert selection["authenticatorAttachment"] == "cross-platform"
    assert (selection["residentKey"], selection["userVerification"]) == ("discouraged", "preferred")


@pytest.mark.parametrize("algorithm", [-7, EDDSA, RS256])
@pytest.mark.parametrize("attestation", ["none", "packed"])
def test_a_registration_becomes_an_authenticator_with_its_public_key(algorithm: int, attestation: str) -> None:
    device = Device(algorithm=algorithm, attestation=attestation)
    stored = enrolled(device)
    held = credential(stored)
    assert held is not None
    assert held.credential_id == credential_id(stored.material) == device.credentials[0].id
    assert held.transports == ("hybrid", "internal")
    assert (stored.method, stored.user_verifying, stored.device_bound, stored.attested) == (
        "passkey",
        True,
        True,
        False,
    )
    assert isinstance(verified(prove(device, stored)).change, AdvanceCounter)


@pytest.mark.parametrize(
    ("device", "method", "device_bound"),
    [
        (Device(), "passkey", True),
        (Device(synced=True), "passkey", False),
        (Device(synced=True, backed_up=True), "passkey", False),
        (roaming(user_verifying=True), "passkey", True),
        (roaming(), "security_key", True),
        (roaming(synced=True), "passkey", False),
        (roaming(transports=("internal",)), "passkey", True),
        (roaming(transports=()), "security_key", True),
    ],
)
def test_what_a_key_is_decides_its_method(device: Device, method: str, device_bound: bool) -> None:
    stored = enrolled(device, SECURITY_KEY)
    assert (stored.method, stored.device_bound) == (method, device_bound)
    held = credential(stored)
    assert held is not None
    assert (held.backup_eligible, held.backed_up) == (device.synced, device.backed_up)


@pytest.mark.parametrize(
    ("reason", "lies"),
    [
        *LIES,
        ("wrong_origin", {"top_origin": "https://evil.example"}),
        ("wrong_origin", {"origin": "https://evil.example"}),
        ("wrong_origin", {"origin": "https://login.example:8443"}),
        ("wrong_origin", {"origin": "http://login.example"}),
        ("wrong_origin", {"origin": "https://LOGIN.example"}),
        ("wrong_origin", {"origin": "https://login.example/"}),
        ("malformed", {"type": "webauthn.get"}),
        ("malformed", {"backed_up": True}),
        ("malformed", {"credential_id": b"another"}),
        ("malformed", {"trailing": b"\x00"}),
        ("malformed", {"client_data": b'{"type":"webauthn.create","type":"webauthn.create"}'}),
        ("expired", {"later": LIVES}),
    ],
)
def test_a_registration_that_breaks_a_rule_of_section_7_1_is_rejected(reason: Reason, lies: dict[str, Any]) -> None:
    assert register(Device(), **lies) == Rejected(reason)


def test_a_self_attestation_that_the_key_did_not_sign_is_rejected() -> None:
    assert register(Device(attestation="packed"), signature=b"no") == Rejected("bad_signature")


def test_s26_a_key_of_an_algorithm_that_was_not_offered_is_rejected() -> None:
    assert register(Device(algorithm=-47), verified=True) == Rejected("unsupported")


def test_a_credential_is_enrolled_once() -> None:
    device = Device()
    stored = enrolled(device)
    owner = dataclasses.replace(ALEX, authenticators=(stored,))
    with pytest.raises(LookupError, match="already holds"):
        register(device, account=owner)
    begun = PASSKEY.enrol(moment(), owner)
    options = json.loads(begun.public["options"])
    excluded = options.pop("excludeCredentials")
    assert [each["id"] for each in excluded] == [encode(device.credentials[0].id)]
    held = device.credentials[0]
    device.credentials.clear()
    response = json.loads(device.create(options, origin=ORIGIN, lies=Lies(credential_id=held.id)))
    response["id"] = response["rawId"] = encode(held.id)
    confirmed = PASSKEY.confirm(moment(), owner, begun.draft, json.dumps(response), authenticator_id="w2", name="")
    assert confirmed == Rejected("already_enrolled")
