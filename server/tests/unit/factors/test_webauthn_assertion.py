"""WebAuthn assertions, plain and for one action (Level 3 section 7.2, S17)."""

import dataclasses
import json
from typing import Any

import cbor2
import msgspec
import pytest
from server.tests.unit.factors.ceremonies import (
    DIGEST,
    LIES,
    PASSKEY,
    SECURITY_KEY,
    enrolled,
    prove,
    register,
    roaming,
    verified,
)
from server.tests.unit.factors.moment import ALEX, NOW, ORIGIN, moment
from tests.simulators.webauthn_device import Device

from newel.crypto.base64url import decode, encode
from newel.domain import action
from newel.domain.assurance import reached
from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Binding
from newel.factors.base import LIVES, Confirmed, Reason, Rejected, Verified
from newel.factors.webauthn import (
    credential,
    credential_id,
    unverified_credential_id,
    unverified_subject,
)


def test_the_options_for_an_assertion_name_the_credentials_and_require_verification() -> None:
    device = Device()
    stored = enrolled(device)
    options = json.loads(PASSKEY.challenge(moment(), (stored,)).public["options"])
    assert options["rpId"] == "login.example"
    assert [each["id"] for each in options["allowCredentials"]] == [encode(device.credentials[0].id)]
    assert options["allowCredentials"][0]["transports"] == ["hybrid", "internal"]
    assert options["userVerification"] == "required"
    keys = SECURITY_KEY.challenge(moment(), (enrolled(roaming(), SECURITY_KEY),))
    assert json.loads(keys.public["options"])["userVerification"] == "preferred"


@pytest.mark.parametrize("extensions", [None, {}, {"appid": True}])
def test_an_assertion_is_evidence_that_resists_phishing(extensions: dict[str, Any] | None) -> None:
    device = Device()
    stored = enrolled(device)
    proof = verified(prove(device, stored, extensions=extensions))
    assert proof.change == AdvanceCounter("w1", 1)
    assert proof.evidence.amr == ("hwk", "user", "mfa")
    assert set(reached([proof.evidence], {"w1": stored}, now=NOW, active_at=NOW)) == {"phr", "aal2", "aal1"}


def test_s04_a_key_without_user_verification_is_one_factor() -> None:
    device = roaming()
    stored = enrolled(device, SECURITY_KEY)
    proof = verified(prove(device, stored))
    assert proof.evidence.amr == ("hwk", "user")
    assert set(reached([proof.evidence], {"w1": stored}, now=NOW, active_at=NOW)) == {"aal1"}


def test_s04_verification_that_was_not_there_at_enrolment_does_not_count_later() -> None:
    device = roaming()
    stored = enrolled(device, SECURITY_KEY)
    assert not verified(prove(device, stored, verified=True)).evidence.user_verified


def test_s04_a_synced_passkey_is_no_hardware() -> None:
    device = Device(synced=True, steps=0)
    assert verified(prove(device, enrolled(device))).evidence.amr == ("swk", "user", "mfa")


@pytest.mark.parametrize(
    ("reason", "lies"),
    [
        *LIES,
        ("wrong_origin", {"top_origin": "https://login.example"}),
        ("wrong_origin", {"origin": "https://evil.example"}),
        ("wrong_origin", {"origin": "http://127.0.0.1:8400"}),
        ("wrong_subject", {"user_handle": b"subject-sam"}),
        ("unknown_credential", {"credential_id": b"another"}),
        ("bad_signature", {"signature": b"no"}),
        ("cloned", {"backup_eligible": True}),
        ("malformed", {"backed_up": True}),
        ("malformed", {"type": "webauthn.create", "trailing": b"x"}),
        ("malformed", {"type": "webauthn.create"}),
        ("malformed", {"type": "payment.get"}),
        ("malformed", {"client_data": b"{}"}),
        ("malformed", {"client_data": b"\xff"}),
        ("malformed", {"credential_id": b"x" * 1024}),
    ],
)
def test_an_assertion_that_breaks_a_rule_of_section_7_2_is_rejected(reason: Reason, lies: dict[str, Any]) -> None:
    device = Device()
    assert prove(device, enrolled(device), **lies) == Rejected(reason)


