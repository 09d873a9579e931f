"""An interaction begins open, with nothing proven and nobody pinned (S01, S08)."""

import pytest

from newel.domain.interaction import Interaction, Purpose, State


@pytest.mark.parametrize("purpose", Purpose)
def test_an_interaction_begins_open_and_empty(purpose: Purpose) -> None:
    begun = Interaction(id="i", purpose=purpose, browser_hash=b"h" * 32, created_at=0, expires_at=600)
    assert begun.state is State.OPEN
    assert (begun.subject, begun.lineage, begun.decided, begun.action) == (None, None, None, None)
    assert (begun.evidence, begun.challenges) == ((), ())
    assert begun.attempts == begun.revision == 0


def test_the_only_states_after_open_are_ends() -> None:
    assert {state.value for state in State} - {"open"} == {"done", "declined", "reported", "refused"}
