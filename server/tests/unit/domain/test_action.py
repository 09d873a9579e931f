"""Object A: its canonical form (RFC 8785), its digest and what must not stand in it (S17)."""

import hashlib
import json
import os
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.action import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INTEGER,
    Action,
    ActionRefused,
    ActionRequest,
    canonical,
    challenge,
    check,
)

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
LAW = settings(max_examples=1000 if NIGHTLY else 50, deadline=None, derandomize=not NIGHTLY, database=None)
WIRE = json.loads((Path(__file__).parents[4] / "tests" / "vectors" / "wire" / "action.json").read_text())

NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=5)
LEAVES = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.sampled_from(["", "ä€", '"\\/', "😀"])
OBJECTS = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
    ),
    max_size=4,
).filter(lambda value: depth(value) <= MAX_DEPTH)

TRANSFER = Action(
    iss="https://id.example",
    aud="https://bank.example",
    client_id="bank-web",
    cnf=None,
    sub="7f3a",
    interaction="01J9ZK3W",
    action="send",
    resource="bank.transfer",
    fields={"amount": {"minor": 500000, "currency": "EUR"}, "payee": {"id": "DE89", "name": "Maria Example"}},
    locale="en",
    text="Send 5,000.00 EUR\nTo: Maria Example",
    exp=1790000600,
)
CHANGES: list[dict[str, Any]] = [
    {"iss": "https://id.example/"},
    {"aud": "https://bank.example:443"},
    {"client_id": "bank-app"},
    {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}},
    {"sub": "7f3b"},
    {"interaction": "01J9ZK3X"},
    {"action": "schedule"},
    {"resource": "bank.order"},
    {"fields": {**TRANSFER.fields, "amount": {"minor": 500001, "currency": "EUR"}}},
    {"locale": "de"},
    {"text": "Send 5.00 EUR\nTo: Maria Example"},
    {"exp": 1790000601},
]


def depth(value: object) -> int:
    if isinstance(value, dict):
        return max(map(depth, value.values()), default=0) + 1
    return max(map(depth, value), default=0) + 1 if isinstance(value, list) else 0


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", WIRE["accepted"], ids=itemgetter("name"))
def test_the_wire_s_examples_have_the_bytes_both_sides_agree_on(case: dict[str, Any]) -> None:
    text = canonical(case["action"])
    digest = hashlib.sha256(text).digest()
    assert text.decode() == case["canonical"]
    assert digest.hex() == case["digest"]
    assert challenge(digest, bytes.fromhex(case["nonce"])).hex() == case["challenge"]


@pytest.mark.parametrize("case", WIRE["refused"], ids=itemgetter("name"))
def test_the_wire_s_refusals_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ActionRefused):
        canonical(case["action"])


def test_the_members_of_a_are_those_of_version_1() -> None:
    assert TRANSFER.as_object() == {
        "v": 1,
        "iss": "https://id.example",
        "aud": "https://bank.example",
        "client_id": "bank-web",
        "cnf": None,
        "sub": "7f3a",
        "interaction": "01J9ZK3W",
        "action": "send",
        "resource": "bank.transfer",
        "fields": {"amount": {"minor": 500000, "currency": "EUR"}, "payee": {"id": "DE89", "name": "Maria Example"}},
        "display": {"locale": "en", "text": "Send 5,000.00 EUR\nTo: Maria Example"},
        "exp": 1790000600,
    }
    assert TRANSFER.digest() == hashlib.sha256(canonical(TRANSFER.as_object())).digest()
    assert replace(TRANSFER, cnf={"jkt": "x"}).as_object()["cnf"] == {"jkt": "x"}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_member_changes_the_digest(change: dict[str, Any]) -> None:
    assert replace(TRANSFER, **change).digest() != TRANSFER.digest()


def test_every_member_of_a_has_its_case() -> None:
    assert {name for change in CHANGES for name in change} == set(Action.__slots__)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ({"a": [56, {"d": True, "10": None, "1": []}]}, '{"a":[56,{"1":[],"10":null,"d":true}]}'),
        ({"b": 1, "a": 2, "B": 3, "1": 4, "10": 5}, '{"1":4,"10":5,"B":3,"a":2,"b":1}'),
        ({"s": '€$A\'B"\\\\"/'}, '{"s":"€$A\'B\\"\\\\\\\\\\"/"}'),
        ({"n": [0, -1, MAX_INTEGER, -MAX_INTEGER]}, '{"n":[0,-1,9007199254740992,-9007199254740992]}'),
        ({"t": ("a", False)}, '{"t":["a",false]}'),
        ({"display": {"text": "a\nb"}}, '{"display":{"text":"a\\nb"}}'),
    ],
)
def test_rfc_8785_known_answers(value: dict[str, Any], text: str) -> None:
    assert canonical(value).decode() == text