@pytest.mark.parametrize(
    ("stored", "sent", "outcome"),
    [(0, 0, None), (0, 1, 1), (5, 6, 6), (5, 900, 900), (5, 5, "cloned"), (5, 4, "cloned"), (5, 0, "cloned")],
)
def test_a_counter_that_does_not_grow_shows_a_copy_and_zero_is_no_counter(
    stored: int, sent: int, outcome: int | str | None
) -> None:
    device = Device()
    authenticator = dataclasses.replace(enrolled(device), counter=stored)
    result = prove(device, authenticator, count=sent)
    if isinstance(outcome, str):
        assert result == Rejected("cloned")
    else:
        assert verified(result).change == (None if outcome is None else AdvanceCounter("w1", outcome))


def test_a_sign_in_without_a_name_finds_the_subject_by_credential_or_user_handle() -> None:
    device = Device()
    stored = enrolled(device)
    made = PASSKEY.challenge(moment(), ())
    options = json.loads(made.public["options"])
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    response = device.get(options, origin=ORIGIN)
    assert unverified_credential_id(response) == credential_id(stored.material)
    assert unverified_subject(response) == ALEX.id
    assert isinstance(PASSKEY.verify(moment(), made.challenge, (stored,), response), Verified)


def test_a_sign_in_without_a_name_needs_the_user_handle() -> None:
    device = Device()
    assert prove(device, enrolled(device), named=False, no_user_handle=True) == Rejected("wrong_subject")


def test_a_key_that_is_not_discoverable_may_send_no_user_handle_when_it_is_named() -> None:
    device = roaming()
    assert isinstance(prove(device, enrolled(device, SECURITY_KEY)), Verified)


def test_a_credential_that_was_not_asked_is_unknown() -> None:
    device = Device()
    stored = enrolled(device)
    made = PASSKEY.challenge(moment(), (dataclasses.replace(stored, id="w0"),))
    response = device.get(made.public["options"], origin=ORIGIN)
    assert PASSKEY.verify(moment(), made.challenge, (stored,), response) == Rejected("unknown_credential")


def test_an_assertion_for_one_challenge_does_not_answer_another() -> None:
    device, context = Device(), moment()
    stored = enrolled(device)
    first, second = (PASSKEY.challenge(context, (stored,)) for _ in range(2))
    response = device.get(first.public["options"], origin=ORIGIN)
    assert PASSKEY.verify(context, second.challenge, (stored,), response) == Rejected("wrong_challenge")
    assert PASSKEY.verify(moment(now=NOW + LIVES), first.challenge, (stored,), response) == Rejected("expired")


@pytest.mark.parametrize("material", [b"", b"\x90", b"garbage"])
def test_an_authenticator_without_its_key_proves_nothing(material: bytes) -> None:
    device = Device()
    stored = enrolled(device)
    assert prove(device, stored) != Rejected("unknown_credential")
    broken = dataclasses.replace(stored, material=material)
    response = device.get(PASSKEY.challenge(moment(), (stored,)).public["options"], origin=ORIGIN)
    made = PASSKEY.challenge(moment(), (broken,))
    assert PASSKEY.verify(moment(), made.challenge, (broken,), response) == Rejected("unknown_credential")


def test_s26_a_stored_key_that_is_not_sound_is_not_used() -> None:
    device = Device()
    stored = enrolled(device)
    held = credential(stored)
    assert held is not None
    weak = msgspec.structs.replace(held, public_key=b"\xa0")
    broken = dataclasses.replace(stored, material=msgspec.msgpack.encode(weak))
    assert prove(device, broken) == Rejected("unsupported")


# Bound actions


def test_s17_the_challenge_for_an_action_commits_to_its_digest_and_a_fresh_nonce() -> None:
    context = moment(digest=DIGEST)
    first, second = (PASSKEY.challenge(context, ()).challenge for _ in range(2))
    assert first.secret == action.challenge(DIGEST, first.nonce)
    assert len(first.nonce) == 32
    assert first.nonce != second.nonce
    assert PASSKEY.challenge(moment(), ()).challenge.nonce == b""


def test_s17_an_assertion_for_an_action_signs_it() -> None:
    device = Device()
    proof = verified(prove(device, enrolled(device), context=moment(digest=DIGEST)))
    assert proof.evidence.binding == Binding(digest=DIGEST, kind="signed")


