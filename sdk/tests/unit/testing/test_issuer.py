"""The issuer that applications test with."""

import pytest

from newel_sdk.fetch import discover
from newel_sdk.guard import Allowed, Guard
from newel_sdk.testing import AuthorizationServer, Issuer


@pytest.mark.parametrize("acr", ["aal1", "aal2", "phr", "aal3"])
def test_a_minted_token_is_believed_at_its_class_and_below(acr: str) -> None:
    issuer = Issuer()
    guard = Guard(issuer=issuer.issuer, audience=issuer.audience, keys=issuer.keys)
    outcome = guard.require(acr=acr, max_age=10).decide(issuer.token(acr=acr))
    assert isinstance(outcome, Allowed)
    assert isinstance(guard.require(acr="aal1").decide(issuer.token(acr=acr)), Allowed)
    assert len(outcome.claims.ledger) == (2 if acr == "aal2" else 1)


def test_claims_are_replaced_added_and_left_out() -> None:
    issuer = Issuer()
    guard = Guard(issuer=issuer.issuer, audience=issuer.audience, keys=issuer.keys)
    token = issuer.token(acr="gold", acrs={"gold": 1}, ledger=[], extra="x", amr=None, sub="bob")
    outcome = guard.require().decide(token)
    assert isinstance(outcome, Allowed)
    assert (outcome.claims.raw["extra"], outcome.claims.amr, outcome.claims.subject) == ("x", (), "bob")


async def test_the_documents_are_served_and_anything_else_is_404() -> None:
    issuer = Issuer()
    server = AuthorizationServer(issuer)
    metadata = await discover(server.fetch, issuer.issuer)
    assert metadata.jwks_uri == issuer.issuer + "/jwks"
    assert (await issuer.fetch("GET", issuer.issuer + "/epoch")).status == 200
    assert (await issuer.fetch("GET", issuer.issuer + "/x")).status == 404
    assert (await server.fetch("POST", issuer.issuer + "/x")).status == 404


@pytest.mark.parametrize(
    "form", [b"grant_type=refresh_token&refresh_token=x", b"grant_type=authorization_code&code=x", b""]
)
async def test_the_simulated_server_refuses_codes_and_tokens_it_never_gave(form: bytes) -> None:
    issuer = Issuer()
    answer = await AuthorizationServer(issuer).fetch("POST", issuer.issuer + "/token", body=form)
    assert answer.status == 400
