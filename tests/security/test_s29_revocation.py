"""S29: revocation reaches everything below it: the server and introspection at once, a polling guard within 5 s."""

import time
from collections.abc import Callable

import httpx2
from tests.security.bank_site import Site, customer
from tests.security.stage import Do, add_passkey, confirm_passkey, execute, fields, twin
from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device

from newel.domain.client import Authentication

Tokens = dict[str, str]


def sign_out(browser: Browser) -> None:
    browser.submit(browser.get("/sign-out"), has=("csrf",), decision="sign_out")


def userinfo(server: Running, token: str) -> int:
    answer = server.http.get(f"{server.issuer}/userinfo", headers={"authorization": f"Bearer {token}"})
    return int(answer.status_code)


def nothing_left(server: Running, bank: Relying, tokens: Tokens) -> None:
    assert bank.introspect(tokens["access_token"]) == {"active": False}
    assert bank.introspect(tokens["refresh_token"]) == {"active": False}
    assert userinfo(server, tokens["access_token"]) == 401
    assert bank.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def issued(sign_in: Do, bank: Relying, person: Person) -> Tokens:
    tokens = dict(bank.redeem(sign_in(person, scope="openid offline_access").answer["code"]).json())
    assert bank.introspect(tokens["access_token"])["active"]
    return tokens


def test_s29_a_sign_out_ends_every_token_of_the_session_at_once(
    sign_in: Do, browser: Browser, bank: Relying, server: Running, sam: Person
) -> None:
    tokens = issued(sign_in, bank, sam)
    kept = twin(browser)
    sign_out(browser)
    nothing_left(server, bank, tokens)
    assert kept.get(authorize_url(bank.id, bank.redirect_uri, prompt="none")).answer["error"] == "login_required"
    kept.close()


def test_s29_a_code_of_an_ended_session_is_worth_nothing(
    sign_in: Do, browser: Browser, bank: Relying, sam: Person
) -> None:
    code = sign_in(sam).answer["code"]
    sign_out(browser)
    assert bank.redeem(code).json()["error"] == "invalid_grant"


def test_s29_a_disabled_person_is_out_at_once_everywhere(
    sign_in: Do, browser: Browser, bank: Relying, server: Running, sam: Person
) -> None:
    tokens = issued(sign_in, bank, sam)
    assert server.cli("user", "disable", sam.name).returncode == 0
    nothing_left(server, bank, tokens)
    browser.cookies.clear()
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri)))
    assert "code" not in browser.submit(page, username=sam.name, password=sam.password).answer


def test_s29_a_revoked_refresh_token_takes_its_family_along(
    sign_in: Do, bank: Relying, server: Running, sam: Person
) -> None:
    tokens = issued(sign_in, bank, sam)
    assert bank.post("/revoke", token=tokens["refresh_token"]).status_code == 200
    nothing_left(server, bank, tokens)


def test_s29_a_revoked_access_token_ends_alone(sign_in: Do, bank: Relying, server: Running, sam: Person) -> None:
    tokens = issued(sign_in, bank, sam)
    assert bank.post("/revoke", token=tokens["access_token"]).status_code == 200
    assert bank.introspect(tokens["access_token"]) == {"active": False}
    assert userinfo(server, tokens["access_token"]) == 401
    assert bank.refresh(tokens["refresh_token"]).status_code == 200


def test_s29_another_client_revokes_nothing(sign_in: Do, bank: Relying, server: Running, sam: Person) -> None:
    other, tokens = server.client("revoking-web"), issued(sign_in, bank, sam)
    for token in tokens["access_token"], tokens["refresh_token"]:
        assert other.post("/revoke", token=token).status_code == 200
    assert bank.introspect(tokens["access_token"])["active"]
    assert bank.refresh(tokens["refresh_token"]).status_code == 200


def public(server: Running, browser: Browser, person: Person, name: str) -> tuple[Relying, str]:
    """A public client and its first refresh token."""
    app = server.client(name, authentication=Authentication.NONE)
    url = authorize_url(app.id, app.redirect_uri, scope="openid offline_access")
    page = browser.submit(browser.follow(browser.get(url)), username=person.name, password=person.password)
    return app, str(app.redeem(page.answer["code"]).json()["refresh_token"])


