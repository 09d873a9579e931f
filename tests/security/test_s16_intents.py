"""S16: an interrupted request belongs to the browser that made it, against a bank and a server that run."""

from tests.security.bank_site import Site, customer
from tests.simulators.person import Browser
from tests.simulators.running import Person

from newel.crypto import base64url

BANK_SESSION = "__Host-bank-s"


def only_session(browser: Browser) -> dict[str, str]:
    """What a thief takes: every cookie that is not an intent's."""
    return {name: value for name, value in browser.cookies.items() if "intent" not in name}


def test_s16_the_form_is_not_lost_and_the_ledger_moves_once(site: Site, alex: Person) -> None:
    here = customer(site, alex)
    before, moved = site.balance(alex), site.moved()
    page = here.home.submit(here.arrive(here.send()), otp=alex.code())
    done = here.come_back(page)
    assert done.status in {200, 303}
    assert (site.balance(alex), site.moved()) == (before - 500_000, moved + 1)
    assert here.come_back(page).status >= 400
    assert site.moved() == moved + 1


def test_s16_a_stolen_session_cannot_plant_a_post_for_its_owner_to_approve(site: Site, alex: Person) -> None:
    owner = customer(site, alex)
    thief = customer(site, alex, signed_in=False)
    thief.bank.cookies.update(only_session(owner.bank))
    moved = site.moved()
    planted = thief.send(name="Thief Example", reference="Planted")
    assert planted.location
    # The owner is lured to the address, sees the prompt in the own browser, and approves it.
    approved = owner.home.submit(owner.arrive(planted), otp=alex.code())
    shown = owner.come_back(approved)
    assert shown.status >= 400
    assert site.moved() == moved
    # The approval is of no use to the thief either: the answer was taken, and it was the owner's.
    assert thief.come_back(approved).status >= 400
    assert site.moved() == moved


def test_s16_a_planted_post_with_a_cookie_of_the_same_name_does_not_resume(site: Site, alex: Person) -> None:
    owner = customer(site, alex)
    thief = customer(site, alex, signed_in=False)
    thief.bank.cookies.update(only_session(owner.bank))
    moved = site.moved()
    planted = thief.send(name="Thief Example")
    (name,) = (each for each in thief.bank.cookies if "intent" in each)
    owner.bank.cookies[name] = base64url.encode(b"x" * 32)
    page = owner.home.submit(owner.arrive(planted), otp=alex.code())
    assert owner.come_back(page).status >= 400
    assert site.moved() == moved


def test_s16_the_thief_cannot_finish_with_the_owners_answer(site: Site, alex: Person) -> None:
    owner = customer(site, alex)
    thief = customer(site, alex, signed_in=False)
    thief.bank.cookies.update(only_session(owner.bank))
    moved = site.moved()
    page = owner.home.submit(owner.arrive(owner.send()), otp=alex.code())
    assert thief.come_back(page).status >= 400
    assert site.moved() == moved


def test_s16_another_person_cannot_answer_the_step_up(site: Site, alex: Person, sam: Person) -> None:
    here = customer(site, alex)
    asked = here.send()
    assert site.db.execute("SELECT count(*) FROM newel_intents WHERE subject = ?", (alex.id,)).fetchone() == (1,)
    here.home.cookies.clear()
    page = here.home.submit(here.arrive(asked), username=sam.name, password=sam.password)
    assert "error=wrong_password" in (page.location or "")


def test_s16_another_person_signed_in_at_the_bank_meanwhile_discards_the_intent(
    site: Site, alex: Person, sam: Person
) -> None:
    here, other = customer(site, alex), customer(site, sam)
    moved = site.moved()
    page = here.home.submit(here.arrive(here.send()), otp=alex.code())
    here.bank.cookies[BANK_SESSION] = other.bank.cookies[BANK_SESSION]
    shown = here.come_back(page)
    assert (shown.status, "Somebody else has signed in here meanwhile." in shown.text) == (403, True)
    assert site.moved() == moved
    assert site.db.execute("SELECT count(*) FROM newel_intents WHERE subject = ?", (alex.id,)).fetchone() == (0,)


def test_s16_a_form_from_another_site_never_becomes_an_intent(site: Site, alex: Person) -> None:
    here = customer(site, alex)
    told = {"payee": "new", "name": "T", "iban": "DE89370400440532013000", "amount": "5,000.00", "key": "k" * 20}
    for headers in (
        {"origin": "http://localhost:1"},
        {"origin": "null"},
        {"origin": "", "sec-fetch-site": "same-site"},
    ):
        answer = here.bank.post("/payments", told, headers=headers)
        assert answer.status == 403
        assert answer.location is None
    assert site.db.execute("SELECT count(*) FROM newel_intents WHERE subject = ?", (alex.id,)).fetchone() == (0,)


def test_s16_a_post_of_nobody_never_becomes_an_intent(site: Site, alex: Person) -> None:
    here = customer(site, alex)
    stranger = customer(site, alex, signed_in=False)
    form = {"key": "k" * 20, "payee": "new", "name": "T", "iban": "DE89370400440532013000", "amount": "5,000.00"}
    assert stranger.bank.post("/payments", form).status == 401
    assert site.db.execute("SELECT count(*) FROM newel_intents WHERE subject = ?", (alex.id,)).fetchone() == (0,)
    assert here.bank.get("/accounts").status == 200


def test_s16_an_intent_lives_ten_minutes_and_lies_encrypted(site: Site, alex: Person) -> None:
    here = customer(site, alex)
    moved = site.moved()
    asked = here.send(reference="Readable nowhere")
    rows = site.db.execute("SELECT sealed FROM newel_intents WHERE subject = ?", (alex.id,)).fetchall()
    assert b"Readable nowhere" not in rows[0][0]
    page = here.home.submit(here.arrive(asked), otp=alex.code())
    site.clock.ahead = 601
    try:
        assert here.come_back(page).status >= 400
    finally:
        site.clock.ahead = 0
    assert site.moved() == moved
