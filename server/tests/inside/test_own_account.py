"""The policy at one's own account: joined with what the code demands, decided again while a change is under way, recorded."""

from itertools import count

import pytest
from server.tests.inside.acts import Do, Twin, press, way
from server.tests.inside.graced import recorded, rule
from server.tests.inside.inside import ADVANCE, DEPOT, Inside
from server.tests.inside.switched import BANK, deciding
from tests.security.stage import add_passkey, confirm_passkey, fields, time_passes
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person
from tests.simulators.webauthn_device import Device

from newel.domain.audit import DecisionRecord
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Decided, Interaction, Purpose
from newel.domain.requirement import require
from newel.domain.subject import Subject
from newel.flows.decide import Person as Known
from newel.flows.step import next_step

NAMES = count()


def own(acts: str, demand: str, *, when: str = "", rule_id: str = "own", fallback: str = "") -> str:
    """A rule at one's own account."""
    condition = f"    when: {when}\n" if when else ""
    lesser = f"    fallback: {{when: cannot_meet, require: {fallback}}}\n" if fallback else ""
    return (
        f"  - id: {rule_id}\n    on: newel.account:{acts}\n{condition}    require: {demand}\n{lesser}"
        f"    because: accounts are looked after\n"
    )


PASSKEY, CODE, NOW = "{evidence: {phr: 5m}}", "{evidence: {aal2: 5m}}", "{evidence: {aal2: 30s}}"
NO = "{deny: closed}"


def creating(page: Page) -> bool:
    return any("data-passkey-create" in form["data"] for form in page.parsed.forms)


def decision(server: Inside, kind: str) -> DecisionRecord:
    found = recorded(server, kind)[-1][1]
    assert found is not None
    return found


@pytest.fixture
def renaming(server: Inside, sign_in: Do, browser: Browser, alex: Person) -> Page:
    """The page that asks alex for a code, to rename the app."""
    sign_in(alex)
    return browser.follow(press(browser, "rename", way(server, alex, "totp"), name="Phone"))


def settled(person: Person, method: str) -> Authenticator:
    return Authenticator(
        id=method, subject=person.id, method=method, name=method, created_at=0, material=b"", user_verifying=True
    )


def name_of(server: Inside, person: Person) -> str:
    sql = "SELECT name FROM authenticators WHERE subject = :s AND method = 'totp'"
    return str(server.rows(sql, s=person.id)[0][0])


@pytest.mark.parametrize(("demand", "says"), [(PASSKEY, "not=impossible"), (NO, "")])
def test_s09_a_stricter_policy_in_flight_is_met_too(
    server: Inside, renaming: Page, browser: Browser, alex: Person, demand: str, says: str
) -> None:
    with deciding(server, BANK + own("rename", demand), DEPOT):
        done = browser.submit(renaming, otp=alex.code())
        page = browser.follow(done)
        assert "done=" not in page.url
        assert (page.status, "Nothing was changed." in page.text) == (410, True)
        assert ("The reason: accounts are looked after." in page.text) == (not says)
    assert name_of(server, alex) == "totp"


