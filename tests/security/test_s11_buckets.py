"""S11: every spelling of a name, and every form of an address, shares one bucket."""

import pytest
from tests.security.stage import Do
from tests.simulators.person import Browser
from tests.simulators.running import Person, Running

from newel.http.ratelimit import bucket


def test_s11_every_spelling_of_a_name_shares_one_bucket(
    server: Running, ask: Do, browser: Browser, sam: Person
) -> None:
    spellings = [sam.name, sam.name.upper(), f" {sam.name} ", sam.name.replace("s", "\uff53", 1)]
    last = None
    for number in range(21):
        page = ask(state=str(number))
        last = browser.submit(page, username=spellings[number % 4], password="wrong wrong wrong")
    assert last is not None
    assert last.status == 429
    counted = server.rows("SELECT id, count FROM buckets WHERE id LIKE 'sign-in|n=%'")
    assert counted == [(bucket("sign-in", name=sam.name), 21)]
    assert browser.submit(ask(), username=sam.name, password=sam.password).status == 429


def test_s11_every_spelling_signs_in_the_same_person(ask: Do, browser: Browser, alex: Person) -> None:
    for spelling in (alex.name.upper(), f"  {alex.name}", alex.name.replace("a", "\uff41", 1)):
        browser.cookies.clear()
        assert "code" in browser.submit(ask(), username=spelling, password=alex.password).answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("192.0.2.7", "::ffff:c000:207"),
        ("2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:0db8:0001:0002:0000:0000:0000:0001%eth0"),
    ],
)
def test_s11_every_form_of_an_address_and_a_whole_64_share_one_bucket(one: str, other: str) -> None:
    assert bucket("sign-in", address=one) == bucket("sign-in", address=other)


def test_s11_two_addresses_are_two_buckets() -> None:
    assert bucket("sign-in", address="192.0.2.7") != bucket("sign-in", address="192.0.2.8")
    assert bucket("sign-in", address="2001:db8:1:2::1") != bucket("sign-in", address="2001:db8:1:3::1")
