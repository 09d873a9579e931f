"""S05: the policy's rules for one's own account are decided where it is changed, and only ever add to what the code demands."""

from collections.abc import Callable, Generator
from itertools import count

import pytest
from tests.security.stage import Do, add_passkey, confirm_passkey, fields, number, thief, time_passes
from tests.security.test_s05_changes import change, way
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import POLICY, Person, Relying, Running, running
from tests.simulators.webauthn_device import Device

RULES = """
  - {id: vault, on: "newel.scope:vault", require: {evidence: {aal2: session}, forbid: [totp]}}
  - id: app-goes-quickly
    on: newel.account:remove
    when: account.method == "totp" && "strict" in subject.groups
    require: {evidence: {aal2: 1m}}
    because: whatever can move money needs a second proof
  - id: passkey-comes-quickly
    on: newel.account:add
    when: account.method == "passkey" && "strict" in subject.groups
    require: {evidence: {aal2: 1m}}
    because: a new passkey needs a proof of this minute
  - id: passwords-stay
    on: newel.account:add
    when: account.method == "password" && "strict" in subject.groups
    require: {deny: passwords-stay}
    because: passwords come from the directory
  - id: lax
    on: newel.account:*
    when: '"lax" in subject.groups'
    require: {evidence: {aal1: session}}
  - id: board
    on: newel.account:rename
    when: '"board" in subject.groups'
    require: {approve: {board: 1}}
  - id: weak
    on: newel.account:rename
    when: '"weak" in subject.groups'
    require: {evidence: {phr: 5m}}
    fallback: {when: cannot_meet, require: {evidence: {aal1: 5m}}}
  - id: behind-a-code
    on: newel.account:open
    when: '"careful" in subject.groups'
    require: {evidence: {aal2: 5m}}
    because: your account lies behind a code
  - id: barred
    on: newel.account:open
    when: '"barred" in subject.groups'
    require: {deny: barred}
    because: your account is looked after by the help desk
"""
Anyone = Callable[..., Person]
_NAMES = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A server with rules for people's own accounts."""
    folder = tmp_path_factory.mktemp("server")
    policy = folder / "policy.yaml"
    written = POLICY.read_text("utf-8").replace("rules:\n", "pools: {board: {group: directors}}\nrules:\n", 1)
    policy.write_text(written + RULES, "utf-8")
    told = {"NEWEL_GUESSING__PAGES_PER_ADDRESS": "100000"}
    with running(folder / "newel", environment=told, policy=policy) as started:
        yield started


@pytest.fixture(scope="module")
def bank(server: Running) -> Relying:
    return server.client("bank-web", audience="http://localhost:9", scopes=("openid", "vault"))


@pytest.fixture
def anyone(server: Running, sign_in: Do) -> Anyone:
    """A person of a group with a password and an app, signed in by the password."""

    def made(group: str, *, app: bool = True) -> Person:
        person = server.person(f"{group}{next(_NAMES)}", app=app, groups=(group,))
        sign_in(person, scope="openid")
        return person

    return made


def proven(browser: Browser, ask: Do, person: Person) -> None:
    """The person gives a code."""
    assert "code" in browser.submit(ask(acr_values="aal2", scope="openid"), otp=person.code()).answer


def creating(page: Page) -> bool:
    return any("data-passkey-create" in form["data"] for form in page.parsed.forms)


