"""Sessions, levels, pages and limits, against the running server (S01, S05, S06, S07, S08, S17, S25, S31, S35)."""

import json
from collections.abc import Callable

import pytest
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device

Do = Callable[..., Page]
SESSION = "__Host-newel-s"
PAYMENT = {
    "type": "bank.transfer",
    "actions": ["send"],
    "fields": {
        "amount": {"minor": 500000, "currency": "EUR"},
        "payee": {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"},
    },
}


def test_s01_no_session_exists_before_the_required_set_is_proven(
    ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    page = browser.submit(ask(acr_values="aal2"), username=alex.name, password=alex.password)
    assert page.location
    assert page.location.startswith(server.issuer)
    assert SESSION not in browser.cookies
    assert server.rows("SELECT COUNT(*) FROM sessions WHERE subject = :id", id=alex.id) == [(0,)]
    assert "code" in browser.submit(browser.follow(page), otp=alex.code()).answer
    assert SESSION in browser.cookies


def test_s06_evidence_rotates_the_identifier_and_the_old_one_keeps_its_old_evidence(
    sign_in: Do, ask: Do, browser: Browser, server: Running, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    old = dict(browser.cookies)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    assert browser.cookies[SESSION] != old[SESSION]
    thief = Browser(server.issuer, cookies=old)
    assert (
        thief.get(authorize_url(bank.id, bank.redirect_uri, prompt="none", acr_values="aal2")).answer["error"]
        == "interaction_required"
    )
    assert "code" in ask(prompt="none", acr_values="aal2").answer
    assert thief.get(authorize_url(bank.id, bank.redirect_uri, prompt="none")).answer["error"] == "login_required"
    thief.close()


def test_s06_a_refresh_token_from_before_a_step_up_never_yields_the_higher_level(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    before = bank.redeem(sign_in(alex, scope="openid offline_access").answer["code"]).json()
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    after = bank.refresh(before["refresh_token"]).json()["access_token"]
    assert bank.introspect(after)["acr"] == "aal1"


def test_s07_a_declined_step_up_leaves_the_base_session_untouched(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    held = browser.cookies[SESSION]
    page = ask(acr_values="aal2")
    form = page.form("otp")["fields"]
    assert isinstance(form, dict)
    no = browser.post(page.url, {"csrf": form["csrf"], "decision": "decline"})
    assert no.answer["error"] == "access_denied"
    assert browser.cookies[SESSION] == held
    assert "code" in ask(prompt="none").answer


def test_s08_another_person_cannot_finish_a_pinned_ceremony(
    sign_in: Do, ask: Do, browser: Browser, alex: Person, sam: Person
) -> None:
    sign_in(alex)
    page = ask(prompt="login")
    answer = browser.submit(page, password=sam.password)
    assert "code" not in answer.answer


def test_s17_another_action_needs_another_yes(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(authorization_details=json.dumps([PAYMENT])), otp=alex.code())
    changed = {**PAYMENT, "fields": {**PAYMENT["fields"], "amount": {"minor": 510000, "currency": "EUR"}}}  # type: ignore[dict-item]
    assert ask(authorization_details=json.dumps([changed])).status == 200
    assert ask(authorization_details=json.dumps([PAYMENT])).status == 200
    silent = ask(prompt="none", authorization_details=json.dumps([PAYMENT]))
    assert silent.answer["error"] == "interaction_required"


def test_s25_a_thief_with_the_password_cannot_add_what_counts_as_a_second_factor(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    device = Device()
    options = next(
        str(f["data"]["data-passkey-create"]) for f in page.parsed.forms if "data-passkey-create" in f["data"]
    )  # type: ignore[operator,index]
    added = browser.submit(
        page, has=("attestation",), attestation=device.create(options, origin=server.issuer), name="Mine"
    )
    assert added.location == f"{server.issuer}/account"
    assert server.rows("SELECT ceiling FROM authenticators WHERE subject = :id AND method = 'passkey'", id=sam.id) == [
        ("aal1",)
    ]
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"
    fresh = server.browser()
    assert fresh.get("/account").status == 303
    fresh.close()


@pytest.mark.parametrize(
    "headers", [{"origin": "http://127.0.0.1:1"}, {"origin": "null"}, {"origin": "null", "sec-fetch-site": "same-site"}]
)
def test_s31_a_form_from_another_origin_changes_nothing(
    ask: Do, browser: Browser, sam: Person, headers: dict[str, str]
) -> None:
    page = ask()
    form = page.form("username")["fields"]
    assert isinstance(form, dict)
    told = {**form, "username": sam.name, "password": sam.password}
    assert browser.post(page.url, told, headers=headers).status == 403
    assert SESSION not in browser.cookies


def test_s31_another_browser_cannot_answer_an_interaction(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    page = ask()
    stranger = server.browser()
    assert stranger.get(page.url).status == 404
    form = page.form("username")["fields"]
    assert isinstance(form, dict)
    assert stranger.post(page.url, {**form, "username": sam.name, "password": sam.password}).status == 403
    stranger.close()


def test_s31_an_unknown_name_and_a_wrong_password_look_alike(ask: Do, browser: Browser, sam: Person) -> None:
    known = browser.submit(ask(), username=sam.name, password="wrong wrong wrong")
    unknown = browser.submit(ask(), username="nobody at all", password="wrong wrong wrong")
    assert (known.status, known.location.split("?")[1]) == (unknown.status, unknown.location.split("?")[1])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path", ["/authorize", "/par", "/token", "/introspect", "/revoke", "/userinfo", "/account", "/sign-out", "/i/x"]
)
@pytest.mark.parametrize(
    "body",
    [b"x" * 100_000, b"%", b"a=%ff", b"a=1&" * 300, b"a=%00", b"\x00\x01", b"authorization_details=" + b"[" * 9000],
)
def test_s35_hostile_bodies_give_4xx_and_never_5xx(server: Running, path: str, body: bytes) -> None:
    answer = server.http.post(
        server.issuer + path, content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert 300 < answer.status_code < 500


def test_s35_long_headers_and_many_headers_are_refused(server: Running) -> None:
    assert server.http.get(server.issuer + "/healthz", headers={"x-long": "x" * 20_000}).status_code == 431
    many = {f"x-{n}": "1" for n in range(200)}
    assert server.http.get(server.issuer + "/healthz", headers=many).status_code == 431


def test_s25_a_second_address_never_takes_over_an_account(browser: Browser, server: Running) -> None:
    first = server.sign_up_address("newcomer")
    page = browser.follow(browser.submit(browser.get(first), has=("csrf",)))
    late = browser.follow(browser.submit(browser.get(first), has=("csrf",)))
    assert browser.submit(page, password="violet harbour 77").status == 303
    assert browser.get(first).status == 410
    assert browser.submit(late, password="another harbour 78").status == 410
    invited = server.cli("user", "invite", "newcomer").stdout
    second = next((word for word in invited.split() if "/sign-up/" in word), None)
    assert second is None or browser.get(second).status == 410
