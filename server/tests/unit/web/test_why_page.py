"""What was needed and what was there, in words."""

from zoneinfo import ZoneInfo

import pytest

from newel.domain.requirement import DENY, SESSION, Requirement, require
from newel.i18n import sentences
from newel.i18n.catalogue import read_catalogues
from newel.i18n.wording import Wording
from newel.web import why_page
from newel.web.words import NAMES

ENGLISH, GERMAN = (
    Wording(locale, read_catalogues()[locale], ZoneInfo("Europe/Berlin"), strict=True) for locale in ("en", "de")
)


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (DENY, "Nothing could be enough."),
        (require(), "That you are signed in."),
        (require({"recovery": SESSION}), "One proof."),
        (require({"aal1": SESSION}), "One proof."),
        (require({"aal2": SESSION}), "Two proofs."),
        (require({"phr": 120}), "A passkey, the last no older than 2 min."),
        (require({"aal3": 30}), "A security key whose maker is known, the last no older than 1 min."),
        (
            require({"aal2": 300}, bind=frozenset({"amount"})),
            "Two proofs, the last no older than 5 min, for exactly this.",
        ),
    ],
)
def test_the_strongest_class_and_its_age_are_named(requirement: Requirement, words: str) -> None:
    assert ENGLISH.say(why_page._needed(requirement)) == words


@pytest.mark.parametrize(
    ("age", "english", "german"),
    [
        (-5, "a moment ago", "gerade eben"),
        (59, "a moment ago", "gerade eben"),
        (60, "1 minute ago", "vor 1 Minute"),
        (3599, "59 minutes ago", "vor 59 Minuten"),
        (3600, "1 hour ago", "vor 1 Stunde"),
        (86_399, "23 hours ago", "vor 23 Stunden"),
        (86_400, "1 day ago", "vor 1 Tag"),
        (30 * 86_400, "30 days ago", "vor 30 Tagen"),
    ],
)
def test_what_was_proven_has_its_age(age: int, english: str, german: str) -> None:
    said = sentences.proven(NAMES["password"], age)
    assert ENGLISH.say(said) == f"Password ({english})"
    assert GERMAN.say(said) == f"Passwort ({german})"
