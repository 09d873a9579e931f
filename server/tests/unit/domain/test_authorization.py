"""A validated authorization request: when only this interaction's events count (OpenID Connect Core 3.1.2.1)."""

import pytest

from newel.domain.authorization import AuthorizationRequest, Prompt


@pytest.mark.parametrize(
    ("prompt", "max_age", "fresh_only"),
    [
        (set(), None, False),
        ({Prompt.LOGIN}, None, True),
        ({Prompt.LOGIN, Prompt.CONSENT}, 300, True),
        ({Prompt.NONE}, None, False),
        ({Prompt.CONSENT, Prompt.SELECT_ACCOUNT}, 1, False),
        (set(), 0, True),
    ],
)
def test_prompt_login_and_max_age_0_count_only_events_of_this_interaction(
    prompt: set[Prompt], max_age: int | None, fresh_only: bool
) -> None:
    request = AuthorizationRequest(
        client_id="c", redirect_uri="https://c.example/cb", scope=(), prompt=frozenset(prompt), max_age=max_age
    )
    assert request.fresh_only == fresh_only
