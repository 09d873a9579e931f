"""acr_values and the acr claim (OpenID Connect Core section 5.5.1.1, S02)."""

import pytest

from newel.domain.assurance import SHIPPED
from newel.domain.errors import InvalidRequest, UnmetAuthenticationRequirements
from newel.oauth.acr import AcrAsked, ClaimsAsked, asked_acr, parse_claims


def test_unknown_voluntary_values_are_ignored_and_order_is_kept() -> None:
    assert asked_acr(SHIPPED, "urn:x phr aal2 phr", ClaimsAsked(), voluntary=False) == AcrAsked(("phr", "aal2"))


def test_a_voluntary_client_takes_what_was_proven() -> None:
    assert asked_acr(SHIPPED, "phr", ClaimsAsked(), voluntary=True) == AcrAsked(("phr",), best_effort=True)


def test_a_claim_that_is_not_essential_is_best_effort() -> None:
    claims = parse_claims('{"id_token":{"acr":{"values":["phr","aal2"]}}}')
    assert asked_acr(SHIPPED, None, claims, voluntary=False) == AcrAsked(("phr", "aal2"), best_effort=True)


def test_an_essential_claim_overrides_acr_values() -> None:
    claims = parse_claims('{"userinfo":{"acr":{"essential":true,"value":"phr"}}}')
    assert asked_acr(SHIPPED, "aal1", claims, voluntary=True) == AcrAsked(("phr",))


def test_s02_an_unknown_essential_value_is_an_error() -> None:
    claims = parse_claims('{"id_token":{"acr":{"essential":true,"values":["urn:other"]}}}')
    with pytest.raises(UnmetAuthenticationRequirements):
        asked_acr(SHIPPED, None, claims, voluntary=False)


def test_the_class_of_recovery_is_no_acr() -> None:
    assert asked_acr(SHIPPED, "recovery", ClaimsAsked(), voluntary=False) == AcrAsked()


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"id_token":[]}', '{"id_token":{"acr":7}}', '{"id_token":{"a":1,"a":2}}', '{"userinfo":"x"}'],
)
def test_claims_that_are_not_an_object_of_objects_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_claims(text)


@pytest.mark.parametrize("acr", ['{"values":"aal2"}', '{"values":[1]}', '{"value":true}'])
def test_acr_values_of_the_wrong_type_are_refused(acr: str) -> None:
    with pytest.raises(InvalidRequest):
        asked_acr(SHIPPED, None, parse_claims(f'{{"id_token":{{"acr":{acr}}}}}'), voluntary=False)
