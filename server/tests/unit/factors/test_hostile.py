"""Whatever is sent, every factor answers with a value: no input raises, and none is accepted that proves nothing."""

import json
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, NOW, ORIGIN, moment
from tests.simulators.webauthn_device import Device

from newel.crypto.base64url import decode, encode
from newel.domain.evidence import Authenticator
from newel.factors.base import Confirmed, Rejected
from newel.factors.table import FACTORS

TEXTS = st.text(max_size=40) | st.text(st.characters(categories=["Cs", "Nd", "Zs", "Cc"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXTS | st.binary(max_size=40).map(encode),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
CBOR = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6) | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.integers(-3, 3) | st.text(max_size=7), inner, max_size=4)
    ),
    max_leaves=6,
).map(cbor2.dumps)
BYTES = st.binary(max_size=80) | CBOR
FIELDS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports")
CREDENTIALS = st.fixed_dictionaries(
    {"id": st.just("AAAA"), "rawId": st.just("AAAA"), "type": st.just("public-key")},
    optional={"response": JSON | st.dictionaries(st.sampled_from(FIELDS), BYTES.map(encode) | JSON)},
)
RESPONSES = TEXTS | JSON.map(json.dumps) | CREDENTIALS.map(json.dumps)
MATERIALS = st.binary(max_size=80)


@pytest.mark.parametrize("method", ["totp", "passkey", "security_key", "recovery_code"])
@given(RESPONSES, MATERIALS, st.integers(0, 2**40))
def test_any_response_to_a_challenge_is_rejected(method: str, response: str, material: bytes, now: int) -> None:
    held = Authenticator(
        id="x", subject=ALEX.id, method=method, name="", created_at=NOW, material=material, counter=2**62
    )
    made = FACTORS[method].challenge(moment(now=now), (held,))
    assert isinstance(FACTORS[method].verify(moment(now=now), made.challenge, (held,), response), Rejected)


@given(TEXTS, MATERIALS)
def test_any_password_for_any_material_is_rejected(response: str, material: bytes) -> None:
    held = Authenticator(id="x", subject=ALEX.id, method="password", name="", created_at=NOW, material=material)
    made = FACTORS["password"].challenge(moment(), (held,))
    assert isinstance(FACTORS["password"].verify(moment(), made.challenge, (held,), response), Rejected)


@pytest.mark.parametrize("method", ["totp", "passkey", "security_key", "recovery_code"])
@given(RESPONSES)
def test_any_response_to_an_enrolment_is_rejected(method: str, response: str) -> None:
    draft = FACTORS[method].enrol(moment(), ALEX).draft
    done = FACTORS[method].confirm(moment(), ALEX, draft, response, authenticator_id="x", name="")
    assert isinstance(done, Rejected) or (method == "recovery_code" and response == "1")


DEVICE = Device()
BEGUN = FACTORS["passkey"].enrol(moment(), ALEX)
CREATED = json.loads(DEVICE.create(BEGUN.public["options"], origin=ORIGIN))
DONE = FACTORS["passkey"].confirm(moment(), ALEX, BEGUN.draft, json.dumps(CREATED), authenticator_id="x", name="")
assert isinstance(DONE, Confirmed)
HELD = DONE.authenticator
MADE = FACTORS["passkey"].challenge(moment(), (HELD,))
GOT = json.loads(DEVICE.get(MADE.public["options"], origin=ORIGIN))


def altered(credential: dict[str, Any], field: str, value: Any) -> str:
    return json.dumps(credential | {"response": credential["response"] | {field: value}})


@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), BYTES.map(encode) | JSON)
def test_a_genuine_assertion_with_one_member_replaced_is_rejected(field: str, value: Any) -> None:
    response = altered(GOT, field, value)
    assert isinstance(FACTORS["passkey"].verify(moment(), MADE.challenge, (HELD,), response), Rejected)


@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), st.data())
def test_a_genuine_assertion_with_one_bit_changed_is_rejected(field: str, data: st.DataObject) -> None:
    raw = bytearray(decode(GOT["response"][field]))
    place = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8
    response = altered(GOT, field, encode(bytes(raw)))
    assert isinstance(FACTORS["passkey"].verify(moment(), MADE.challenge, (HELD,), response), Rejected)


@given(BYTES, BYTES)
def test_any_attestation_object_is_rejected(raw: bytes, data: bytes) -> None:
    wrapped = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    for value in (raw, wrapped):
        response = altered(CREATED, "attestationObject", encode(value))
        done = FACTORS["passkey"].confirm(moment(), ALEX, BEGUN.draft, response, authenticator_id="y", name="")
        assert isinstance(done, Rejected)


@given(st.sampled_from(sorted(FACTORS)), st.binary(max_size=60))
def test_any_draft_is_rejected(method: str, draft: bytes) -> None:
    done = FACTORS[method].confirm(moment(), ALEX, draft, "1", authenticator_id="x", name="")
    assert done == Rejected("malformed")
