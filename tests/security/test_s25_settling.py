"""S25: a new authenticator must settle; a thief who knows only the password never reaches aal2, whatever they try."""

import os
import time
from base64 import b32decode
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.security.stage import (
    SESSION,
    Do,
    add_passkey,
    assertion,
    at_once,
    confirm_passkey,
    execute,
    fields,
    signed_up,
    time_passes,
    twin,
)
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying, Running
from tests.simulators.webauthn_device import Device

from newel.factors import totp

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"


def ceilings(server: Running, person: Person, method: str) -> list[Any]:
    sql = "SELECT ceiling FROM authenticators WHERE subject = :s AND method = :m ORDER BY id"
    return [row[0] for row in server.rows(sql, s=person.id, m=method)]


def test_s25_a_thief_with_the_password_cannot_add_what_counts_as_a_second_factor(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    device = Device()
    assert "done=added" in (add_passkey(browser, device).location or "")
    assert ceilings(server, sam, "passkey") == ["aal1"]
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"
    browser.cookies.clear()
    assert "code" in assertion(browser, ask(), device).answer
    page = browser.submit(ask(prompt="login"), has=("password",), password=sam.password)
    assert "code" in page.answer
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"


def test_s25_an_unconfirmed_authenticator_does_not_exist(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/totp"))
    assert page.form("otp")
    assert server.rows("SELECT method FROM authenticators WHERE subject = :s", s=sam.id) == [("password",)]
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"
    assert "error" in (browser.submit(page, otp="000000").location or "")
    assert server.rows("SELECT method FROM authenticators WHERE subject = :s", s=sam.id) == [("password",)]


def test_s25_an_unsettled_one_confirms_nothing_not_even_itself(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    add_passkey(browser, Device())
    add_passkey(browser, Device(), name="Another")
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    sql = "SELECT id FROM authenticators WHERE subject = :s AND method = 'passkey'"
    for (identifier,) in server.rows(sql, s=sam.id):
        told = {"csrf": csrf, "act": "confirm", "id": str(identifier)}
        assert "not=impossible" in (browser.post("/account", told).location or "")
    assert ceilings(server, sam, "passkey") == ["aal1", "aal1"]


def test_s25_an_older_authenticator_of_the_class_confirms_it(
    sign_in: Do, browser: Browser, server: Running, alex: Person, ask: Do
) -> None:
    sign_in(alex)
    page = browser.follow(browser.get("/account/add/passkey"))
    page = browser.follow(browser.submit(page, otp=alex.code()))
    confirm_passkey(browser, page, Device())
    assert ceilings(server, alex, "passkey") == ["aal2"]
    assert ask(acr_values="phr").answer["error"] == "unmet_authentication_requirements"


def test_s25_what_is_enrolled_at_sign_up_settles_at_once(browser: Browser, server: Running) -> None:
    settled = signed_up(browser, server, "wanda", Device())
    assert ceilings(server, settled, "passkey") == [None]


def test_s25_a_sign_up_address_never_takes_over_an_account(browser: Browser, server: Running) -> None:
    first = server.sign_up_address("newcomer")
    page = browser.follow(browser.submit(browser.get(first), has=("csrf",)))
    late = browser.follow(browser.submit(browser.get(first), has=("csrf",)))
    assert browser.submit(page, password="violet harbour 77").status == 303
    assert browser.get(first).status == 410
    assert browser.submit(late, password="another harbour 78").status == 410
    invited = server.cli("user", "invite", "newcomer").stdout
    second = next((word for word in invited.split() if "/sign-up/" in word), None)
    assert second is None or browser.get(second).status == 410


def test_s25_of_two_addresses_of_one_person_only_one_becomes_an_account(browser: Browser, server: Running) -> None:
    first = server.sign_up_address("latecomer")
    invited = server.cli("user", "invite", "latecomer").stdout
    second = next(word for word in invited.split() if "/sign-up/" in word)
    pages = [browser.follow(browser.submit(browser.get(each), has=("csrf",))) for each in (first, second)]
    assert browser.submit(pages[0], password="violet harbour 77").status == 303
    assert browser.get(second).status == 410
    assert browser.submit(pages[1], password="another harbour 78").status == 410


def test_s25_of_two_addresses_used_at_the_same_instant_one_becomes_an_account(
    browser: Browser, server: Running
) -> None:
    first = server.sign_up_address("twice")
    invited = server.cli("user", "invite", "twice").stdout
    second = next(word for word in invited.split() if "/sign-up/" in word)
    pages = [browser.follow(browser.submit(browser.get(each), has=("csrf",))) for each in (first, second)]

    def answer(page: Page) -> int:
        again = twin(browser)
        try:
            return again.submit(page, password=f"violet harbour {pages.index(page)}7").status
        finally:
            again.close()

    assert sorted(at_once(answer, pages)) == [303, 410]
    sql = "SELECT COUNT(*) FROM authenticators JOIN subjects ON subject = subjects.id WHERE canonical = 'twice'"
    assert server.rows(sql) == [(1,)]


def test_s25_no_enrolment_in_a_step_up_where_it_cannot_lead_there(
    sign_in: Do, ask: Do, browser: Browser, sam: Person
) -> None:
    sign_in(sam)
    answer = ask(acr_values="aal2")
    assert answer.answer["error"] == "unmet_authentication_requirements"


def test_s25_the_owner_settles_a_thiefs_passkey_by_nothing_but_a_confirmation(
    sign_in: Do, ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    device = Device()
    add_passkey(browser, device)
    time_passes(server, sam, 73 * 3600)
    execute(server, "UPDATE authenticators SET created_at = created_at - 400000 WHERE subject = :s", s=sam.id)
    browser.cookies.clear()
    assertion(browser, ask(), device)
    assert ask(acr_values="aal2").answer["error"] == "unmet_authentication_requirements"
    assert ceilings(server, sam, "passkey") == ["aal1"]


class Thief(RuleBasedStateMachine):
    """Somebody who knows a name and its password, with as many browsers, devices and hours as they like."""

    server: Running
    bank: Relying
    owner_has_app: bool

    def __init__(self) -> None:
        super().__init__()
        name = f"victim{os.urandom(4).hex()}"
        self.victim = self.server.person(name, app=self.owner_has_app)
        self.browsers = [self.server.browser()]
        self.here = self.browsers[0]
        self.device = Device()
        self.seed = b""
        self.recovery: list[str] = []
        self.stale: list[Page] = []

    def teardown(self) -> None:
        """Leave."""
        try:
            self.ask_for_aal2()
        finally:
            for each in self.browsers:
                each.close()

    def ask(self, **more: str) -> Page:
        return self.here.follow(self.here.get(authorize_url(self.bank.id, self.bank.redirect_uri, **more)))

    def answer(self, page: Page) -> Page:
        """Answer whatever a page asks with everything there is."""
        for _ in range(4):
            done = self._answer_once(page)
            if done is None:
                return page
            page = self.here.follow(done)
        return page

    def _answer_once(self, page: Page) -> Page | None:
        forms = [form["fields"] for form in page.parsed.forms]
        if any("username" in each for each in forms):
            return self.here.submit(page, username=self.victim.name, password=self.victim.password)
        if any("data-passkey-create" in form["data"] for form in page.parsed.forms):
            return self._make_passkey(page)
        if any("data-passkey" in form["data"] for form in page.parsed.forms) and self.device.credentials:
            try:
                return assertion(self.here, page, self.device)
            except LookupError:
                return None
        for field, value in (
            ("password", self.victim.password),
            ("recovery_code", self.recovery[-1] if self.recovery else ""),
        ):
            if value and any(field in each for each in forms):
                return self.here.submit(page, has=(field,), **dict[str, Any]({field: value}))
        return None

    def _make_passkey(self, page: Page) -> Page | None:
        try:
            return confirm_passkey(self.here, page, self.device)
        except LookupError:
            self.device = Device()
            return confirm_passkey(self.here, page, self.device)

    @rule()
    def sign_in(self) -> None:
        """With the password, or with what was added."""
        self.answer(self.ask())

    @rule()
    def sign_in_again(self) -> None:
        """With fresh evidence."""
        self.answer(self.ask(prompt="login"))

    @rule()
    def sign_in_at_the_house(self) -> None:
        """At the account page itself."""
        self.answer(self.here.follow(self.here.get("/account")))

    @rule()
    def sign_out(self) -> None:
        """Leave properly."""
        page = self.here.get("/sign-out")
        if any("csrf" in form["fields"] for form in page.parsed.forms):
            self.here.submit(page, has=("csrf",), decision="sign_out")

    @rule()
    def another_browser(self) -> None:
        """Begin with an empty browser."""
        self.here = self.server.browser()
        self.browsers.append(self.here)

    @rule()
    def forget_the_session(self) -> None:
        """Without signing out."""
        self.here.cookies.pop(SESSION, None)

    @rule()
    def first_browser(self) -> None:
        """Go back to where it began."""
        self.here = self.browsers[0]

    @rule()
    def add_passkey(self) -> None:
        """At the account page."""
        self.answer(self.here.follow(self.here.get("/account/add/passkey")))

    @rule()
    def add_app(self) -> None:
        """An authenticator app of the thief's own."""
        page = self.answer(self.here.follow(self.here.get("/account/add/totp")))
        secret = next((part for part in page.body.split("secret=")[1:]), "").split("&")[0].split('"')[0]
        if secret:
            self.seed = totp_seed(secret)
            self.here.submit(page, otp=totp.code(self.seed, now_step()))

    @rule()
    def add_recovery_codes(self) -> None:
        """Codes of the thief's own."""
        page = self.answer(self.here.follow(self.here.get("/account/add/recovery_code")))
        if any("written" in form["fields"] for form in page.parsed.forms):
            self.here.submit(page, has=("written",), written="1")

    @rule()
    def change_password(self) -> None:
        """To one of the thief's own."""
        page = self.answer(self.here.follow(self.here.get("/account/add/password")))
        chosen = f"thief harbour {os.urandom(3).hex()}"
        if "new-password" in page.body:
            done = self.here.submit(page, password=chosen)
            if (done.location or "").startswith(f"{self.server.issuer}/account"):
                self.victim.password = chosen

    @rule()
    def use_the_thiefs_app(self) -> None:
        """Where a code is asked, give one of the app that was added."""
        page = self.ask(acr_values="aal2", prompt="login")
        page = self.answer(page)
        if self.seed and any("otp" in form["fields"] for form in page.parsed.forms):
            self.here.submit(page, otp=totp.code(self.seed, now_step() + 1))

    @rule()
    def press_every_button_of_the_account(self) -> None:
        """Confirm and remove whatever is there, shown or not, but the last way in."""
        page = self.here.get("/account")
        if page.status != 200:
            return
        csrf = fields(page, "csrf")["csrf"]
        sql = "SELECT id, method FROM authenticators WHERE subject = :s"
        for identifier, method in self.server.rows(sql, s=self.victim.id):
            for act in ("confirm", "remove") if method == "totp" else ("confirm",):
                told = self.here.post("/account", {"csrf": csrf, "act": act, "id": str(identifier)})
                self.answer(self.here.follow(told))

    @rule()
    def add_a_passkey_and_confirm_it(self) -> None:
        """One after the other, as fast as it goes."""
        self.add_passkey()
        self.press_every_button_of_the_account()

    @rule()
    def begin_and_wait(self) -> None:
        """Begin a change and leave its page open."""
        self.stale.append(self.here.follow(self.here.get("/account/add/passkey")))

    @precondition(lambda self: self.stale)
    @rule()
    def take_up_what_was_begun(self) -> None:
        """Finish a change that was begun elsewhere, earlier."""
        page = self.stale.pop()
        if page.url.startswith(f"{self.server.issuer}/i/"):
            self.answer(self.here.get(page.url))

    @rule()
    def an_hour_passes(self) -> None:
        """The sessions sleep."""
        time_passes(self.server, self.victim, 3700, idle=3700)

    @rule()
    def two_days_pass(self) -> None:
        """Everything that was enrolled grows old, yet not 72 hours."""
        sql = (
            "UPDATE authenticators SET created_at = created_at - 172800 WHERE subject = :s AND created_at > 1000000000"
        )
        execute(self.server, sql, s=self.victim.id)

    @rule()
    def ask_for_money(self) -> None:
        """With a bound action."""
        self.answer(self.ask(scope="openid payments"))

    @invariant()
    def never_aal2(self) -> None:
        """The thief's browser holds nothing that reaches it."""
        assert "code" not in self.ask(prompt="none", acr_values="aal2").answer

    @rule()
    def ask_for_aal2(self) -> None:
        """With everything there is."""
        for acr in ("aal2", "phr"):
            answered = self.answer(self.ask(acr_values=acr))
            assert "code" not in answered.answer, answered.location


def totp_seed(secret: str) -> bytes:
    return b32decode(secret + "=" * (-len(secret) % 8))


def now_step() -> int:
    return int(time.time()) // 30


@pytest.mark.parametrize("owner_has_app", [False, True], ids=["password-alone", "password-and-app"])
def test_s25_no_sequence_of_what_a_thief_with_the_password_can_do_reaches_aal2(
    owner_has_app: bool, server: Running, bank: Relying
) -> None:
    machine = type("Tried", (Thief,), {"server": server, "bank": bank, "owner_has_app": owner_has_app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=150 if NIGHTLY else 15,
            stateful_step_count=25 if NIGHTLY else 15,
            deadline=None,
            derandomize=not NIGHTLY,
            suppress_health_check=list(HealthCheck),
        ),
    )
