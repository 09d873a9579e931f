"""Reading: whatever JSON comes is a question or malformed; paths are those that facts have."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.flows.inquiry import Question
from newel.http.errors import RequestError
from newel.http.request import Request
from newel.pdp.reading import DEEPEST, MOST_VALUES, Malformed, read_asked, read_body, read_entity, read_question

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=5), ANYTHING, max_size=4)
GOOD: dict[str, Any] = {
    "subject": {"type": "user", "id": "sam"},
    "action": {"name": "send"},
    "resource": {"type": "parcel", "id": "p-1"},
}


def asked(**more: Any) -> Any:
    return read_question({**GOOD, **more})


def either(body: bytes) -> tuple[Question | str, Question | str]:
    """What a request asks, or why it is refused: read at once, and read member by member."""
    request = Request(method="POST", path="/", headers={"content-type": "application/json"}, body=body)
    told: list[Question | str] = []
    for read in (read_asked, lambda each: read_question(read_body(each))):
        try:
            told.append(read(request))
        except (Malformed, RequestError) as error:
            told.append(f"{type(error).__name__} {error}")
    return told[0], told[1]


@given(
    st.dictionaries(st.sampled_from(["subject", "action", "resource", "context", "more"]), OBJECTS | ANYTHING),
    st.sampled_from([(",", ":"), (", ", ": ")]),
)
def test_a_request_means_the_same_at_once_and_member_by_member(
    members: dict[str, Any], separators: tuple[str, str]
) -> None:
    for whole in (members, {**GOOD, **members}, {**GOOD, "context": members}):
        at_once, in_detail = either(
            json.dumps(whole, separators=separators, ensure_ascii=False).encode("utf-8", "replace")
        )
        assert at_once == in_detail


@pytest.mark.parametrize(
    "body",
    [
        b'{"subject":{"type":"u","id":"s","id":"t"},"action":{"name":"a"},"resource":{"type":"r","id":"1"}}',
        b'{"subject":{"type":"u","id":"s"},"action":{"name":"a"},"resource":{"type":"r","id":"1"},"action":{"name":"b"}}',
        b'{"subject":{"type":"u","id":"s"},"action":{"name":"a"},"resource":{"type":"r","id":"1"},"context":{"x":1,"x":2}}',
        b'{"subject":{"type":"u","id":"s"},"action":{"name":"a"},"resource":{"type":"r","id":"1"},"context":{"x":'
        + b"[" * DEEPEST
        + b"]" * DEEPEST
        + b"}}",
        b'{"subject":{"type":"u","id":"s"},"action":{"name":"a"},"resource":{"type":"r","id":"1"},"context":'
        + b'{"x":' * 2000
        + b"1"
        + b"}" * 2001,
        b"[]",
        b"",
    ],
)
def test_s35_what_is_refused_in_detail_is_refused_at_once(body: bytes) -> None:
    at_once, in_detail = either(body)
    assert at_once == in_detail
    assert isinstance(at_once, str)


@given(st.sampled_from(["subject", "action", "resource", "context"]), ANYTHING)
def test_an_entity_of_any_shape_is_read_or_malformed(name: str, value: Any) -> None:
    with suppress(Malformed):
        assert asked(**{name: value}).target.count(":") >= 1


@given(OBJECTS)
def test_every_value_of_a_context_has_one_path_that_no_other_has(context: dict[str, Any]) -> None:
    def leaves(value: Any) -> int:
        return sum(map(leaves, value.values())) if isinstance(value, dict) and value else 1

    try:
        stated = asked(context=context).stated
    except Malformed:
        return
    assert len(stated) == sum(map(leaves, context.values()))
    assert all(path.startswith("context.") for path in stated)


@pytest.mark.parametrize("longest", [{"id": "x" * 1024}, {"type": "\u00e4" * 256}, {"properties": {}}, {"more": None}])
def test_an_entity_is_read_up_to_its_bounds_whichever_way_it_is_looked_at(longest: dict[str, Any]) -> None:
    body = {**GOOD, "resource": {**GOOD["resource"], **longest}}
    question = read_question(body)
    entity = read_entity(body, "resource")
    assert (question.resource, question.thing, question.properties) == (entity.kind, entity.id, entity.properties)


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ({"type": "parcel"}, "resource.id is missing"),
        ({"type": "", "id": "p"}, "resource.type must be a string of 1 to 256 characters"),
        ({"type": "parcel", "id": "x" * 1025}, "resource.id must be a string of 1 to 1024 characters"),
        ({"type": "parcel", "id": 5}, "resource.id must be a string of 1 to 1024 characters"),
        ({"type": "parcel", "id": "p", "properties": None}, "resource.properties must be an object"),
        ([], "resource must be an object"),
    ],
)
def test_what_is_malformed_is_named(entity: Any, said: str) -> None:
    with pytest.raises(Malformed, match=f"^{said}$"):
        asked(resource=entity)


def test_values_stand_at_the_path_that_a_fact_would_have() -> None:
    question = asked(
        subject={"type": "user", "id": "sam", "properties": {"role": "x", "access_token": "secret"}},
        action={"name": "send", "properties": {"Soft": True}},
        resource={"type": "parcel", "id": "p-1", "properties": {"ownerID": "o", "size": {"cm": [1, 2]}}},
        context={"now": 1, "payee": {"Country": "DE", "tags": {}}, "reservation": "k"},
    )
    assert question.stated == {
        "subject.properties.role": "x",
        "action.properties.soft": True,
        "resource.properties.ownerid": "o",
        "resource.properties.size.cm": [1, 2],
        "context.now": 1,
        "context.payee.country": "DE",
        "context.payee.tags": {},
    }
    assert (question.unverified_token, question.reservation, question.target) == ("secret", "k", "parcel:send")
    assert question.named == {
        "subject.type": "user",
        "resource.type": "parcel",
        "resource.id": "p-1",
        "action.name": "send",
    }


@pytest.mark.parametrize("name", ["a.b", "", "\u212a", "caf\u00e9", "a b", "-", "9"])
def test_a_name_that_no_fact_can_have_means_no_fact(name: str) -> None:
    [path] = asked(context={name: 1}).stated
    assert path == f"context.{name!r}"


def test_the_token_and_the_reservation_are_never_facts_however_they_are_spelled() -> None:
    who = {"type": "user", "id": "sam", "properties": {"Access_Token": "x", "ACCESS_TOKEN": 5}}
    question = asked(subject=who, context={"Reservation": "k"})
    assert (question.stated, question.unverified_token, question.reservation) == ({}, None, None)


def test_a_nested_and_a_dotted_name_are_not_the_same() -> None:
    assert len(asked(context={"a": {"b": 1}, "a.b": 2, "'a.b'": 3}).stated) == 3


def test_there_are_at_most_so_many_values_and_none_twice() -> None:
    asked(context={f"n{number}": 0 for number in range(MOST_VALUES)})
    with pytest.raises(Malformed):
        asked(context={f"n{number}": 0 for number in range(MOST_VALUES + 1)})
    with pytest.raises(Malformed):
        asked(context={"a": 1, "A": 1})