def test_s29_a_public_clients_refresh_token_rotates_and_its_reuse_ends_the_family(
    browser: Browser, server: Running, sam: Person
) -> None:
    app, first = public(server, browser, sam, "public-1")
    second = app.refresh(first).json()["refresh_token"]
    third = app.refresh(second).json()
    assert app.refresh(first).json()["error"] == "invalid_grant"
    assert app.refresh(third["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(server, third["access_token"]) == 401


def test_s29_a_made_up_token_of_a_known_family_ends_nothing(browser: Browser, server: Running, sam: Person) -> None:
    app, first = public(server, browser, sam, "public-guessed")
    family = first.split(".")[0]
    for guess in ("garbage", "0" * 96):
        assert app.refresh(f"{family}.{guess}").json()["error"] == "invalid_grant"
    assert app.refresh(first).status_code == 200


def test_s29_the_previous_one_is_forgiven_once_within_30_seconds_while_its_successor_is_unused(
    browser: Browser, server: Running, sam: Person
) -> None:
    app, first = public(server, browser, sam, "public-2")
    lost = app.refresh(first).json()["refresh_token"]
    found = app.refresh(first).json()["refresh_token"]
    assert found != lost
    family = first.split(".")[0]
    execute(server, "UPDATE families SET rotated_at = rotated_at - 31 WHERE id = :id", id=family)
    assert app.refresh(first).json()["error"] == "invalid_grant"
    assert app.refresh(found).json()["error"] == "invalid_grant"


def test_s29_what_was_half_proven_ends_with_its_session(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    assert any("data-passkey-create" in form["data"] for form in page.parsed.forms)
    sign_out(browser)
    assert browser.get(page.url).status == 404
    confirm_passkey(browser, page, Device())
    assert server.rows("SELECT method FROM authenticators WHERE subject = :s", s=sam.id) == [("password",)]


def test_s29_an_open_step_up_ends_with_its_session(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2", prompt="login")
    page = browser.follow(browser.submit(page, password=alex.password))
    assert page.form("otp")
    sign_out(browser)
    assert "code" not in browser.submit(page, otp=alex.code()).answer


def test_s29_this_was_not_me_ends_the_session_it_came_from(
    sign_in: Do, ask: Do, browser: Browser, bank: Relying, server: Running, alex: Person
) -> None:
    tokens = issued(sign_in, bank, alex)
    page = ask(acr_values="aal2")
    browser.post(page.url, {"csrf": fields(page, "otp")["csrf"], "decision": "report"})
    nothing_left(server, bank, tokens)


def within(seconds: float, holds: Callable[[], bool], looks: int = 500) -> bool:
    """Whether it holds before that many seconds are over, and that many looks: a slow machine has fewer in a second."""
    ends = time.monotonic() + seconds
    while looks > 0 or time.monotonic() < ends:
        looks -= 1
        if holds():
            return True
    return False


def test_s29_a_polling_guard_learns_of_it_within_5_seconds(site: Site, sam: Person) -> None:
    here = customer(site, sam)
    code = here.home.get(authorize_url(site.client.id, site.client.redirect_uri)).answer["code"]
    token = site.client.redeem(code).json()["access_token"]
    with httpx2.Client(base_url=site.origin, headers={"authorization": f"Bearer {token}"}) as program:
        assert program.get("/api/accounts").status_code == 200
        assert here.bank.get("/accounts").status == 200
        sign_out(here.home)
        assert within(5, lambda: program.get("/api/accounts").status_code == 401)
    assert here.bank.get("/accounts").status == 303


def test_s29_a_removed_authenticator_counts_in_no_session(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    add_passkey(browser, Device())
    other = twin(browser)
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    ((key,),) = server.rows("SELECT id FROM authenticators WHERE subject = :s AND method = 'passkey'", s=sam.id)
    assert "done=removed" in (browser.post("/account", {"csrf": csrf, "act": "remove", "id": key}).location or "")
    assert server.rows("SELECT 1 FROM authenticators WHERE id = :i", i=key) == []
    other.close()
    assert "code" in ask(prompt="none").answer
