"""Whole ceremonies of a simulated device with the factor."""

from typing import Any

from server.tests.unit.factors.moment import ALEX, NOW, ORIGIN, moment
from tests.simulators.webauthn_device import Device, Lies

from newel.domain.evidence import Authenticator
from newel.factors.base import Account, Confirmed, Context, Rejected, Verified
from newel.factors.webauthn import (
    WebAuthn,
)

PASSKEY, SECURITY_KEY = WebAuthn("passkey"), WebAuthn("security_key")
DIGEST = b"d" * 32
LIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("not_verified", {"verified": False}),
    ("not_present", {"present": False}),
    ("wrong_challenge", {"challenge": b"c" * 32}),
    ("wrong_challenge", {"challenge": b""}),
    ("wrong_origin", {"rp_id": "evil.example"}),
    ("wrong_origin", {"cross_origin": True}),
)
"""What is refused of a registration and of an assertion alike, and why."""


def roaming(**more: Any) -> Device:
    """A key on a key ring: not synced, not discoverable, without a PIN."""
    told: dict[str, Any] = {"user_verifying": False, "discoverable": False, "transports": ("usb", "nfc")}
    return Device(**(told | more))


def register(
    device: Device,
    factor: WebAuthn = PASSKEY,
    *,
    account: Account = ALEX,
    origin: str = ORIGIN,
    later: int = 0,
    **lies: Any,
) -> Confirmed | Rejected:
    begun = factor.enrol(moment(), account)
    response = device.create(begun.public["options"], origin=origin, lies=Lies(**lies))
    told = moment(now=NOW + later)
    return factor.confirm(told, account, begun.draft, response, authenticator_id="w1", name="Laptop")


def enrolled(device: Device, factor: WebAuthn = PASSKEY) -> Authenticator:
    confirmed = register(device, factor)
    assert isinstance(confirmed, Confirmed), confirmed
    return confirmed.authenticator


def prove(
    device: Device,
    authenticator: Authenticator,
    *,
    context: Context | None = None,
    then: Context | None = None,
    origin: str = ORIGIN,
    named: bool = True,
    **lies: Any,
) -> Verified | Rejected:
    factor, told = WebAuthn(authenticator.method), context or moment()  # type: ignore[arg-type] # a method of this factor
    made = factor.challenge(told, (authenticator,) if named else ())
    response = device.get(made.public["options"], origin=origin, lies=Lies(**lies))
    return factor.verify(then or told, made.challenge, (authenticator,), response)


def verified(result: Verified | Rejected) -> Verified:
    assert isinstance(result, Verified), result
    return result
