"""Guessing, replay and races, against the running server (S10, S11, S13)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Relying, Running

Do = Callable[..., Page]
PARALLEL = 100


def guess(server: Running, browser: Browser, page: Page, code: str) -> Page:
    """One answer from the same browser on a connection of its own."""
    twin = Browser(server.issuer, cookies=dict(browser.cookies))
    try:
        return twin.submit(page, otp=code)
    finally:
        twin.close()


def test_s10_100_parallel_guesses_of_one_code_spend_5_attempts(
    server: Running, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: guess(server, browser, page, f"{n:06d}"), range(PARALLEL)))
    assert not any("code" in each.answer for each in answers)
    number = page.url.rsplit("/", 1)[1].split("?")[0]
    assert server.rows("SELECT attempts FROM interactions WHERE id = :id", id=number) == [(5,)]
    assert browser.submit(page, otp=alex.code()).status == 429


def test_s10_one_right_code_sent_100_times_at_once_succeeds_once(
    server: Running, sign_in: Do, ask: Do, browser: Browser, bank: Relying, alex: Person
) -> None:
    sign_in(alex)
    pages = [ask(acr_values="aal2", state=str(n)) for n in range(10)]
    code = alex.code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda page: guess(server, browser, page, code), pages))
    assert sum("code" in each.answer for each in answers) == 1


def test_s13_two_browsers_redeeming_one_code_give_one_success(sign_in: Do, bank: Relying, sam: Person) -> None:
    code = sign_in(sam).answer["code"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bank.redeem(code).status_code, range(8)))
    assert sorted(answers) == [200, *[400] * 7]


def test_s13_a_totp_step_is_used_once_in_any_interaction(sign_in: Do, ask: Do, browser: Browser, alex: Person) -> None:
    sign_in(alex)
    code = alex.code()
    assert "code" in browser.submit(ask(acr_values="aal2"), otp=code).answer
    page = browser.submit(ask(prompt="login", acr_values="aal2"), password=alex.password)
    again = browser.submit(browser.follow(page), otp=code)
    assert "error=code_used" in (again.location or "")


def test_s11_every_spelling_of_a_name_shares_one_bucket(
    server: Running, ask: Do, browser: Browser, sam: Person
) -> None:
    spellings = [sam.name, sam.name.upper(), f" {sam.name} ", sam.name.replace("s", "\uff53", 1)]
    last = None
    for number in range(25):
        page = ask(state=str(number))
        last = browser.submit(page, username=spellings[number % 4], password="wrong wrong wrong")
    assert last is not None
    assert last.status == 429