def test_s05_a_rule_asks_more_than_the_floor_and_says_why_in_the_persons_language(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    app = way(server, person, "totp")
    time_passes(server, person, 120)
    page = browser.follow(change(browser, "remove", app))
    assert page.form("otp")
    assert "your strongest proof, not older than 5 minutes" in page.text
    assert "We also ask because whatever can move money needs a second proof." in page.text
    assert "second proof" in browser.get(f"{page.url}/why").text
    german = browser.get(f"{page.url}?ui_locales=de").text
    assert "Wir fragen auch, weil alles, womit sich Geld bewegen lässt, einen zweiten Nachweis braucht." in german
    assert "zweiten Nachweis" in browser.get(f"{page.url}/why?ui_locales=de").text
    assert "done=removed" in (browser.submit(page, otp=person.code()).location or "")


def test_s05_a_rule_speaks_of_its_own_act_and_method_only(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    time_passes(server, person, 120)
    assert "done=renamed" in (change(browser, "rename", way(server, person, "totp"), name="Phone").location or "")
    assert "written" in browser.follow(browser.get("/account/add/recovery_code")).body


def test_s05_a_rule_below_the_floor_takes_nothing_from_it(anyone: Anyone, browser: Browser, server: Running) -> None:
    person = anyone("lax")
    app = way(server, person, "totp")
    for asked in (
        change(browser, "remove", app),
        change(browser, "rename", app, name="Owned"),
        browser.get("/account/add/passkey"),
    ):
        assert browser.follow(asked).form("otp")
    assert way(server, person, "totp") == app


def test_s05_what_a_rule_asks_must_still_hold_when_the_new_one_is_confirmed(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    page, device = browser.follow(browser.get("/account/add/passkey")), Device()
    assert creating(page)
    time_passes(server, person, 120)
    assert confirm_passkey(browser, page, device).location == page.url
    assert server.rows("SELECT 1 FROM authenticators WHERE subject = :s AND method = 'passkey'", s=person.id) == []
    asked = browser.get(page.url)
    assert asked.form("otp")
    again = browser.follow(browser.submit(asked, otp=person.code()))
    assert "done=added" in (confirm_passkey(browser, again, Device()).location or "")


def test_s05_a_step_up_is_no_way_around_a_rule_for_adding(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    page = ask(scope="openid vault")
    assert creating(page)
    time_passes(server, person, 120)
    assert confirm_passkey(browser, page, Device()).location == page.url
    assert server.rows("SELECT 1 FROM authenticators WHERE subject = :s AND method = 'passkey'", s=person.id) == []
    asked = ask(scope="openid vault")
    assert asked.form("otp")
    assert not creating(asked)
    again = browser.follow(browser.submit(asked, otp=person.code()))
    confirm_passkey(browser, again, Device())
    assert "code" in browser.get(again.url).answer


def test_s05_what_the_policy_refuses_is_refused_in_words_and_by_no_post_done(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    page = browser.get("/account/add/password")
    assert (page.status, page.location) == (403, None)
    assert "Nothing was changed." in page.text
    assert "refuse it. The reason: passwords come from the directory." in page.text
    assert "ask the help desk" in page.text
    german = browser.get("/account/add/password?ui_locales=de").text
    assert "lassen das nicht zu. Der Grund: passwords come from the directory." in german
    ((body,),) = server.rows("SELECT body FROM audit WHERE kind = 'account.refused' ORDER BY at DESC, seq DESC LIMIT 1")
    assert b"newel.account:add" in body
    assert b"passwords-stay" in body


def test_s05_what_cannot_be_given_yet_is_said(anyone: Anyone, browser: Browser, server: Running) -> None:
    person = anyone("board")
    page = change(browser, "rename", way(server, person, "totp"), name="Phone")
    assert page.status == 403
    assert "the approval of another person here, and that can" in page.text


def test_s05_a_fallback_is_taken_above_the_floor_alone_and_is_told(
    anyone: Anyone, browser: Browser, server: Running
) -> None:
    person = anyone("weak")
    page = browser.follow(change(browser, "rename", way(server, person, "totp"), name="Phone"))
    assert page.form("otp")
    assert "nothing stronger to prove this with" in page.text
    assert "done=renamed" in (browser.submit(page, otp=person.code()).location or "")


def test_s05_the_account_opens_as_its_rules_say_however_one_signed_in(
    anyone: Anyone, browser: Browser, server: Running, ask: Do
) -> None:
    person = anyone("careful")
    page = browser.follow(browser.get("/account"))
    assert page.form("otp")
    assert "We ask because your account lies behind a code." in page.text
    stolen = thief(browser)
    assert stolen.get(page.url).status == 404
    stolen.close()
    done = browser.follow(browser.submit(page, otp=person.code()))
    assert "act" in fields(done, "csrf", "act")
    time_passes(server, person, 301)
    assert browser.follow(browser.get("/account")).form("otp")
    browser.cookies.clear()
    page = browser.follow(browser.get("/account"))
    page = browser.follow(browser.submit(page, username=person.name, password=person.password))
    assert page.form("otp")
    browser.submit(page, otp=person.code())
    assert fields(browser.get("/account"), "csrf", "act")


def test_s05_an_account_that_is_barred_says_so(anyone: Anyone, browser: Browser) -> None:
    person = anyone("barred")
    page = browser.get("/account")
    assert (page.status, page.location) == (403, None)
    assert "The reason: your account is looked after by the help desk." in page.text
    browser.cookies.clear()
    page = browser.follow(browser.get("/account"))
    page = browser.follow(browser.submit(page, username=person.name, password=person.password))
    assert "Nobody was signed in." in page.text
    assert "The reason: your account is looked after by the help desk." in page.text


def test_s05_what_was_changed_is_recorded_with_its_target_and_rules(
    anyone: Anyone, browser: Browser, server: Running
) -> None:
    person = anyone("strict")
    app = way(server, person, "totp")
    page = browser.follow(change(browser, "remove", app))
    assert "done=removed" in (browser.submit(page, otp=person.code()).location or "")
    for kind in ("account.asked", "account.removed"):
        sql = "SELECT body FROM audit WHERE kind = :k ORDER BY at DESC, seq DESC LIMIT 1"
        ((body,),) = server.rows(sql, k=kind)
        for said in (b"newel.account:remove", b"account.method", b"app-goes-quickly", b"account-floor", b"lax"):
            assert said in body, (kind, said)
        assert app.encode() not in body or kind == "account.removed"
        assert number(page).encode() in body


def test_s05_a_sign_up_by_its_address_is_asked_by_no_rule_for_adding(browser: Browser, server: Running) -> None:
    page = browser.follow(browser.submit(browser.get(server.sign_up_address("newcomer")), has=("csrf",)))
    page = browser.follow(browser.submit(page, password="violet harbour 77"))
    added = confirm_passkey(browser, browser.get(f"{page.url}?add=passkey"), Device())
    assert "done=added" in (added.location or "")


def test_s05_another_browser_ends_nothing_that_a_rule_asked(
    anyone: Anyone, browser: Browser, server: Running, ask: Do, bank: Relying
) -> None:
    person = anyone("strict")
    proven(browser, ask, person)
    time_passes(server, person, 120)
    page = browser.follow(browser.get("/account/add/passkey"))
    other = thief(browser)
    told = {**fields(page, "otp"), "otp": person.code()}
    assert other.post(page.url, told).status == 403
    assert other.get(authorize_url(bank.id, bank.redirect_uri, scope="openid")).status == 303
    other.close()
    assert browser.get(page.url).form("otp")
    assert add_passkey(browser, Device()).form("otp")
