"""/authorize (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1, RFC 7636, RFC 9207, RFC 9700)."""

from collections.abc import Callable

import pytest
from tests.simulators.person import CHALLENGE, Browser, Page, authorize_url
from tests.simulators.running import Relying, Running

from newel.domain.client import Authentication

Do = Callable[..., Page]
UNMET = "unmet_authentication_requirements"


def test_every_answer_names_the_issuer_and_is_a_303_that_nobody_stores(
    home: Browser, bank: Relying, server: Running
) -> None:
    for more in ({}, {"prompt": "none login"}, {"prompt": "none", "acr_values": "aal2"}):
        page = home.get(authorize_url(bank.id, bank.redirect_uri, **more))
        assert page.status == 303
        assert page.headers["cache-control"] == "no-store"
        assert page.answer["iss"] == server.issuer


def test_post_to_authorize_works_and_the_order_of_parameters_does_not_matter(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    pairs = [pair.split("=", 1) for pair in url.partition("?")[2].split("&")]
    assert "code" in home.get("/authorize?" + "&".join("=".join(pair) for pair in reversed(pairs))).answer
    page = home.request(
        "POST",
        "/authorize",
        content=url.partition("?")[2],
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (page.status, "code" in page.answer) == (303, True)


def test_a_post_from_a_strangers_page_works_too(home: Browser, bank: Relying) -> None:
    body = authorize_url(bank.id, bank.redirect_uri).partition("?")[2]
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://localhost:9"}
    assert "code" in home.request("POST", "/authorize", content=body, headers=headers).answer


def test_unknown_and_empty_parameters_are_ignored(home: Browser, bank: Relying) -> None:
    assert (
        "code"
        in home.get(authorize_url(bank.id, bank.redirect_uri, unheard_of="1", display="touch") + "&login_hint=").answer
    )


@pytest.mark.parametrize(
    "name", ["scope", "state", "nonce", "response_type", "code_challenge", "max_age", "acr_values"]
)
def test_s19_a_parameter_that_comes_twice_is_invalid_request(home: Browser, bank: Relying, name: str) -> None:
    url = authorize_url(bank.id, bank.redirect_uri, max_age="600", acr_values="aal1")
    assert home.get(f"{url}&{name}=again").answer["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s19_a_client_or_address_that_comes_twice_is_a_page(home: Browser, bank: Relying, name: str) -> None:
    page = home.get(f"{authorize_url(bank.id, bank.redirect_uri)}&{name}=again")
    assert (page.status, page.location) == (400, None)


def test_s19_a_parameter_in_the_query_and_in_the_body_came_twice(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    assert home.post(url, {"scope": "openid payments"}).answer["error"] == "invalid_request"
    assert home.post(url, {"redirect_uri": bank.redirect_uri}).status == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": " ".join(f"s{n}" for n in range(60))}, "invalid_scope"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1e3"}, "invalid_request"),
        ({"max_age": "9" * 30}, "invalid_request"),
        ({"max_age": "\u0663"}, "invalid_request"),
        ({"prompt": "login none"}, "invalid_request"),
        ({"prompt": "none select_account"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token":[]}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":"aal2"}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":{"values":"aal2"}}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":{"values":[1]}}}'}, "invalid_request"),
        ({"claims": '{"id_token":{},"id_token":{}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"\\ud800":null}}'}, "invalid_request"),
        ({"claims": '{"id_token":' + "[" * 1500}, "invalid_request"),
        ({"claims": '{"a":"' + "x" * 8192 + '"}'}, "invalid_request"),
        ({"nonce": "n" * 2000}, "invalid_request"),
        ({"login_hint": "l" * 400}, "invalid_request"),
        ({"acr_values": "a " * 400}, "invalid_request"),
        ({"ui_locales": "de " * 100}, "invalid_request"),
        ({"authorization_details": "[" * 3000}, "invalid_authorization_details"),
        ({"authorization_details": "x" * 9000}, "invalid_authorization_details"),
    ],
)
def test_a_malformed_or_oversized_parameter_is_the_registered_error_and_never_5xx(
    home: Browser, bank: Relying, changed: dict[str, str], error: str
) -> None:
    page = home.get(authorize_url(bank.id, bank.redirect_uri, **changed))
    assert (page.status, page.answer["error"], page.answer["state"]) == (303, error, "state-1")


