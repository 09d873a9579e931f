"""Examples printed in the RFCs themselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from newel_sdk.challenge import Challenge, parse_challenge, www_authenticate
from newel_sdk.claims import read_claims
from newel_sdk.client import Client
from newel_sdk.encoding import unbase64url
from newel_sdk.jwks import KeySet, parse_key
from newel_sdk.requirement import ClassOrder
from newel_sdk.testing import AuthorizationServer, Issuer
from newel_sdk.verify import verify_jws

ANSWERS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "tests" / "vectors" / "oauth" / "rfc-known-answers.json").read_text()
)


@pytest.mark.parametrize("example", ANSWERS["step_up_rfc9470"]["challenges"])
def test_rfc9470_section_3_a_challenge_is_read_as_printed(example: dict[str, Any]) -> None:
    challenge = parse_challenge(example["header"])
    assert challenge is not None
    assert list(challenge.acr_values) == example["acr_values"]
    assert challenge.max_age == example["max_age"]


@pytest.mark.parametrize("example", ANSWERS["step_up_rfc9470"]["challenges"])
def test_rfc9470_section_3_a_challenge_is_written_as_printed(example: dict[str, Any]) -> None:
    parsed = parse_challenge(example["header"])
    assert parsed is not None
    made = Challenge(acr_values=tuple(example["acr_values"]), max_age=example["max_age"], because=parsed.because)
    assert www_authenticate(made) == example["header"]


def test_rfc9470_section_6_claims_of_a_stranger_are_compared_by_membership() -> None:
    claims = read_claims(json.dumps(ANSWERS["step_up_rfc9470"]["at_jwt"]["claims"]).encode())
    order = ClassOrder({"myACR": ()})
    assert order.require("myACR", 5).met_by(claims, now=1646340200)
    assert not order.require("myACR", 1).met_by(claims, now=1646340200)


def test_rfc8037_appendix_a_an_ed25519_signature_verifies() -> None:
    vector = ANSWERS["ed25519_rfc8037"]
    verified = verify_jws(vector["jws"], keys=KeySet([parse_key(vector["jwk"])]))
    assert verified.payload == b"Example of Ed25519 signing"


async def test_rfc7636_appendix_b_the_client_sends_the_s256_challenge_of_its_verifier() -> None:
    verifier = ANSWERS["pkce_rfc7636_appB"]["verifier"]
    issuer = Issuer()
    server = AuthorizationServer(issuer)

    def random(size: int) -> bytes:
        return unbase64url(verifier) if size == 32 else bytes(size)

    client = Client(
        issuer=issuer.issuer, client_id="client", redirect_uri="https://rp/cb", fetch=server.fetch, random=random
    )
    redirect = await client.begin()
    assert redirect.pending.verifier == verifier
    assert server.asked(redirect.url)["code_challenge"] == ANSWERS["pkce_rfc7636_appB"]["challenge_S256"]
