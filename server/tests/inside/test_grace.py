"""Grace: what a rule demands at sign-in is put off as often and as long as it says, and never looks like met."""

import time
from datetime import UTC, datetime

import pytest
from server.tests.inside.acts import APOSTROPHE, Do, heading
from server.tests.inside.graced import (
    NO_APP,
    PASSKEY,
    REFUSED,
    SECOND,
    SOON,
    begun,
    claims,
    count,
    noon,
    offers,
    put_off,
    recorded,
    rule,
)
from server.tests.inside.inside import DEPOT, Inside
from server.tests.inside.switched import BANK, UNMET, deciding
from tests.security.stage import fields
from tests.simulators.person import Browser
from tests.simulators.running import Person, Relying


def test_a_demand_that_the_account_cannot_meet_is_put_off_and_the_token_says_what_was_proven(
    server: Inside, browser: Browser, bank: Relying, sam: Person
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        assert heading(page) == SOON
        done = put_off(browser, page)
        told = claims(bank, done)
    assert (told["acr"], told["amr"]) == ("aal1", ["pwd"])
    assert "phr" not in told["newel_acrs"]
    assert count(server, sam) == 1


def test_it_says_in_both_languages_how_often_and_until_when(
    server: Inside, browser: Browser, bank: Relying, sam: Person
) -> None:
    last = noon(10)
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        assert f"put this off 2 more times, until {last.day} " in page.text
        german = browser.get(page.url + "?ui_locales=de")
        assert "Jetzt nicht" in german.text
        assert f"noch 2-mal aufschieben, bis zum {last.day}. " in german.text
        browser.cookies.pop("newel-lang", None)
        put_off(browser, page)
        assert "put this off once more, until" in begun(browser, bank, sam).text


def test_the_page_that_asks_for_a_proof_offers_to_put_it_off(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        page = begun(browser, bank, alex)
        assert page.form("otp")
        assert offers(page)
        assert claims(bank, put_off(browser, page))["acr"] == "aal1"


def test_whoever_proves_what_is_asked_has_put_nothing_off(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        page = begun(browser, bank, alex)
        assert claims(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"
    assert count(server, alex) == 0


def test_an_enrolment_can_be_put_off_and_what_was_proven_on_the_way_counts(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(NO_APP), DEPOT):
        page = begun(browser, bank, alex)
        assert page.form("otp")
        assert offers(page)
        page = browser.follow(browser.submit(page, otp=alex.code()))
        assert heading(page) == "Add a passkey"
        assert offers(page)
        done = put_off(browser, page)
        assert claims(bank, done)["acr"] == "aal2"
    assert count(server, alex) == 1
    sql = "SELECT method FROM authenticators WHERE subject = :s AND method = 'passkey'"
    assert server.rows(sql, s=alex.id) == []


def test_what_no_rule_with_grace_demands_is_still_asked_after_a_skip(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    both = rule(PASSKEY) + rule(SECOND, rule_id="second", grace=False)
    with deciding(server, BANK + both, DEPOT):
        page = begun(browser, bank, alex)
        assert heading(page) == SOON
        page = browser.follow(put_off(browser, page))
        assert page.form("otp")
        assert not offers(page)
        assert count(server, alex) == 0
        assert browser.follow(browser.post(page.url, {**fields(page, "otp"), "decision": "skip"})).form("otp")
        assert claims(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"
    assert count(server, alex) == 1


@pytest.mark.parametrize("asked", [{"scope": "openid payments"}, {"acr_values": "aal2"}])
def test_the_demand_of_a_scope_or_a_client_is_still_asked_after_a_skip(
    server: Inside, browser: Browser, bank: Relying, alex: Person, asked: dict[str, str]
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = browser.follow(put_off(browser, begun(browser, bank, alex, **asked)))
        assert page.form("otp")
        assert claims(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"


def test_what_the_client_itself_demands_is_never_put_off(
    server: Inside, browser: Browser, bank: Relying, sam: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        assert begun(browser, bank, sam, acr_values="aal2").answer["error"] == UNMET


def test_a_skip_gives_no_age_that_the_client_did_not_get(
    server: Inside, ask: Do, browser: Browser, bank: Relying, sam: Person
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        put_off(browser, begun(browser, bank, sam))
        page = browser.follow(put_off(browser, ask(prompt="login")))
        assert page.form("password")
        assert "code" in browser.submit(page, password=sam.password, has=("password",)).answer


def test_nothing_is_put_off_where_an_action_is_confirmed(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    details = (
        '[{"type":"depot.order","actions":["buy"],"fields":{"value":{"minor":100,"currency":"EUR"},'
        '"fee":{"minor":1,"currency":"EUR"},"depot":{"id":"DE89370400440532013000","name":"M","country":"DE"},'
        '"pieces":1}}]'
    )
    with deciding(server, BANK + rule(SECOND), DEPOT):
        page = begun(browser, bank, alex, authorization_details=details)
        assert page.form("otp")
        assert not offers(page)
        late = put_off(browser, page)
        assert (late.status, heading(late)) == (409, REFUSED)


def test_without_a_page_nothing_is_put_off(
    server: Inside, ask: Do, browser: Browser, bank: Relying, sam: Person
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        put_off(browser, begun(browser, bank, sam))
        assert ask(prompt="none").answer["error"] == UNMET


def test_after_the_last_skip_it_is_offered_no_more(
    server: Inside, browser: Browser, bank: Relying, alex: Person, sam: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        for _ in range(2):
            assert "code" in put_off(browser, begun(browser, bank, alex)).answer
        page = begun(browser, bank, alex)
        assert page.form("otp")
        assert not offers(page)
        late = put_off(browser, page)
        assert (late.status, heading(late)) == (409, REFUSED)
        assert f'href="/i/{page.url.rpartition("/i/")[2]}"' in late.body
        assert "code" in browser.submit(page, otp=alex.code()).answer
        for _ in range(2):
            put_off(browser, begun(browser, bank, sam))
        assert begun(browser, bank, sam).answer["error"] == UNMET
    assert (count(server, alex), count(server, sam)) == (2, 2)


def test_after_its_date_it_is_offered_no_more_and_a_page_from_before_gives_nothing(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    until = f"{datetime.fromtimestamp(time.time() + 300, UTC):%Y-%m-%dT%H:%M:%SZ}"
    ending = rule(SECOND).partition("    grace:")[0] + f"    grace: {{until: {until}, skips: 2}}\n"
    with deciding(server, BANK + ending, DEPOT):
        page = begun(browser, bank, alex)
        assert offers(page)
        with server.later(301):
            assert not offers(browser.get(page.url))
            assert put_off(browser, page).status == 409
            assert not offers(begun(browser, bank, alex))
    assert count(server, alex) == 0


def test_two_rules_are_counted_each_for_itself(server: Inside, browser: Browser, bank: Relying, alex: Person) -> None:
    two = rule(SECOND, rule_id="second", skips=1) + rule(PASSKEY, skips=3)
    with deciding(server, BANK + two, DEPOT):
        page = begun(browser, bank, alex)
        assert "put this off once more" in page.text
        assert claims(bank, put_off(browser, page))["acr"] == "aal1"
        page = browser.follow(put_off(browser, begun(browser, bank, alex)))
        assert page.form("otp")
        assert claims(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"
    assert (count(server, alex, "second"), count(server, alex)) == (1, 2)


def test_signing_in_to_the_house_itself_can_be_put_off_too(server: Inside, browser: Browser, sam: Person) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = browser.follow(browser.get("/account"))
        page = browser.follow(browser.submit(page, username=sam.name, password=sam.password))
        assert heading(page) == SOON
        done = browser.follow(put_off(browser, page))
        assert heading(done) == f"Ways to confirm it{APOSTROPHE}s you"
    assert count(server, sam) == 1
    assert recorded(server, "account.opened")[-1][0]["skipped"] == ["soon"]


def test_nothing_is_offered_where_the_same_would_be_asked_after_it(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        page = begun(browser, bank, alex, acr_values="aal2")
        assert page.form("otp")
        assert not offers(page)
