"""The page between a request and its answer: whose it is, how long it lives, and every way out of it (S07, S08, S17, S31)."""

import json
import re
from collections.abc import Callable

import pytest
from server.tests.protocol.exchange import PAYMENT, aged, claims
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running

from newel.domain.interaction import Interaction
from newel.storage.codec import decoder

Do = Callable[..., Page]
stored = decoder(Interaction)


def fields(page: Page, *names: str) -> dict[str, str]:
    return dict(page.form(*names)["fields"])


def of(server: Running, page: Page) -> Interaction:
    return stored(server.rows("SELECT body FROM interactions WHERE id = :id", id=name(page))[0][0])


def name(page: Page) -> str:
    found = re.search(r"/i/([^/?]+)", page.url)
    assert found
    return found[1]


def session(browser: Browser) -> str | None:
    return browser.cookies.get("__Host-newel-s")


@pytest.fixture
def stepping(sign_in: Do, ask: Do, alex: Person) -> Page:
    """The page that asks alex, who is signed in by password, for a code."""
    sign_in(alex)
    return ask(acr_values="aal2")


def test_every_page_and_redirect_is_unstored_and_no_redirect_repeats_a_post(
    stepping: Page, browser: Browser, alex: Person
) -> None:
    wrong = browser.submit(stepping, otp="000000")
    right = browser.submit(browser.follow(wrong), otp=alex.code())
    assert [wrong.status, right.status] == [303, 303]
    for page in (stepping, wrong, right):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://localhost:9"},
        {"origin": "null"},
        {"origin": "http://localhost"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
)
def test_s31_a_post_from_elsewhere_is_403_and_changes_nothing(
    stepping: Page, browser: Browser, server: Running, alex: Person, headers: dict[str, str]
) -> None:
    before = of(server, stepping)
    page = browser.post(stepping.url, {**fields(stepping, "otp"), "otp": alex.code()}, headers=headers)
    assert (page.status, page.location) == (403, None)
    assert of(server, stepping) == before


@pytest.mark.parametrize("token", ["", "x", "\u00fc"])
def test_s31_a_post_without_the_forms_token_is_403(stepping: Page, browser: Browser, alex: Person, token: str) -> None:
    page = browser.post(stepping.url, {**fields(stepping, "otp"), "otp": alex.code(), "csrf": token})
    assert (page.status, page.location) == (403, None)


@pytest.mark.parametrize("path", ["", "/ways", "/again"])
def test_s31_no_address_of_it_takes_a_post_without_the_token(stepping: Page, browser: Browser, path: str) -> None:
    assert browser.post(stepping.url + path, {"way": "totp", "decision": "decline"}).status == 403


def test_another_browser_sees_nothing_and_can_do_nothing(stepping: Page, server: Running, alex: Person) -> None:
    other = server.browser()
    shown = other.get(stepping.url)
    assert (shown.status, "Not you" in shown.body) == (404, False)
    answered = other.post(stepping.url, {**fields(stepping, "otp"), "otp": alex.code()})
    assert (answered.status, answered.location) == (403, None)
    for path in ("/ways", "/why", "/not-you"):
        page = other.follow(other.get(stepping.url + path))
        assert page.status == 404
    other.close()


def test_a_form_of_one_interaction_with_the_browser_of_another_is_refused(
    stepping: Page, server: Running, bank: Relying, alex: Person
) -> None:
    thief = server.browser()
    own = thief.follow(thief.get(authorize_url(bank.id, bank.redirect_uri)))
    page = thief.post(stepping.url, {**fields(own, "username"), "way": "totp", "otp": alex.code()})
    assert page.status == 403
    thief.close()


def test_an_unknown_interaction_is_404_and_not_told_from_anothers(
    browser: Browser, stepping: Page, server: Running
) -> None:
    other = server.browser()
    unknown, foreign = other.get("/i/FP7unknown"), other.get(stepping.url)
    assert unknown.status == foreign.status == 404
    assert unknown.title == foreign.title
    for odd in ("%2e%2e", "%00", "x" * 3000, "\u2603"):
        assert 400 <= other.get(f"/i/{odd}").status < 500
    other.close()


def test_an_expired_one_is_a_page_whose_button_asks_again_and_works(
    stepping: Page, browser: Browser, server: Running, bank: Relying, alex: Person
) -> None:
    before = session(browser)
    aged(server, "interaction", name(stepping), 700)
    late = browser.follow(browser.post(stepping.url, {**fields(stepping, "otp"), "otp": alex.code()}))
    assert (late.status, session(browser)) == (410, before)
    form = late.form("csrf")
    assert str(form["action"]).endswith("/again")
    page = browser.follow(browser.post(str(form["action"]), dict(form["fields"])))
    assert (page.status, name(page) != name(stepping)) == (200, True)
    answer = browser.submit(page, otp=alex.code()).answer
    assert answer["state"] == "state-1"
    assert claims(bank.redeem(answer["code"]).json()["id_token"])["acr"] == "aal2"


def test_nothing_is_asked_again_while_it_is_open_or_once_it_was_answered(
    stepping: Page, browser: Browser, server: Running, alex: Person
) -> None:
    csrf = fields(stepping, "otp")["csrf"]
    count = len(server.rows("SELECT id FROM interactions"))
    early = browser.post(f"{stepping.url}/again", {"csrf": csrf})
    assert (early.status, early.location) == (303, stepping.url)
    assert "code" in browser.submit(stepping, otp=alex.code()).answer
    aged(server, "interaction", name(stepping), 700)
    late = browser.post(f"{stepping.url}/again", {"csrf": csrf})
    assert (late.status, late.location) == (303, stepping.url)
    assert len(server.rows("SELECT id FROM interactions")) == count


