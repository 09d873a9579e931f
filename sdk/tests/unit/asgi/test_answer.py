"""Errors as answers."""

import json

import pytest

from newel_sdk.asgi import bearer_token, error_answer
from newel_sdk.errors import ActionRefused, FetchFailed, InputRefused, KeyRefused, NewelError


@pytest.mark.parametrize(
    ("error", "status"),
    [(InputRefused("x"), 400), (ActionRefused("x"), 400), (FetchFailed("x"), 503), (KeyRefused("x"), 500)],
)
def test_rfc9457_an_error_is_a_problem_and_only_the_sender_s_own_fault_is_explained(
    error: NewelError, status: int
) -> None:
    made = error_answer(error)
    body = json.loads(made.body)
    assert (made.status, body["status"], body["error"]) == (status, status, error.error)
    assert body["detail"] == ("x" if status == 400 else "")


def test_rfc6750_section_2_1_the_token_stands_in_one_header() -> None:
    assert bearer_token([]) is None
    assert bearer_token(["Bearer abc"]) == "abc"
    assert bearer_token(["BEARER  abc "]) == "abc"
    assert bearer_token(["Bearer"]) is None
    assert bearer_token(["DPoP abc"]) is None
    with pytest.raises(InputRefused):
        bearer_token(["Bearer a", "Bearer b"])
