"""Evaluate: counters that move while it decides, and keys."""

import pytest
from server.tests.unit.flows.parcels import Moving, inquiry

from newel.domain.errors import TemporarilyUnavailable
from newel.domain.velocity import KeptReservation
from newel.flows.evaluate import MOST_TRIES, evaluate
from newel.flows.inquiry import Question

SEND = Question(resource="parcel", thing="p-1", action="send", subject="sam", reservation="k-1")


async def test_a_counter_that_moved_meanwhile_is_decided_on_again() -> None:
    counters = Moving(3)
    answer = await evaluate(inquiry(counters), SEND)
    assert (answer.permitted, answer.kept, answer.reservation) == (True, True, "k-1")
    [kept] = counters.reserved
    assert (kept.client, kept.key, kept.digest) == ("depot", "k-1", SEND.digest())


async def test_counters_that_never_stand_still_are_given_up() -> None:
    with pytest.raises(TemporarilyUnavailable):
        await evaluate(inquiry(Moving(MOST_TRIES)), SEND)
    assert (await evaluate(inquiry(Moving(MOST_TRIES - 1)), SEND)).permitted


async def test_what_is_not_permitted_reserves_nothing() -> None:
    counters = Moving(0)
    far = Question(resource="parcel", thing="p-9", action="send", subject="sam", reservation="k-2")
    answer = await evaluate(inquiry(counters), far)
    assert (answer.permitted, answer.kept, answer.reservation, counters.reserved) == (False, False, None, [])
    assert answer.short.acr == "aal2"  # the zone that the caller registered for this parcel


def test_the_digest_of_a_question_is_of_all_that_is_asked_and_not_of_the_token() -> None:
    changed = (
        Question(resource="parcel", thing="p-2", action="send", subject="sam"),
        Question(resource="parcel", thing="p-1", action="track", subject="sam"),
        Question(resource="parcel", thing="p-1", action="send", subject="kim"),
        Question(resource="parcel", thing="p-1", action="send", subject="sam", stated={"context.weight": 1}),
        Question(resource="parcel", thing="p-1", action="send", subject="sam", stated={"context.weight": True}),
        Question(resource="parcel", thing="p-1", action="send", subject="sam", subject_type="user"),
    )
    assert len({SEND.digest(), *(each.digest() for each in changed)}) == len(changed) + 1
    again = Question(resource="parcel", thing="p-1", action="send", subject="sam", unverified_token="t")
    assert again.digest() == SEND.digest()


class Kept(Moving):
    """Counters under which everything was permitted, with these fields bound."""

    def __init__(self, bound: tuple[str, ...], digest: bytes) -> None:
        super().__init__(0)
        self.first = KeptReservation(id="r", digest=digest, at=1_800_000_000, counts=(), bound=bound)

    async def permitted(self, _client: str, _key: str) -> KeptReservation | None:
        return self.first


async def test_what_the_first_answer_bound_a_repetition_binds_too() -> None:
    answer = await evaluate(inquiry(Kept(("weight",), SEND.digest())), SEND)
    assert (answer.permitted, answer.kept, answer.reservation, answer.bound) == (True, False, "k-1", ("weight",))
    assert answer.entry.body["repeated"]


async def test_what_was_permitted_under_a_key_is_decided_anew() -> None:
    far = Question(resource="parcel", thing="p-9", action="send", subject="sam", reservation="k-1")
    answer = await evaluate(inquiry(Kept((), far.digest())), far)
    assert (answer.permitted, answer.reservation, answer.short.acr) == (False, None, "aal2")
    assert answer.entry.body["repeated"]
