"""S31: strict pages, no state change without its form, and nothing that tells whether a name exists."""

import statistics
import time
from base64 import b64encode

import pytest
from tests.security.stage import BROWSER, SESSION, Do, fields
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running

FOREIGN = [
    {"origin": "http://127.0.0.1:1"},
    {"origin": "null"},
    {"origin": "null", "sec-fetch-site": "same-site"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "", "sec-fetch-site": "none"},
]


def strict(page: Page) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "*" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert "no-store" in page.headers["cache-control"]
    assert "<script>" not in page.body
    assert " onclick=" not in page.body


def test_s31_every_page_is_strict(sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person) -> None:
    pages = [ask(), browser.get("/sign-out"), browser.get("/nowhere"), browser.get(server.sign_up_address("nina"))]
    sign_in(alex)
    step_up = ask(acr_values="aal2")
    pages += [step_up, browser.get(f"{step_up.url}/ways"), browser.get(f"{step_up.url}/why"), browser.get("/account")]
    pages += [
        browser.follow(browser.get("/account/add/passkey")),
        browser.get("/authorize"),
        browser.get("/sign-up/x.y"),
    ]
    for page in pages:
        strict(page)


def test_s31_cookies_are_bound_to_the_host_and_hidden_from_scripts(ask: Do, browser: Browser, sam: Person) -> None:
    page = browser.submit(ask(), username=sam.name, password=sam.password)
    for header in page.headers.get_list("set-cookie"):
        assert header.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in header.split(";")}


@pytest.mark.parametrize("headers", FOREIGN)
def test_s31_a_form_from_another_origin_changes_nothing(
    ask: Do, browser: Browser, server: Running, sam: Person, headers: dict[str, str]
) -> None:
    page = ask()
    told = {**fields(page, "username"), "username": sam.name, "password": sam.password}
    assert browser.post(page.url, told, headers=headers).status == 403
    assert SESSION not in browser.cookies
    address = server.sign_up_address(f"nils{FOREIGN.index(headers)}")
    token = fields(browser.get(address), "csrf")["csrf"]
    assert browser.post(address, {"csrf": token}, headers=headers).status == 403


def test_s31_every_state_change_needs_the_forms_own_token(
    sign_in: Do, ask: Do, browser: Browser, server: Running, alex: Person
) -> None:
    other = server.browser()
    foreign = fields(other.get(server.sign_up_address("nora")), "csrf")["csrf"]
    sign_in(alex)
    page = ask(acr_values="aal2")
    for token in ("", "x", foreign):
        for path, told in (
            (page.url, {"way": "totp", "otp": alex.code()}),
            (page.url, {"decision": "decline"}),
            (page.url, {"decision": "report"}),
            (f"{page.url}/again", {}),
            ("/account", {"act": "rename", "id": "x", "name": "y"}),
            ("/sign-out", {"decision": "sign_out"}),
        ):
            assert browser.post(path, {**told, "csrf": token}).status == 403
    assert server.rows("SELECT COUNT(*) FROM sessions WHERE subject = :s", s=alex.id) == [(1,)]
    assert ask(prompt="none").answer["code"]
    assert browser.get(page.url).status == 200
    other.close()


def test_s31_another_browser_cannot_answer_an_interaction(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    page = ask()
    stranger = server.browser()
    stranger.follow(stranger.get("/account"))
    assert BROWSER in stranger.cookies
    for path in ("", "/ways", "/why", "/not-you"):
        seen = stranger.get(page.url + path)
        assert seen.status == 404 or (seen.location or "").startswith(page.url)
    assert stranger.get(page.url).status == 404
    told = {**fields(page, "username"), "username": sam.name, "password": sam.password}
    assert stranger.post(page.url, told).status == 403
    stranger.close()


def normal(page: Page) -> tuple[int, str, tuple[str, ...]]:
    return page.status, (page.location or "").partition("?")[2], tuple(sorted(page.headers))


def test_s31_an_unknown_name_and_a_wrong_password_look_alike(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    server.person("no-password", password="")
    told = [
        browser.submit(ask(), username=name, password="wrong wrong wrong")
        for name in (sam.name, "nobody at all", "no-password")
    ]
    assert len({normal(page) for page in told}) == 1
    shown = {browser.get(page.location or "").text.replace(sam.name, "N") for page in told}
    plain = {text.replace("nobody at all", "N").replace("no-password", "N") for text in shown}
    assert len(plain) == 1


def test_s31_an_unknown_name_takes_as_long_as_a_wrong_password(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    taken: dict[str, list[float]] = {sam.name: [], "nobody-at-all": []}
    for _ in range(9):
        for name, times in taken.items():
            page = ask()
            start = time.perf_counter()
            browser.submit(page, username=name, password="wrong wrong wrong")
            times.append(time.perf_counter() - start)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert 0.5 < known / unknown < 2, (known, unknown)


def test_s31_an_unknown_name_and_a_known_one_rest_alike(ask: Do, browser: Browser, sam: Person) -> None:
    rested = {}
    for name in (sam.name, "nobody-rests"):
        for _ in range(21):
            rested[name] = browser.submit(ask(), username=name, password="wrong wrong wrong")
    assert {page.status for page in rested.values()} == {429}


def test_s31_clients_and_addresses_that_do_not_exist_tell_nothing(browser: Browser, server: Running) -> None:
    spent = server.sign_up_address("olaf")
    page = browser.follow(browser.submit(browser.get(spent), has=("csrf",)))
    browser.submit(page, password="violet harbour 77")
    unknown = f"{server.issuer}/sign-up/{spent.rsplit('/', 1)[1].split('.')[0]}.{'0' * 64}"
    answers = [browser.get(each) for each in (spent, unknown, f"{server.issuer}/sign-up/nothing")]
    assert {answer.status for answer in answers} == {410}
    assert len({(answer.title, answer.text) for answer in answers}) == 1
    basics = [b64encode(f"{name}:{'0' * 64}".encode()).decode() for name in ("bank-web", "no-such-client")]
    told = [
        server.http.post(f"{server.issuer}/token", data={"grant_type": "x"}, headers={"authorization": f"Basic {each}"})
        for each in basics
    ]
    assert len({(each.status_code, each.text) for each in told}) == 1
