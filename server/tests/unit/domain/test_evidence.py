"""Evidence and authenticators: amr (RFC 8176), binding (S17) and the event that a challenge would be."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from newel.domain.evidence import Authenticator, Binding, Evidence

Known = Mapping[str, Authenticator]


@pytest.mark.parametrize(
    ("name", "amr"),
    [
        ("password", ("pwd",)),
        ("totp", ("otp",)),
        ("recovery code", ("otp",)),
        ("passkey", ("swk", "user", "mfa")),
        ("passkey on hardware", ("hwk", "user", "mfa")),
        ("passkey without verification", ("swk", "user")),
        ("security key", ("hwk", "user")),
    ],
)
def test_amr_of_each_event(known: Known, name: str, amr: tuple[str, ...]) -> None:
    assert known[name].evidence(event="e", at=0, interaction="i").amr == amr


def test_an_event_says_what_its_authenticator_proves(known: Known) -> None:
    assert known["attested passkey"].evidence(event="e", at=7, interaction="i") == Evidence(
        id="e",
        authenticator="attested passkey",
        method="passkey",
        at=7,
        interaction="i",
        user_verified=True,
        hardware=True,
        attested=True,
    )


@pytest.mark.parametrize(("name", "kind"), [("passkey", "signed"), ("totp", "confirmed"), ("password", "confirmed")])
def test_s17_only_a_signature_binds_as_signed(known: Known, name: str, kind: str) -> None:
    bound = known[name].evidence(event="e", at=0, interaction="i", digest=b"d" * 32).binding
    assert bound is not None
    assert (bound.digest, bound.kind) == (b"d" * 32, kind)
    assert isinstance(bound, Binding)
    assert known[name].evidence(event="e", at=0, interaction="i").binding is None


def test_s25_an_authenticator_is_settled_once_it_has_no_ceiling(known: Known) -> None:
    assert known["passkey"].settled
    assert not replace(known["passkey"], ceiling="phr").settled
