"""What was needed, in words."""

from zoneinfo import ZoneInfo

import pytest

from newel.domain.requirement import DENY, SESSION, Requirement, require
from newel.i18n.catalogue import read_catalogues
from newel.i18n.wording import Wording
from newel.web import why_page

ENGLISH = Wording("en", read_catalogues()["en"], ZoneInfo("Europe/Berlin"))


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
