"""py_webauthn as a second opinion: whatever is accepted here, it accepts too, with the same key, counter and flags."""

import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, ORIGIN, moment
from tests.simulators.webauthn_device import Device, Lies
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.exceptions import WebAuthnException

from newel.crypto.base64url import decode
from newel.factors.base import Confirmed, Verified
from newel.factors.webauthn import WebAuthn, credential

MAYBE = st.none() | st.booleans()
LIES = st.builds(
    Lies,
    type=st.sampled_from([None, None, None, "webauthn.get", "webauthn.create"]),
    challenge=st.sampled_from([None, None, None, b"c" * 32]),
    rp_id=st.sampled_from([None, None, None, "evil.example"]),
    present=MAYBE,
    verified=MAYBE,
    backup_eligible=MAYBE,
    backed_up=MAYBE,
    count=st.none() | st.integers(0, 9),
    signature=st.sampled_from([None, None, None, b"no"]),
    extensions=st.sampled_from([None, {}, {"appid": True}]),
    trailing=st.sampled_from([b"", b"", b"", b"x"]),
)
DEVICES = st.builds(
    Device,
    user_verifying=st.booleans(),
    synced=st.booleans(),
    attestation=st.sampled_from(["none", "packed"]),
    algorithm=st.sampled_from([-7, -8]),
)
FACTOR = WebAuthn("security_key")


@given(DEVICES, LIES)
def test_a_registration_that_is_accepted_is_accepted_by_the_other(device: Device, lies: Lies) -> None:
    begun = FACTOR.enrol(moment(), ALEX)
    response = device.create(begun.public["options"], origin=ORIGIN, lies=lies)
    mine = FACTOR.confirm(moment(), ALEX, begun.draft, response, authenticator_id="w1", name="")
    other: Any = None
    try:
        other = verify_registration_response(
            credential=response,
            expected_challenge=decode(json.loads(begun.public["options"])["challenge"]),
            expected_rp_id="login.example",
            expected_origin=ORIGIN,
        )
    except WebAuthnException:
        other = None
    assert isinstance(mine, Confirmed) == (other is not None)
    if isinstance(mine, Confirmed):
        held = credential(mine.authenticator)
        assert held is not None
        assert (held.credential_id, held.public_key) == (other.credential_id, other.credential_public_key)
        assert mine.authenticator.counter == other.sign_count
        assert mine.authenticator.user_verifying == other.user_verified
        assert mine.authenticator.device_bound == (other.credential_device_type.value == "single_device")


@given(DEVICES, LIES, st.integers(0, 9))
def test_an_assertion_that_is_accepted_is_accepted_by_the_other(device: Device, lies: Lies, counter: int) -> None:
    begun = FACTOR.enrol(moment(), ALEX)
    response = device.create(begun.public["options"], origin=ORIGIN)
    confirmed = FACTOR.confirm(moment(), ALEX, begun.draft, response, authenticator_id="w1", name="")
    assert isinstance(confirmed, Confirmed)
    stored = dataclasses.replace(confirmed.authenticator, counter=counter)
    factor = WebAuthn(stored.method)  # type: ignore[arg-type] # a method of this factor
    held = credential(stored)
    assert held is not None
    made = factor.challenge(moment(), (stored,))
    response = device.get(made.public["options"], origin=ORIGIN, lies=lies)
    mine = factor.verify(moment(), made.challenge, (stored,), response)
    accepted = True
    try:
        verify_authentication_response(
            credential=response,
            expected_challenge=made.challenge.secret,
            expected_rp_id="login.example",
            expected_origin=ORIGIN,
            credential_public_key=held.public_key,
            credential_current_sign_count=counter,
            require_user_verification=stored.user_verifying,
        )
    except WebAuthnException:
        accepted = False
    changed = lies.backup_eligible not in {None, device.synced}
    assert isinstance(mine, Verified) == (accepted and not changed)