def test_s07_a_no_is_access_denied_and_leaves_the_session_as_it_was(
    stepping: Page, browser: Browser, ask: Do, bank: Relying, server: Running
) -> None:
    before = session(browser)
    page = browser.post(stepping.url, {"csrf": fields(stepping, "otp")["csrf"], "decision": "decline"})
    assert (page.status, page.answer["error"], page.answer["state"]) == (303, "access_denied", "state-1")
    assert page.answer["iss"] == server.issuer
    assert session(browser) == before
    assert claims(bank.redeem(ask().answer["code"]).json()["id_token"])["acr"] == "aal1"


def test_a_declined_one_cannot_be_answered_afterwards(stepping: Page, browser: Browser, alex: Person) -> None:
    token = fields(stepping, "otp")["csrf"]
    browser.post(stepping.url, {"csrf": token, "decision": "decline"})
    page = browser.post(stepping.url, {"csrf": token, "way": "totp", "otp": alex.code()})
    assert page.location == stepping.url.partition("?")[0]
    assert "code" not in browser.follow(page).answer


def test_a_second_press_lands_on_the_same_result(stepping: Page, browser: Browser, bank: Relying, alex: Person) -> None:
    values = {**fields(stepping, "otp"), "otp": alex.code()}
    first = browser.post(stepping.url, values)
    second = browser.follow(browser.post(stepping.url, values))
    assert second.location == first.location
    assert bank.redeem(second.answer["code"]).status_code == 200


def test_five_wrong_answers_end_it_and_a_right_one_comes_too_late(
    stepping: Page, browser: Browser, bank: Relying, ask: Do, alex: Person
) -> None:
    page = stepping
    for _ in range(5):
        page = browser.follow(browser.submit(page, otp="000000"))
    spent = browser.post(stepping.url, {**fields(stepping, "otp"), "otp": alex.code()})
    assert (spent.status, "code" in spent.answer) == (429, False)
    assert claims(bank.redeem(ask().answer["code"]).json()["id_token"])["acr"] == "aal1"


@pytest.mark.parametrize(
    "otp", ["", "abc", "1" * 7, "\u0661\u0662\u0663\u0661\u0662\u0663", "1" * 50_000, "<script>", "-12345"]
)
def test_an_odd_answer_is_a_wrong_answer(stepping: Page, browser: Browser, otp: str) -> None:
    page = browser.post(stepping.url, {**fields(stepping, "otp"), "otp": otp})
    assert page.status == 303
    assert "error=" in str(page.location)
    assert browser.follow(page).status == 200


@pytest.mark.parametrize(
    "way", ["", "unknown", "passkey", "security_key", "recovery_code", "password", "totp\u0000", "../x"]
)
def test_a_way_that_is_not_on_offer_proves_nothing(stepping: Page, browser: Browser, way: str) -> None:
    page = browser.post(stepping.url, {**fields(stepping, "otp"), "otp": "123456", "assertion": "{}", "way": way})
    assert page.status in {303, 400}
    assert "code" not in page.answer


def test_an_oversized_or_broken_form_is_4xx(stepping: Page, browser: Browser) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for content, status in (("otp=" + "1" * 70_000, 413), ("otp=%zz", 400), ("a=1&" * 300, 400), ("otp=1&otp=2", 403)):
        assert browser.request("POST", stepping.url, content=content, headers=form).status == status


def test_s17_another_language_makes_a_new_digest_and_the_old_page_no_longer_confirms_it(
    sign_in: Do, ask: Do, browser: Browser, server: Running, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    english = ask(authorization_details=json.dumps([PAYMENT]))
    before = of(server, english)
    german = browser.get(f"{english.url}?ui_locales=de")
    after = of(server, german)
    assert before.action
    assert after.action
    assert (before.action.locale, after.action.locale) == ("en", "de")
    assert before.action.digest() != after.action.digest()
    assert {each.digest for each in after.challenges} == {after.action.digest()}
    answer = bank.redeem(browser.submit(german, otp=alex.code()).answer["code"]).json()
    entry = claims(answer["access_token"])["authorization_details"][0]
    assert entry["elevation"]["display"]["locale"] == "de"
    assert "5.000,00" in entry["elevation"]["display"]["text"].replace("\u00a0", " ")


def test_not_you_signs_out_keeps_the_request_and_asks_who(
    stepping: Page, browser: Browser, bank: Relying, sam: Person
) -> None:
    page = browser.follow(browser.get(f"{stepping.url}/not-you"))
    page = browser.follow(browser.post("/sign-out", {**fields(page, "interaction"), "decision": "sign_out"}))
    assert page.form("username", "password")
    answer = browser.follow(browser.submit(page, username=sam.name, password=sam.password))
    assert "code" not in answer.answer  # sam has no second proof for the same request
    assert name(answer) != name(stepping)


def test_s08_somebody_elses_proof_never_answers_a_pinned_interaction(
    stepping: Page, browser: Browser, server: Running
) -> None:
    other = server.person(f"eve-{name(stepping)[-6:].lower()}", app=True)
    page = browser.submit(stepping, otp=other.code())
    assert "code" not in page.answer


def test_an_unknown_name_and_a_wrong_password_look_the_same(ask: Do, browser: Browser, sam: Person) -> None:
    first, second = ask(), ask()
    unknown = browser.follow(browser.submit(first, username="nobody-at-all", password="x"))
    wrong = browser.follow(browser.submit(second, username=sam.name, password="x"))
    assert unknown.status == wrong.status
    assert unknown.text.replace("nobody-at-all", "") == wrong.text.replace(sam.name, "")


def test_the_pages_may_send_a_form_to_the_registered_origin_alone(stepping: Page) -> None:
    policy = stepping.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:9;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy
