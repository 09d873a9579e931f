"""From reasons to words: each fault of a proof is said in the words of its way."""

import pytest

from newel.i18n import sentences
from newel.i18n.message import Words
from newel.web.words import enrol_fault_words, fault_words

LEAST = 12
PASSKEY_FAULTS = (
    "wrong_subject",
    "wrong_origin",
    "wrong_challenge",
    "not_present",
    "not_verified",
    "bad_signature",
    "cloned",
    "unsupported",
    "wrong_action",
)


@pytest.mark.parametrize(
    ("way", "reason", "words"),
    [
        ("password", "wrong_password", sentences.wrong_password()),
        ("totp", "wrong_code", sentences.wrong_code()),
        ("totp", "code_used", sentences.used_code()),
        ("recovery_code", "wrong_code", sentences.wrong_recovery_code()),
        ("recovery_code", "code_used", sentences.used_recovery_code()),
        ("passkey", "unknown_credential", sentences.unknown_passkey()),
        *(("passkey", reason, sentences.refused_passkey()) for reason in PASSKEY_FAULTS),
    ],
)
def test_a_fault_is_said_in_the_words_of_its_way(way: str, reason: str, words: Words) -> None:
    assert fault_words(way, reason) == words


def test_a_password_of_a_known_person_cannot_have_a_wrong_name() -> None:
    assert fault_words("password", "wrong_password", known=True) == sentences.wrong_password_again()


@pytest.mark.parametrize("way", ["password", "totp", "recovery_code", "passkey", "security_key"])
def test_what_is_nobodys_fault_is_said_the_same_of_every_way(way: str) -> None:
    assert "Too many people" in str(fault_words(way, "busy"))
    assert "open for too long" in str(fault_words(way, "expired"))


@pytest.mark.parametrize(
    ("method", "reason", "words"),
    [
        ("password", "too_short", sentences.short_password(LEAST)),
        ("password", "too_long", sentences.long_password(128)),
        ("password", "common", sentences.common_password()),
        ("password", "resembles_name", sentences.common_password()),
        ("totp", "wrong_code", sentences.wrong_code()),
        ("passkey", "bad_signature", sentences.refused_attestation()),
    ],
)
def test_an_enrolment_that_was_not_confirmed_says_why(method: str, reason: str, words: Words) -> None:
    assert enrol_fault_words(method, reason, LEAST) == words