def test_s09_a_laxer_policy_in_flight_takes_nothing_away(
    server: Inside, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    browser.submit(ask(acr_values="aal2"), otp=alex.code())
    time_passes(server, alex, 60)
    with deciding(server, BANK + own("rename", NOW), DEPOT):
        page = browser.follow(press(browser, "rename", way(server, alex, "totp"), name="Phone"))
        assert page.form("otp")
    again = browser.get(page.url)
    assert again.form("otp")
    assert "We also ask because accounts are looked after." in again.text
    assert "done=renamed" in str(browser.submit(again, otp=alex.code()).location)


@pytest.mark.parametrize("acts", ["add", "*"])
def test_s09_a_stricter_policy_is_met_where_a_new_authenticator_is_confirmed(
    server: Inside, sign_in: Do, browser: Browser, sam: Person, acts: str
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    assert creating(page)
    with deciding(server, BANK + own(acts, PASSKEY), DEPOT):
        assert confirm_passkey(browser, page, Device()).location == page.url
        assert "not=impossible" in str(browser.get(page.url).location)
    assert server.rows("SELECT 1 FROM authenticators WHERE subject = :s AND method = 'passkey'", s=sam.id) == []


@pytest.fixture
def enrolling(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> Page:
    """alex, signed in by password and code, is asked for a passkey that the account does not have yet."""
    sign_in(alex)
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=alex.code()).answer
    return ask(scope="openid vault")


@pytest.mark.parametrize("demand", [NO, PASSKEY, "{approve: {board: 1}}"])
def test_s05_a_step_up_adds_nothing_that_the_policy_would_not_let_be_added(
    server: Inside, enrolling: Page, browser: Browser, alex: Person, demand: str
) -> None:
    assert creating(enrolling)
    policy = BANK.replace("rules:\n", "pools: {board: {group: directors}}\nrules:\n", 1) + own("add", demand)
    with deciding(server, policy, DEPOT):
        assert confirm_passkey(browser, enrolling, Device()).location == enrolling.url
        assert browser.get(enrolling.url).answer["error"] == "unmet_authentication_requirements"
    assert server.rows("SELECT 1 FROM authenticators WHERE subject = :s AND method = 'passkey'", s=alex.id) == []


def test_a_step_up_adds_another_method_where_the_policy_refuses_the_first(server: Inside, alex: Person) -> None:
    now = server.services.now()
    ways = [settled(alex, each) for each in ("password", "security_key")]
    subject = Subject(id=alex.id, name=alex.name, display=alex.name, person=alex.id, created_at=0)
    person = Known(subject, {each.id: each for each in ways})
    asked = Interaction(
        id="i",
        purpose=Purpose.AUTHORIZE,
        browser_hash=b"",
        created_at=now,
        expires_at=now + 600,
        subject=alex.id,
        evidence=tuple(each.evidence(event=each.id, at=now, interaction="i") for each in ways),
        decided=Decided(requirement=require({"aal2": 300}, forbid=["security_key"]), policy="p"),
    )
    for refused, method in (("none", "passkey"), ("passkey", "totp")):
        with deciding(server, BANK + own("add", NO, when=f'account.method == "{refused}"'), DEPOT):
            step = next_step(server.services, asked, person, None, now)
        assert (step.kind, step.method) == ("enrol", method)


def test_s33_what_a_step_up_added_is_recorded_with_the_decision_that_allowed_it(
    server: Inside, enrolling: Page, browser: Browser
) -> None:
    with deciding(server, BANK + own("add", CODE, when='account.method == "passkey"'), DEPOT):
        confirm_passkey(browser, enrolling, Device())
        made = decision(server, "authenticator.added")
        assert made.policy == server.services.policy.version
    assert (made.targets, made.outcome, made.conditions) == (("newel.account:add",), "met", {"own": True})
    assert made.facts["account.method"] == "passkey"
    assert made.atoms == {"newel.account:add": "1"}
    assert [reason.rule for reason in made.reasons] == ["account-floor", "own"]
    assert "aal2" in made.reached


def test_s33_a_change_that_nothing_had_to_be_asked_for_is_recorded_as_met(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    identifier = way(server, sam, "password")
    assert "done=renamed" in str(press(browser, "rename", identifier, name="Mine").location)
    made, body = decision(server, "account.renamed"), recorded(server, "account.renamed")[-1][0]
    assert (made.targets, made.outcome, body["authenticator"]) == (("newel.account:rename",), "met", identifier)
    assert made.facts == {**made.facts, "account.method": "password", "risk.level": "low"}
    assert "client.ip" not in made.facts
    assert made.methods == ("password",)


def test_s33_coming_in_is_recorded_with_the_sign_in_and_the_account(
    server: Inside, browser: Browser, sam: Person
) -> None:
    page = browser.follow(browser.get("/account"))
    browser.submit(page, username=sam.name, password=sam.password)
    made = decision(server, "account.opened")
    assert made.targets == ("newel.session:sign_in", "newel.account:open")
    assert made.facts["account.method"] == "none"


@pytest.mark.parametrize("fallback", ["{evidence: {aal1: 5m}}", ""])
def test_s05_an_unsettled_one_is_removed_at_its_class_where_a_rule_falls_back_to_it(
    server: Inside, sign_in: Do, browser: Browser, sam: Person, fallback: str
) -> None:
    sign_in(sam)
    add_passkey(browser, Device())
    with deciding(server, BANK + own("remove", PASSKEY, fallback=fallback), DEPOT):
        page = browser.follow(press(browser, "remove", way(server, sam, "passkey")))
        if not fallback:
            assert "not=impossible" in page.url
            return
        assert "so what you have proven already is taken in its place" in page.text
        done = browser.post(page.url, {"csrf": fields(page, "csrf")["csrf"], "decision": "go_on"})
        assert "done=removed" in str(done.location)
    assert recorded(server, "account.removed")[-1][0]["fallen"] is True


def test_a_rule_at_the_account_reads_where_the_browser_is(
    server: Inside, sign_in: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    office = "'!cidr(\"127.0.0.0/8\").containsIP(client.ip)'"
    with deciding(server, BANK + own("*", PASSKEY, when=office), DEPOT):
        assert "done=renamed" in str(press(browser, "rename", way(server, sam, "password"), name="Mine").location)
    with deciding(server, BANK + own("rename", PASSKEY, when='client.id == "other"'), DEPOT):
        asked = press(browser, "rename", way(server, sam, "password"), name="Yours")
    assert "not=impossible" in str(asked.location)


def test_what_is_put_off_at_the_sign_in_puts_off_nothing_of_the_account(
    server: Inside, browser: Browser, alex: Person
) -> None:
    with deciding(server, BANK + rule(PASSKEY) + own("open", CODE), DEPOT):
        page = browser.follow(browser.get("/account"))
        page = browser.follow(browser.submit(page, username=alex.name, password=alex.password))
        skipped = browser.post(page.url, {"csrf": fields(page, "csrf")["csrf"], "decision": "skip"})
        page = browser.follow(skipped)
        assert page.form("otp")
        done = browser.follow(browser.submit(page, otp=alex.code()))
    assert "act" in fields(done, "csrf", "act")


def test_whoever_says_no_at_the_door_of_the_account_is_told_so_once(
    server: Inside, sign_in: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    with deciding(server, BANK + own("open", CODE), DEPOT):
        page = browser.follow(browser.get("/account"))
        left = browser.post(page.url, {"csrf": fields(page, "csrf")["csrf"], "decision": "decline"})
        said = browser.follow(left)
    assert (said.url, "Nothing was shown." in said.text) == (page.url, True)


def test_s07_a_change_that_was_answered_elsewhere_meanwhile_adds_nothing(
    server: Inside, sign_in: Do, browser: Browser, twin: Twin, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    csrf = str(page.form("attestation")["fields"]["csrf"])
    server.gate.before(ADVANCE, lambda: twin().post(page.url, {"csrf": csrf, "decision": "decline"}))
    assert "error=already_enrolled" in str(confirm_passkey(browser, page, Device()).location)
