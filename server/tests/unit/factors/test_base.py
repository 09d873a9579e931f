import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, NOW, moment

from newel.domain.evidence import Authenticator
from newel.factors import base
from newel.factors.base import LIVES, Draft, Rejected

APP = Authenticator(id="a1", subject=ALEX.id, method="totp", name="App", created_at=NOW, material=b"")
ANOTHER = dataclasses.replace(APP, id="a2")
DIGEST = b"d" * 32


def test_an_enrolment_is_resumed_for_its_account_and_method_while_it_is_fresh() -> None:
    draft = base.begin(moment(), ALEX, "totp", b"secret", {}).draft
    assert base.resume(moment(now=NOW + LIVES - 1), ALEX, "totp", draft) == Draft("totp", ALEX.id, NOW, b"secret")
    assert base.resume(moment(now=NOW + LIVES), ALEX, "totp", draft) == Rejected("expired")
    assert base.resume(moment(now=NOW - 1), ALEX, "totp", draft) == Rejected("expired")
    assert base.resume(moment(), ALEX, "passkey", draft) == Rejected("malformed")
    assert base.resume(moment(), dataclasses.replace(ALEX, id="sam"), "totp", draft) == Rejected("malformed")


def test_an_enrolment_keeps_its_secret_out_of_representations() -> None:
    assert "secret" not in repr(base.begin(moment(), ALEX, "totp", b"secret", {}))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_draft_are_malformed(draft: bytes) -> None:
    assert base.resume(moment(), ALEX, "totp", draft) == Rejected("malformed")


def test_a_challenge_is_of_its_moment_and_names_who_may_answer() -> None:
    challenge = base.new_challenge(moment(digest=DIGEST), "totp", (APP, ANOTHER))
    assert (challenge.method, challenge.authenticators, challenge.made_at) == ("totp", ("a1", "a2"), NOW)
    assert challenge.digest == DIGEST
    assert len(challenge.id) == 22


@pytest.mark.parametrize(
    ("made_for", "now_for", "reason"),
    [
        (None, None, None),
        (DIGEST, DIGEST, None),
        (DIGEST, None, "wrong_action"),
        (None, DIGEST, "wrong_action"),
        (DIGEST, b"e" * 32, "wrong_action"),
        (None, b"", "wrong_action"),
    ],
)
def test_s17_a_challenge_is_answered_for_the_action_it_was_made_for(
    made_for: bytes | None, now_for: bytes | None, reason: str | None
) -> None:
    challenge = base.new_challenge(moment(digest=made_for), "totp", (APP,))
    refusal = base.refusal(moment(digest=now_for), challenge, "totp", "123456")
    assert (refusal and refusal.reason) == reason


def test_a_challenge_of_another_method_an_old_one_and_a_huge_response_are_refused() -> None:
    challenge = base.new_challenge(moment(), "totp", (APP,))
    assert base.refusal(moment(), challenge, "password", "x") == Rejected("malformed")
    assert base.refusal(moment(), challenge, "totp", "x" * (base.MAX_RESPONSE + 1)) == Rejected("malformed")
    assert base.refusal(moment(now=NOW + LIVES), challenge, "totp", "x") == Rejected("expired")


def test_only_the_authenticators_that_were_asked_may_answer_unless_the_challenge_is_open() -> None:
    named = base.new_challenge(moment(), "totp", (APP,))
    open_to_all = base.new_challenge(moment(), "totp", ())
    both = (APP, ANOTHER, dataclasses.replace(APP, method="password"))
    assert base.asked(named, both) == (APP,)
    assert base.asked(open_to_all, both) == (APP, ANOTHER)