@pytest.mark.parametrize("state", ["ü \u2603", "a&b=c#d", "%2F+", "'\"<script>"])
def test_a_state_comes_back_exactly_as_it_was(home: Browser, bank: Relying, state: str) -> None:
    assert home.get(authorize_url(bank.id, bank.redirect_uri, state=state)).answer["state"] == state


def test_without_a_state_none_comes_back(home: Browser, bank: Relying) -> None:
    assert "state" not in home.get(authorize_url(bank.id, bank.redirect_uri, state="")).answer


def test_what_cannot_be_read_at_all_is_a_4xx_page(home: Browser, bank: Relying) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    for broken in ("&state=%zz", "&state=%ff", "&state=%00", "&a=1" * 300, "&state=" + "s" * 20_000):
        page = home.get(url + broken)
        assert 400 <= page.status < 500, broken[:20]
        assert page.location is None


# redirect addresses


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:9/callback?",
        "http://localhost:9/callback#x",
        "http://localhost:9/callback/../callback",
        "http://localhost:9/Callback",
        "http://LOCALHOST:9/callback",
        "http://localhost:9/callback%20",
        "http://localhost:9@evil.example/callback",
        "http://localhost:10/callback",
        "javascript:alert(1)",
        "",
    ],
)
def test_s19_only_the_exact_address_is_redirected_to(home: Browser, bank: Relying, address: str) -> None:
    page = home.get(authorize_url(bank.id, address))
    assert (page.status, page.location) == (400, None)


def test_rfc8252_the_port_of_a_loopback_address_may_differ_and_nothing_else(server: Running, home: Browser) -> None:
    native = server.client(
        "native",
        authentication=Authentication.NONE,
        redirect_uris=("http://127.0.0.1/cb", "http://[::1]:4000/cb?a=1", "http://localhost/cb"),
    )
    for allowed in ("http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "http://[::1]:51004/cb?a=1"):
        location = home.get(authorize_url(native.id, allowed)).location
        assert location
        assert location.startswith(allowed)
    refused = ("http://127.0.0.1:51004/cb2", "http://localhost:51004/cb", "http://127.0.0.2:51004/cb")
    for address in (*refused, "https://127.0.0.1:51004/cb", "http://x@127.0.0.1:5/cb", "http://127.0.0.1:99999/cb"):
        assert home.get(authorize_url(native.id, address)).status == 400


# PKCE


def test_rfc9700_an_old_confidential_client_may_leave_pkce_out_and_then_needs_a_nonce(
    server: Running, home: Browser
) -> None:
    old = server.client("old", pkce_optional=True)
    without = {"code_challenge": "", "code_challenge_method": ""}
    assert home.get(authorize_url(old.id, old.redirect_uri, **without, nonce="")).answer["error"] == "invalid_request"
    code = home.get(authorize_url(old.id, old.redirect_uri, **without)).answer["code"]
    assert old.redeem(code).json()["error"] == "invalid_grant"  # a verifier without a challenge
    code = home.get(authorize_url(old.id, old.redirect_uri, **without)).answer["code"]
    assert old.redeem(code, code_verifier="").status_code == 200


def test_a_client_registered_with_pkce_may_not_leave_it_out(home: Browser, bank: Relying, app: Relying) -> None:
    for client in (bank, app):
        url = authorize_url(client.id, client.redirect_uri, code_challenge="", code_challenge_method="")
        assert home.get(url).answer["error"] == "invalid_request"