@pytest.mark.parametrize("later", [b"e" * 32, None])
def test_s17_an_assertion_for_one_action_approves_no_other(later: bytes | None) -> None:
    device = Device()
    result = prove(device, enrolled(device), context=moment(digest=DIGEST), then=moment(digest=later))
    assert result == Rejected("wrong_action")


@pytest.mark.parametrize(
    "changed", [{"digest": b"e" * 32}, {"nonce": b"n" * 32}, {"nonce": b""}, {"secret": b"s" * 32}]
)
def test_s17_a_kept_challenge_that_is_not_of_its_digest_is_refused(changed: dict[str, bytes]) -> None:
    device = Device()
    stored = enrolled(device)
    made = PASSKEY.challenge(moment(digest=DIGEST), (stored,))
    response = device.get(made.public["options"], origin=ORIGIN)
    kept = dataclasses.replace(made.challenge, **changed)  # type: ignore[arg-type] # all are bytes
    result = PASSKEY.verify(moment(digest=kept.digest), kept, (stored,), response)
    assert result == Rejected("wrong_challenge")


def test_s17_a_plain_challenge_with_a_nonce_is_refused() -> None:
    device = Device()
    stored = enrolled(device)
    made = PASSKEY.challenge(moment(), (stored,))
    response = device.get(made.public["options"], origin=ORIGIN)
    kept = dataclasses.replace(made.challenge, nonce=b"n" * 32)
    assert PASSKEY.verify(moment(), kept, (stored,), response) == Rejected("wrong_challenge")


@pytest.mark.parametrize("response", ["", "{}", "[]", '{"response":{"userHandle":"_w"}}'])
def test_what_is_no_assertion_says_nothing(response: str) -> None:
    assert unverified_credential_id(response) is None
    assert unverified_subject(response) is None


def test_s35_a_huge_registration_is_rejected_unread() -> None:
    draft = PASSKEY.enrol(moment(), ALEX).draft
    rejected = PASSKEY.confirm(moment(), ALEX, draft, "x" * 40_000, authenticator_id="w1", name="")
    assert rejected == Rejected("malformed")


def test_credentials_of_other_methods_are_not_named() -> None:
    device = Device()
    stored = enrolled(device)
    owner = dataclasses.replace(ALEX, authenticators=(stored, dataclasses.replace(stored, method="totp")))
    assert len(json.loads(PASSKEY.enrol(moment(), owner).public["options"])["excludeCredentials"]) == 1


def test_an_attestation_that_is_signed_by_a_vendor_is_neither_asked_for_nor_counted() -> None:
    confirmed = register(Device(attestation="tpm"))
    assert isinstance(confirmed, Confirmed)
    assert not confirmed.authenticator.attested


@pytest.mark.parametrize("lie", [b"\x00" * 37, b"\x00" * 36])
def test_authenticator_data_without_its_key_is_malformed(lie: bytes) -> None:
    raw = bytearray(lie)
    if len(raw) > 32:
        raw[32] = 0x41
    begun = PASSKEY.enrol(moment(), ALEX)
    sent = json.loads(Device().create(begun.public["options"], origin=ORIGIN))
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": bytes(raw)})
    sent["response"]["attestationObject"] = encode(attestation)
    rejected = PASSKEY.confirm(moment(), ALEX, begun.draft, json.dumps(sent), authenticator_id="w1", name="")
    assert rejected == Rejected("malformed")


def test_an_attestation_of_none_says_nothing_at_all() -> None:
    begun = PASSKEY.enrol(moment(), ALEX)
    sent = json.loads(Device().create(begun.public["options"], origin=ORIGIN))
    attestation = cbor2.loads(decode(sent["response"]["attestationObject"])) | {"attStmt": {"sig": b"x"}}
    sent["response"]["attestationObject"] = encode(cbor2.dumps(attestation))
    rejected = PASSKEY.confirm(moment(), ALEX, begun.draft, json.dumps(sent), authenticator_id="w1", name="")
    assert rejected == Rejected("bad_signature")


@pytest.mark.parametrize("other", ["AAAA", None])
def test_an_assertion_under_two_names_is_malformed(other: str | None) -> None:
    device = Device()
    stored = enrolled(device)
    made = PASSKEY.challenge(moment(), (stored,))
    sent = json.loads(device.get(made.public["options"], origin=ORIGIN)) | {"id": other}
    assert PASSKEY.verify(moment(), made.challenge, (stored,), json.dumps(sent)) == Rejected("malformed")
