import dataclasses

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, NOW, moment

from newel.crypto import hashing
from newel.domain.change import ReplaceMaterial
from newel.domain.evidence import Authenticator
from newel.domain.method import Kind
from newel.factors.base import Confirmed, Reason, Rejected, Verified
from newel.factors.password import LEAST, MOST, Password, fault, prepare

FACTOR = Password()
GOOD = "correct horse battery"


def set_password(password: str) -> Confirmed | Rejected:
    draft = FACTOR.enrol(moment(), ALEX).draft
    return FACTOR.confirm(moment(), ALEX, draft, password, authenticator_id="p1", name="Password")


def enrolled(password: str = GOOD) -> Authenticator:
    confirmed = set_password(password)
    assert isinstance(confirmed, Confirmed)
    return confirmed.authenticator


HERS = enrolled()


def answer(password: str, authenticators: tuple[Authenticator, ...] = (HERS,)) -> Verified | Rejected:
    challenge = FACTOR.challenge(moment(), authenticators).challenge
    return FACTOR.verify(moment(), challenge, authenticators, password)


def test_a_new_password_is_stored_as_its_hash_and_is_evidence_of_knowledge() -> None:
    confirmed = set_password(GOOD)
    assert isinstance(confirmed, Confirmed)
    stored = confirmed.authenticator
    assert stored.material.startswith(b"$argon2id$")
    assert GOOD.encode() not in stored.material
    assert (stored.id, stored.subject, stored.method, stored.created_at) == ("p1", ALEX.id, "password", NOW)
    assert confirmed.evidence is not None
    assert confirmed.evidence.how.kind is Kind.KNOWLEDGE
    assert FACTOR.enrol(moment(), ALEX).public == {"least": 8, "most": 128}


def test_the_right_password_is_verified_and_a_wrong_one_is_not() -> None:
    verified = answer(GOOD)
    assert isinstance(verified, Verified)
    assert (verified.evidence.id, verified.evidence.authenticator, verified.evidence.at) == ("event-1", "p1", NOW)
    assert verified.change is None
    assert answer(GOOD + " ") == Rejected("wrong_password")
    assert answer("") == Rejected("wrong_password")


def test_s31_an_unknown_subject_costs_a_check_and_gets_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    monkeypatch.setattr("newel.factors.password.verify_nothing", checked.append)
    assert answer(GOOD, ()) == answer("wrong " + GOOD) == Rejected("wrong_password")
    assert checked == [GOOD]


def test_a_password_for_one_subject_is_not_one_for_another_challenge() -> None:
    challenge = FACTOR.challenge(moment(), (HERS,)).challenge
    other = dataclasses.replace(HERS, id="p2")
    assert FACTOR.verify(moment(), challenge, (other,), GOOD) == Rejected("wrong_password")


def test_a_hash_of_older_parameters_is_replaced_only_while_it_is_still_there() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD).encode()
    verified = answer(GOOD, (dataclasses.replace(HERS, material=old),))
    assert isinstance(verified, Verified)
    assert isinstance(verified.change, ReplaceMaterial)
    assert (verified.change.authenticator, verified.change.old) == ("p1", old)
    assert hashing.verify_password(verified.change.new.decode(), GOOD).matches


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("sevench", "too_short"),
        ("a" * 7 + "\u0301", "too_short"),
        ("vKx3-" * 26, "too_long"),
        ("x" * 2000, "too_long"),
        ("password", "common"),
        ("Password123!", "common"),
        ("correct\thorse", "not_text"),
        ("correct\ud800horse", "not_text"),
        ("alex@example.com", "resembles_name"),
        ("AlexDoe2026", "resembles_name"),
        ("acme bank 9", "resembles_name"),
        ("Alex Doe Alex Doe", "resembles_name"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_in_words_that_can_be_told(password: str, reason: Reason) -> None:
    assert set_password(password) == Rejected(reason)


@pytest.mark.parametrize(
    "password", ["abcd efgh", "aaaa-bbbb-cccc-dddd", "grünes Fahrrad", "x" * 30 + "yzq", "🦊🌲🌧️🚲🏔️🐝🥖🧶"]
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    assert fault(prepare(password) or "", ("alex",)) is None


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Ångström unit", "Ångström unit"),
        ("\uff43\uff4f\uff52\uff52\uff45\uff43\uff54 horse", "correct horse"),
        ("correct\u00a0horse", "correct horse"),
        ("correct\u3000horse", "correct horse"),
        ("correct\u1680horse", "correct horse"),
        ("ﬁne old horse", "fine old horse"),
    ],
)
def test_a_password_typed_on_another_keyboard_is_the_same(typed: str, same: str) -> None:
    assert prepare(typed) == prepare(same)


@given(st.text(max_size=30))
def test_preparing_twice_is_preparing_once(password: str) -> None:
    prepared = prepare(password)
    assert prepared is None or prepare(prepared) == prepared


@given(st.text(min_size=LEAST, max_size=MOST))
def test_every_text_is_a_password_or_has_one_fault(password: str) -> None:
    prepared = prepare(password)
    if prepared is not None:
        assert fault(prepared, ("alex",)) in {None, "too_short", "too_long", "common", "resembles_name"}


def test_case_counts() -> None:
    assert prepare("Correct Horse") != prepare("correct horse")


def test_a_new_password_has_at_least_eight_characters_and_the_page_knows() -> None:
    begun = FACTOR.enrol(moment(), ALEX)
    assert begun.public["least"] == LEAST == 8
    rejected = FACTOR.confirm(moment(), ALEX, begun.draft, "vKx3-7W", authenticator_id="p1", name="")
    assert rejected == Rejected("too_short")


def test_a_response_far_too_long_is_no_password() -> None:
    assert answer("x" * 2000) == Rejected("wrong_password")
    assert answer("x" * 40_000) == Rejected("malformed")
