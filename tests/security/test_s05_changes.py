"""S05: changing a credential needs at least its own strength, fresh."""

from tests.security.stage import Do, add_passkey, fields, time_passes
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running
from tests.simulators.webauthn_device import Device


def change(browser: Browser, act: str, identifier: str, **more: str) -> Page:
    """Press one of the buttons of the account page, whether it is shown or not."""
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    return browser.post("/account", {"csrf": csrf, "act": act, "id": identifier, **more})


def way(server: Running, person: Person, method: str) -> str:
    ((identifier,),) = server.rows(
        "SELECT id FROM authenticators WHERE subject = :s AND method = :m", s=person.id, m=method
    )
    return str(identifier)


def test_s05_a_session_below_the_strongest_class_changes_nothing(
    sign_in: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    app, before = way(server, alex, "totp"), server.rows("SELECT * FROM authenticators WHERE subject = :s", s=alex.id)
    for asked in (
        change(browser, "remove", app),
        change(browser, "rename", app, name="Owned"),
        browser.get("/account/add/passkey"),
        browser.get("/account/add/password"),
        browser.get("/account/add/recovery_code"),
    ):
        page = browser.follow(asked)
        assert page.form("otp")
        assert all("data-passkey-create" not in form["data"] for form in page.parsed.forms)
    assert server.rows("SELECT * FROM authenticators WHERE subject = :s", s=alex.id) == before


def test_s05_what_an_interaction_would_add_is_not_taken_before_its_proof(
    sign_in: Do, browser: Browser, server: Running, alex: Person
) -> None:
    sign_in(alex)
    page = browser.follow(browser.get("/account/add/password"))
    csrf = fields(page, "otp")["csrf"]
    for told in ({"password": "stolen harbour 99"}, {"written": "1"}, {"attestation": "{}"}):
        browser.post(page.url, {"csrf": csrf, "way": "password", **told})
    fresh = server.browser()
    start = fresh.follow(fresh.get("/account"))
    assert "error=wrong_password" in (
        fresh.submit(start, username=alex.name, password="stolen harbour 99").location or ""
    )
    fresh.close()


def test_s05_evidence_older_than_five_minutes_allows_nothing(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    password = way(server, sam, "password")
    assert "done=renamed" in (change(browser, "rename", password, name="One").location or "")
    time_passes(server, sam, 301)
    page = browser.follow(change(browser, "rename", password, name="Two"))
    assert page.form("password")
    assert server.rows("SELECT name FROM authenticators WHERE id = :i", i=password) == [("One",)]
    browser.submit(page, password=sam.password)
    assert server.rows("SELECT name FROM authenticators WHERE id = :i", i=password) == [("Two",)]


def test_s05_the_authorising_proof_must_still_be_fresh_when_the_new_one_is_confirmed(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    page = browser.follow(browser.get("/account/add/passkey"))
    form = next(form for form in page.parsed.forms if "data-passkey-create" in form["data"])
    made = Device().create(str(form["data"]["data-passkey-create"]), origin=server.issuer)
    time_passes(server, sam, 301)
    browser.submit(page, has=("attestation",), attestation=made, name="Late")
    assert server.rows("SELECT 1 FROM authenticators WHERE subject = :s AND method = 'passkey'", s=sam.id) == []


def test_s05_an_unsettled_authenticator_can_be_removed_at_the_class_that_authorised_it(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    add_passkey(browser, Device())
    assert "done=removed" in (change(browser, "remove", way(server, sam, "passkey")).location or "")


def test_s05_another_persons_authenticator_is_unknown(
    sign_in: Do, browser: Browser, server: Running, sam: Person, alex: Person
) -> None:
    sign_in(sam)
    for act in ("remove", "rename", "confirm"):
        assert "not=unknown" in (change(browser, act, way(server, alex, "totp"), name="Mine").location or "")


def test_s05_two_removals_begun_together_never_take_the_last_way_to_sign_in(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    add_passkey(browser, Device())
    ways = [way(server, sam, "passkey"), way(server, sam, "password")]
    time_passes(server, sam, 301)
    pages = [browser.follow(change(browser, "remove", each)) for each in ways]
    first = browser.submit(pages[0], password=sam.password)
    assert "done=removed" in (first.location or "")
    second = browser.submit(pages[1], password=sam.password)
    assert "not=last_way" in (second.location or "") or second.location == pages[1].url
    assert way(server, sam, "password")


def test_s05_an_old_session_cookie_after_sign_out_changes_nothing(
    sign_in: Do, browser: Browser, server: Running, sam: Person
) -> None:
    sign_in(sam)
    csrf, kept = fields(browser.get("/account"), "csrf")["csrf"], dict(browser.cookies)
    browser.submit(browser.get("/sign-out"), has=("csrf",), decision="sign_out")
    browser.cookies.update(kept)
    told = {"csrf": csrf, "act": "rename", "id": way(server, sam, "password"), "name": "Owned"}
    assert browser.post("/account", told).location == f"{server.issuer}/account"
    assert server.rows("SELECT name FROM authenticators WHERE subject = :s", s=sam.id) == [("password",)]