@LAW
@given(OBJECTS)
def test_the_canonical_form_says_the_same_and_does_not_depend_on_order(value: dict[str, Any]) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(reordered(value)) == text == canonical(json.loads(text))


@LAW
@given(OBJECTS, OBJECTS)
def test_two_objects_have_one_form_exactly_where_they_are_one(a: dict[str, Any], b: dict[str, Any]) -> None:
    same = json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
    assert (canonical(a) == canonical(b)) == same


def test_any_mapping_has_the_form_of_its_members() -> None:
    plain = {"fields": {"amount": {"minor": 1}}}
    frozen = MappingProxyType({"fields": MappingProxyType({"amount": MappingProxyType({"minor": 1})})})
    assert canonical(frozen) == canonical(plain)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"x": 1.0}, "x: float is not allowed"),
        ({"x": float("nan")}, "x: float is not allowed"),
        ({"x": b"bytes"}, "x: bytes is not allowed"),
        ({"x": {"y": {1, 2}}}, "x.y: set is not allowed"),
        ({"x": MAX_INTEGER + 1}, "x: beyond"),
        ({"x": [0, -MAX_INTEGER - 1]}, "x.1: beyond"),
        ({"x": "e\u0301"}, "x: not in NFC"),
        ({"x": "a\u202eb"}, r"x: control or bidirectional character U\+202E"),
        ({"x": "a\nb"}, r"U\+000A"),
        ({"display": {"text": "a\rb"}}, r"display.text: .*U\+000D"),
        ({"fields": {"display": {"text": "a\nb"}}}, r"fields.display.text: .*U\+000A"),
        ({"x": "\ud800"}, r"U\+D800"),
        ({1: "x"}, "printable ASCII"),
        ({"": "x"}, "printable ASCII"),
        ({"ä": "x"}, "printable ASCII"),
        ({"a\tb": "x"}, "printable ASCII"),
        ({"x": "a" * MAX_BYTES}, "larger than"),
    ],
)
def test_what_could_be_shown_as_one_thing_and_hashed_as_another_is_refused(value: dict[str, Any], why: str) -> None:
    with pytest.raises(ActionRefused, match=why):
        canonical(value)


def test_depth_is_limited_and_a_circle_is_refused() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(MAX_DEPTH):
        inner["x"] = inner = {}
    canonical(deep)
    inner["x"] = None
    with pytest.raises(ActionRefused, match="deeper"):
        canonical(deep)
    inner["x"] = deep
    with pytest.raises(ActionRefused, match="deeper"):
        canonical(deep)


def test_a_single_value_is_checked_under_its_name() -> None:
    check("Invoice 2291", path=("reference",))
    with pytest.raises(ActionRefused, match=r"^reference: control"):
        check("Invoice\n2291", path=("reference",))
    with pytest.raises(ActionRefused, match=r"^action: float"):
        check(0.5)


@pytest.mark.parametrize(("digest", "nonce"), [(31, 32), (32, 31), (32, 33), (0, 32)])
def test_a_challenge_is_made_of_32_bytes_each(digest: int, nonce: int) -> None:
    with pytest.raises(ActionRefused, match="32 bytes"):
        challenge(b"d" * digest, b"n" * nonce)


def test_a_challenge_commits_to_nonce_and_digest_under_its_own_domain() -> None:
    expected = hashlib.sha256(b"newel/bound/1\x00" + b"n" * 32 + b"d" * 32).digest()
    assert challenge(b"d" * 32, b"n" * 32) == expected
    assert challenge(b"e" * 32, b"n" * 32) != expected != challenge(b"d" * 32, b"m" * 32)


def test_the_target_of_a_request_is_resource_and_action() -> None:
    assert ActionRequest(resource="bank.transfer", action="send", fields={}).target == "bank.transfer:send"
