"""S10: an attempt is counted before it is verified, by one conditional statement; parallel guesses spend as many."""

from typing import Any

from tests.security.stage import Do, at_once, number, twin
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person, Running

PARALLEL = 100


def guess(browser: Browser, page: Page, **answer: Any) -> Page:
    """One answer from the same browser on a connection of its own."""
    again = twin(browser)
    try:
        return again.submit(page, **answer)
    finally:
        again.close()


def bucket(server: Running, person: Person, way: str) -> int:
    ((count,),) = server.rows("SELECT count FROM buckets WHERE id = :id", id=f"proof:{person.id}:{way}")
    return int(count)


def test_s10_100_parallel_guesses_of_one_code_spend_5_attempts(
    server: Running, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    answers = at_once(lambda n: guess(browser, page, otp=f"{n:06d}"), range(PARALLEL), threads=20)
    assert not any("code" in each.answer for each in answers)
    assert server.rows("SELECT attempts FROM interactions WHERE id = :id", id=number(page)) == [(5,)]
    assert bucket(server, alex, "totp") == 5
    assert browser.submit(page, otp=alex.code()).status == 429


def test_s10_beyond_the_interactions_the_bucket_of_the_person_ends_the_guessing(
    server: Running, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    pages = [ask(acr_values="aal2", state=str(each)) for each in range(6)]
    answers = at_once(lambda n: guess(browser, pages[n % 6], otp=f"{n:06d}"), range(30), threads=20)
    assert not any("code" in each.answer for each in answers)
    assert bucket(server, alex, "totp") == 21
    late = browser.submit(ask(acr_values="aal2", state="late"), otp=alex.code())
    assert (late.status, "retry-after" in late.headers) == (429, True)


def test_s10_one_right_code_in_100_parallel_answers_succeeds_once(
    sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    pages = [ask(acr_values="aal2", state=str(each)) for each in range(10)]
    code = alex.code()
    answers = at_once(lambda n: guess(browser, pages[n % 10], otp=code), range(PARALLEL), threads=20)
    assert len({each.answer["code"] for each in answers if "code" in each.answer}) == 1


def test_s10_guesses_of_a_password_are_counted_in_the_interaction_too(
    server: Running, ask: Do, browser: Browser, sam: Person
) -> None:
    page = ask()
    answers = at_once(lambda n: guess(browser, page, username=sam.name, password=f"wrong {n}"), range(12), threads=6)
    assert {each.status for each in answers} <= {303, 429}
    assert server.rows("SELECT attempts FROM interactions WHERE id = :id", id=number(page)) == [(5,)]
    assert browser.submit(page, username=sam.name, password=sam.password).status == 429


def test_s10_what_was_counted_outlives_the_process(
    server: Running, sign_in: Do, ask: Do, browser: Browser, alex: Person
) -> None:
    sign_in(alex)
    page = ask(acr_values="aal2")
    for _ in range(5):
        browser.submit(page, otp="000000")
    server.process.kill()
    server.process.wait(60)
    if server.process.stdout:
        server.process.stdout.close()
    server.process = server.restart()
    assert browser.submit(page, otp=alex.code()).status == 429
