"""S19: exact redirect matching, `iss` in every answer, PKCE without downgrade, no open redirector, nothing twice."""

from urllib.parse import urlencode

import pytest
from tests.security.stage import Do, fields, number
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import REDIRECT, Person, Relying, Running

from newel.domain.client import Authentication

NATIVE = "http://127.0.0.1:9/back"


@pytest.mark.parametrize(
    "address",
    [
        REDIRECT + "/",
        REDIRECT + "?x=1",
        REDIRECT + "#",
        REDIRECT + "%2e",
        REDIRECT.replace("localhost", "LOCALHOST"),
        REDIRECT.replace("localhost", "localhost."),
        REDIRECT.replace("localhost", "localhost@evil.example"),
        REDIRECT.replace(":9", ":10"),
        REDIRECT.replace("http:", "https:"),
        REDIRECT.replace("callback", "callback/../callback"),
        "https://evil.example/callback",
        "//evil.example/callback",
        "javascript:alert(1)",
        REDIRECT + "\\@evil.example",
        REDIRECT + " ",
    ],
)
def test_s19_no_other_address_is_ever_redirected_to(browser: Browser, bank: Relying, address: str) -> None:
    for more in ({}, {"response_type": "token"}, {"prompt": "none"}, {"scope": "openid openid\x00"}):
        answer = browser.get(authorize_url(bank.id, address, **more))
        assert (answer.status, answer.location) == (400, None)
        assert "evil.example" not in answer.body
        assert "evil.example" not in answer.headers["content-security-policy"]


def test_s19_only_a_native_clients_loopback_port_may_differ(browser: Browser, server: Running) -> None:
    method = Authentication.NONE
    app = server.client("native-app", authentication=method, redirect_uris=(NATIVE, "http://localhost:9/back"))
    assert browser.get(authorize_url(app.id, NATIVE.replace(":9", ":51234"))).status == 200
    for other in ("http://127.0.0.2:9/back", "http://localhost:10/back", "http://127.0.0.1:51234/other"):
        assert browser.get(authorize_url(app.id, other)).status == 400


def test_s19_every_answer_names_its_issuer(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    declined = ask(state="a")
    no = browser.post(declined.url, {"csrf": fields(declined, "username")["csrf"], "decision": "decline"})
    answers = [
        no,
        ask(prompt="none"),
        ask(response_type="token"),
        ask(scope="nothing"),
        ask(prompt="none login"),
        sign_in(sam),
        ask(acr_values="aal2"),
    ]
    for answer in answers:
        assert (answer.location or "").startswith(f"{REDIRECT}?")
        assert answer.answer["iss"] == server.issuer
        assert answer.answer["state"]


@pytest.mark.parametrize(
    "downgrade",
    [
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": "short"},
        {"code_challenge": "", "code_challenge_method": ""},
    ],
)
def test_s19_pkce_is_never_downgraded(sign_in: Do, ask: Do, sam: Person, downgrade: dict[str, str]) -> None:
    sign_in(sam)
    assert ask(**downgrade).answer["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", ["", "x" * 43, "E9Melhoa2OwvFrEMTJguCHaoeGl8syPPqqY5PDJPd5g"])
def test_s19_a_code_is_worth_nothing_without_its_verifier(
    sign_in: Do, bank: Relying, sam: Person, verifier: str
) -> None:
    code = sign_in(sam).answer["code"]
    assert bank.redeem(code, code_verifier=verifier).json()["error"] == "invalid_grant"


def test_s19_a_code_is_worth_nothing_at_another_address(sign_in: Do, bank: Relying, sam: Person) -> None:
    assert bank.redeem(sign_in(sam).answer["code"], redirect_uri=NATIVE).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "response_type", "code_challenge", "prompt", "acr_values"])
def test_s19_a_parameter_that_comes_twice_is_refused(browser: Browser, bank: Relying, name: str) -> None:
    url = authorize_url(bank.id, bank.redirect_uri, prompt="login", acr_values="aal1")
    twice = browser.get(f"{url}&{name}=again")
    assert twice.answer["error"] == "invalid_request"
    both = browser.post(url, {name: "again"}, headers={"content-type": "application/x-www-form-urlencoded"})
    assert both.answer["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s19_a_second_client_or_address_gets_a_page_and_no_redirect(browser: Browser, bank: Relying, name: str) -> None:
    url = authorize_url(bank.id, bank.redirect_uri)
    assert browser.get(f"{url}&{name}=https://evil.example").status == 400
    assert browser.post(url, {name: "https://evil.example"}).status == 400


def test_s19_no_page_of_ours_redirects_anywhere_else(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    page = ask()
    evil = "https://evil.example/"
    sign_in(sam)
    doors = [
        f"/i/{number(page)}/not-you?next={evil}",
        f"/i/{number(page)}?next={evil}&ui_locales={evil}",
        f"/sign-out?interaction={evil}",
        f"/sign-out?post_logout_redirect_uri={evil}",
        f"/account?next={evil}&done={evil}&name={evil}",
        f"/.well-known/change-password?next={evil}",
        f"/account/add/{evil}",
        "//evil.example/",
        "/\\evil.example/",
        "/https://evil.example/",
        f"/sign-up/{urlencode({'x': evil})}",
    ]
    for door in doors:
        answer = browser.get(server.issuer + door)
        assert (answer.location or server.issuer).startswith(server.issuer)
        assert 'href="//evil' not in answer.body
        assert f'href="{evil}' not in answer.body
        assert "evil.example" not in answer.headers.get("content-security-policy", "")


def test_s19_another_browsers_interaction_names_no_address(
    ask: Do, sign_in: Do, browser: Browser, server: Running, sam: Person, alex: Person
) -> None:
    page = ask()
    other = server.browser()
    start = other.follow(other.get("/account"))
    other.submit(start, username=alex.name, password=alex.password)
    shown = other.get(f"/sign-out?interaction={number(page)}")
    assert shown.status == 200
    assert REDIRECT.removesuffix("/callback") not in shown.headers["content-security-policy"]
    taken = other.submit(shown, has=("csrf",), decision="sign_out")
    assert (taken.status, taken.location) == (404, None)
    other.close()
