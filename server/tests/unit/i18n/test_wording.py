"""Messages become words: looked up, in the right number, with their values as the language writes them."""

from zoneinfo import ZoneInfo

import pytest

from newel.i18n.acts import ACTS, CONFIRM, act
from newel.i18n.catalogue import Catalogue, read_catalogues
from newel.i18n.message import Amount, Clock, Day, Iban, Text, several
from newel.i18n.sentences import tries_left, used_code, wrong_password
from newel.i18n.wording import UntranslatedError, Wording

BERLIN = ZoneInfo("Europe/Berlin")
AT = 1_795_527_060  # 24 November 2026, 14:31 in Berlin
CATALOGUES = read_catalogues()
ENGLISH, GERMAN = (Wording(name, CATALOGUES[name], BERLIN, strict=True) for name in ("en", "de"))
NB = "\u00a0"


@pytest.mark.parametrize(
    ("message", "english", "german"),
    [
        (
            wrong_password(),
            "Name and password don\u2019t match. Check both, or use a passkey.",
            "Name und Passwort passen nicht zusammen. Prüfen Sie beides oder nehmen Sie einen Passkey.",
        ),
        (
            used_code(),
            "That code has been used. Your app shows a new one within 30 seconds.",
            "Dieser Code ist verbraucht. Ihre App zeigt spätestens in 30 Sekunden einen neuen.",
        ),
        (tries_left(1), "1 try left.", "Noch 1 Versuch."),
        (tries_left(3), "3 tries left.", "Noch 3 Versuche."),
        (
            act("send").limits(AT),
            "Counts for this payment only, until 14:31. If you don\u2019t send, your form stays as you left it.",
            "Gilt nur für diese Zahlung, bis 14:31 Uhr. Wenn Sie nicht senden, bleibt Ihr Formular, wie es war.",
        ),
        (
            act("send").no_passkey,
            "Nothing was sent: no passkey was used. Try again or use a code.",
            (
                "Nichts wurde gesendet: Es wurde kein Passkey benutzt. "
                "Versuchen Sie es noch einmal oder nehmen Sie einen Code."
            ),
        ),
    ],
)
def test_a_message_is_said_in_both_languages(message: Text, english: str, german: str) -> None:
    assert ENGLISH.say(message) == english
    assert GERMAN.say(message) == german


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (Amount(500_000, "EUR"), f"5,000.00{NB}EUR", f"5.000,00{NB}EUR"),
        (Clock(AT), "14:31", "14:31"),
        (Day(AT), "24 November", "24. November"),
        (Day(AT, year=True), "24 November 2026", "24. November 2026"),
        (Iban("DE89370400440532013000"), "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("as it is", "as it is", "as it is"),
        (7, "7", "7"),
        (Text("Sign out"), "Sign out", "Abmelden"),
    ],
)
def test_a_value_is_written_as_the_language_does(value: object, english: str, german: str) -> None:
    assert (ENGLISH.value(value), GERMAN.value(value)) == (english, german)


def test_what_a_value_holds_is_never_read_as_a_message() -> None:
    said = ENGLISH.say(Text("It is now called %(name)s.", {"name": "100 % %(name)s it's"}))
    assert said == "It is now called 100 % %(name)s it's."


def test_a_text_already_worded_stays_as_it_is() -> None:
    assert GERMAN.say("Sign out %(name)s it's") == "Sign out %(name)s it's"


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        ENGLISH.say(Text("It is now called %(name)s."))


def test_a_template_words_its_own_messages() -> None:
    assert GERMAN.gettext("Remove %(name)s", name="Laptop") == "Laptop entfernen"


def test_an_untranslated_message_is_english_to_people_and_an_error_to_tests() -> None:
    message = several("%(n)s thing that's new", "%(n)s things that're new", 2)
    assert Wording("de", Catalogue({}, {}), BERLIN).say(message) == "2 things that\u2019re new"
    with pytest.raises(UntranslatedError):
        GERMAN.say(message)


def test_every_act_has_all_its_words_and_an_unknown_one_those_of_confirming() -> None:
    assert act("juggle") is CONFIRM
    for words in ACTS.values():
        assert "14:31" in GERMAN.say(words.limits(AT))
        assert GERMAN.say(words.nothing) in GERMAN.say(words.declined) or words.declined is not words.nothing
