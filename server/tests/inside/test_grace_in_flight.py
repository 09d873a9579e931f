"""Grace while other things happen: the same form twice, another tab, another policy, another browser."""

import html

import pytest
from server.tests.inside.acts import Do, Twin, disable, heading
from server.tests.inside.graced import PASSKEY, REFUSED, SECOND, begun, claims, count, offers, put_off, recorded, rule
from server.tests.inside.inside import DEPOT, Inside
from server.tests.inside.switched import BANK, UNMET, deciding
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying


def test_s13_pressing_twice_counts_once_and_leads_to_one_answer(
    server: Inside, browser: Browser, bank: Relying, sam: Person, twin: Twin
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        with server.later(60):  # the password is older than a double press
            first = put_off(browser, page)
            assert "code" in first.answer
            assert browser.follow(put_off(twin(), page)).location == first.location
    assert count(server, sam) == 1


def test_s13_pressing_twice_at_once_counts_once(
    server: Inside, browser: Browser, bank: Relying, sam: Person, twin: Twin
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        server.gate.before("INSERT INTO skips", lambda: put_off(twin(), page))
        late = put_off(browser, page)
        assert late.location == page.url
        assert "code" in browser.follow(late).answer
    assert server.gate.passed
    assert count(server, sam) == 1


def test_s13_of_two_tabs_with_one_skip_left_one_gets_in(
    server: Inside, browser: Browser, bank: Relying, sam: Person, ask: Do, twin: Twin
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        put_off(browser, begun(browser, bank, sam))
        one, other = ask(), ask()
        server.gate.before("INSERT INTO skips", lambda: put_off(twin(), other))
        late = put_off(browser, one)
        assert (late.status, heading(late)) == (409, REFUSED)
        assert browser.get(one.url).answer["error"] == UNMET
    assert count(server, sam) == 2


def test_s13_a_proof_that_another_tab_gave_meanwhile_costs_no_skip(
    server: Inside, browser: Browser, bank: Relying, alex: Person, ask: Do
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        put_off(browser, begun(browser, bank, alex))
        one, other = ask(), ask()
        assert offers(one)
        assert "code" in browser.submit(other, otp=alex.code()).answer
        assert claims(bank, put_off(browser, one))["acr"] == "aal2"
    assert count(server, alex) == 1


def test_s06_a_session_that_another_tab_lifted_during_a_skip_does_not_gain_its_proof(
    server: Inside, browser: Browser, bank: Relying, alex: Person, ask: Do, twin: Twin
) -> None:
    lifted: list[Page] = []
    with deciding(server, BANK + rule(SECOND), DEPOT):
        put_off(browser, begun(browser, bank, alex))
        one, other = ask(prompt="login"), ask()
        one = browser.follow(browser.submit(one, has=("password",), password=alex.password))
        server.gate.before("INSERT INTO skips", lambda: lifted.append(twin().submit(other, otp=alex.code())))
        late = put_off(browser, one)
        assert server.gate.passed
        assert claims(bank, lifted[0])["acr"] == "aal2"
        assert claims(bank, late)["acr"] == "aal1"
    assert count(server, alex) == 2


def test_a_wish_that_was_used_up_elsewhere_is_forgotten(
    server: Inside, browser: Browser, bank: Relying, alex: Person, ask: Do, twin: Twin
) -> None:
    both = rule(PASSKEY, skips=1) + rule(SECOND, rule_id="second", grace=False)
    with deciding(server, BANK + both, DEPOT):
        one = browser.follow(put_off(browser, begun(browser, bank, alex)))
        other = twin()
        page = begun(other, bank, alex)
        page = other.follow(put_off(other, page))
        assert "code" in other.submit(page, otp=alex.code()).answer
        assert browser.submit(one, otp=alex.code()).answer["error"] == UNMET
    assert count(server, alex) == 1


@pytest.mark.parametrize("later", [rule(SECOND, grace=False), rule(SECOND, skips=1), rule(SECOND, days=-1)])
def test_s09_another_policy_that_grants_less_takes_the_skip_away(
    server: Inside, browser: Browser, bank: Relying, alex: Person, later: str
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        put_off(browser, begun(browser, bank, alex))
        page = begun(browser, bank, alex)
        assert offers(page)
    with deciding(server, BANK + later, DEPOT):
        assert put_off(browser, page).status == 409
        assert not offers(browser.get(page.url))
        assert claims(bank, browser.submit(page, otp=alex.code()))["acr"] == "aal2"
    assert count(server, alex) == 1


def test_s09_another_policy_that_demands_more_takes_a_wish_away(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    second = rule(SECOND, rule_id="second", grace=False)
    with deciding(server, BANK + rule(PASSKEY) + second, DEPOT):
        page = browser.follow(put_off(browser, begun(browser, bank, alex)))
    with deciding(server, BANK + rule(PASSKEY, grace=False) + second, DEPOT):
        assert browser.submit(page, otp=alex.code()).answer["error"] == UNMET
    assert count(server, alex) == 0


def test_s09_a_policy_that_grants_grace_later_gives_none_to_what_was_demanded_without_it(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND, grace=False), DEPOT):
        page = begun(browser, bank, alex)
    with deciding(server, BANK + rule(SECOND), DEPOT):
        assert not offers(browser.get(page.url))
        assert put_off(browser, page).status == 409


@pytest.mark.parametrize("later", [rule(SECOND, grace=False), rule(SECOND, skips=9), rule(PASSKEY, rule_id="other")])
def test_s09_a_code_that_a_skip_led_to_is_worth_nothing_under_another_policy_that_a_skip_alone_would_meet(
    server: Inside, browser: Browser, bank: Relying, alex: Person, later: str
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        code = put_off(browser, begun(browser, bank, alex)).answer["code"]
    with deciding(server, BANK + later, DEPOT):
        assert bank.redeem(code).json()["error"] == "invalid_grant"


def test_a_code_that_a_skip_led_to_is_redeemed_under_another_policy_that_it_meets_without_one(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND), DEPOT):
        page = put_off(browser, begun(browser, bank, alex))
    with deciding(server, BANK, DEPOT):
        assert claims(bank, page)["acr"] == "aal1"


def test_s33_a_skip_is_recorded_as_one_with_the_rules_and_a_refused_one_too(
    server: Inside, browser: Browser, bank: Relying, alex: Person
) -> None:
    with deciding(server, BANK + rule(SECOND, skips=1), DEPOT):
        put_off(browser, begun(browser, bank, alex))
        page = begun(browser, bank, alex)
        put_off(browser, page)
    _, decision = recorded(server, "authorize.skipped")[-1]
    assert decision is not None
    assert (decision.outcome, decision.skipped) == ("skipped", ("soon",))
    assert decision.requirement == "aal1:session aal2:session"
    assert "aal2" not in decision.reached
    assert recorded(server, "skip.refused")[-1][0]["interaction"] in page.url


@pytest.mark.parametrize("later", [rule(PASSKEY, grace=False), rule(PASSKEY, days=-1)])
def test_s09_the_house_itself_asks_by_the_policy_of_now_too(
    server: Inside, browser: Browser, sam: Person, later: str
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = browser.follow(browser.get("/account"))
        page = browser.follow(browser.submit(page, username=sam.name, password=sam.password))
    with deciding(server, BANK + later, DEPOT):
        assert put_off(browser, page).status == 409
    assert count(server, sam) == 0


def test_a_skip_that_nobody_offered_is_refused_in_words(
    server: Inside, ask: Do, browser: Browser, bank: Relying, sam: Person
) -> None:
    page = ask()
    late = put_off(browser, page)
    assert (late.status, heading(late)) == (409, REFUSED)
    assert "Nothing was changed." in html.unescape(late.text)
    assert "code" in browser.submit(browser.get(page.url), username=sam.name, password=sam.password).answer


def test_a_person_who_was_disabled_meanwhile_puts_nothing_off(
    server: Inside, browser: Browser, bank: Relying, sam: Person
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        disable(server, sam.id)
        assert put_off(browser, page).status == 409
    assert count(server, sam) == 0


def test_s10_skips_are_counted_as_attempts_of_their_interaction(
    server: Inside, ask: Do, browser: Browser, sign_in: Do, alex: Person
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    answers = [put_off(browser, page).status for _ in range(7)]
    assert answers == [409] * 5 + [429] * 2


def test_s31_another_browser_cannot_put_off(
    server: Inside, browser: Browser, bank: Relying, sam: Person, twin: Twin
) -> None:
    with deciding(server, BANK + rule(PASSKEY), DEPOT):
        page = begun(browser, bank, sam)
        stranger = server.browser()
        assert put_off(stranger, page).status == 403
        stranger.close()
        assert twin().post(page.url, {"csrf": "forged", "decision": "skip"}).status == 403
        assert count(server, sam) == 0
