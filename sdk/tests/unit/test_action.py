"""Object A, by the shared vectors and by laws."""

import copy
import json
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel_sdk.action import (
    Target,
    authorization_detail,
    build,
    canonical,
    check_fields,
    digest,
    webauthn_challenge,
)
from newel_sdk.errors import ActionRefused

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "tests" / "vectors" / "wire" / "action.json").read_text()
)


@pytest.mark.parametrize("case", VECTORS["accepted"], ids=itemgetter("name"))
def test_s17_an_action_has_the_published_bytes_digest_and_challenge(case: dict[str, Any]) -> None:
    assert canonical(case["action"]).decode() == case["canonical"]
    assert digest(case["action"]).hex() == case["digest"]
    challenge = webauthn_challenge(bytes.fromhex(case["nonce"]), bytes.fromhex(case["digest"]))
    assert challenge.hex() == case["challenge"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=itemgetter("name"))
def test_s17_what_two_readers_could_understand_differently_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ActionRefused):
        canonical(case["action"])


def action(fields: Any) -> dict[str, Any]:
    return build(
        issuer="https://id.example",
        audience="https://bank.example",
        client_id="bank-web",
        confirmation=None,
        subject="7f3a",
        interaction="i-1",
        target=Target.parse("bank.transfer:send"),
        fields=fields,
        locale="en",
        text="Send\nTo: Maria",
        expires_at=1_790_000_600,
    )


names = st.text(alphabet="abcXYZ_09", min_size=1, max_size=4)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(alphabet='abcé東 "\\/', max_size=6))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
fields = st.dictionaries(names, values, max_size=4)


@given(fields)
def test_canonical_is_idempotent_under_reading(given_fields: dict[str, Any]) -> None:
    first = canonical(action(given_fields))
    assert canonical(json.loads(first)) == first


@given(fields, st.randoms(use_true_random=False))
def test_the_order_of_members_changes_nothing(given_fields: dict[str, Any], random: Any) -> None:
    made = action(given_fields)
    members = list(made.items())
    random.shuffle(members)
    assert digest(dict(members)) == digest(made)


@given(fields, names, scalars, scalars)
def test_one_changed_value_changes_the_digest(given_fields: dict[str, Any], name: str, a: Any, b: Any) -> None:
    if (type(a), a) == (type(b), b):
        return
    assert digest(action(given_fields | {name: a})) != digest(action(given_fields | {name: b}))


@pytest.mark.parametrize("member", ["v", "iss", "aud", "client_id", "cnf", "sub", "interaction", "action", "exp"])
def test_every_member_is_in_the_digest(member: str) -> None:
    changed = copy.deepcopy(action({"a": 1}))
    changed[member] = "changed"
    assert digest(changed) != digest(action({"a": 1}))
    for part in ("locale", "text"):
        other = copy.deepcopy(action({"a": 1}))
        other["display"][part] += "x"
        assert digest(other) != digest(action({"a": 1}))


@pytest.mark.parametrize("text", ["", "a", ":", "a:", ":b", "a:b:c"])
def test_a_target_is_resource_and_action(text: str) -> None:
    with pytest.raises(ActionRefused):
        Target.parse(text)


def test_the_challenge_takes_32_bytes_each() -> None:
    for nonce, made in ((b"", bytes(32)), (bytes(32), b"")):
        with pytest.raises(ActionRefused):
            webauthn_challenge(nonce, made)


@pytest.mark.parametrize("wrong", [[], "x", {"a": object()}, {"a": 1.0}, {1: 2}, {"a": {"b": b"x"}}])
def test_fields_that_are_no_json_are_refused(wrong: Any) -> None:
    with pytest.raises(ActionRefused):
        check_fields(wrong)
    with pytest.raises(ActionRefused):
        canonical(wrong)


def test_rfc9396_section_2_the_detail_names_type_action_and_fields() -> None:
    detail = authorization_detail(Target.parse("bank.transfer:send"), {"lines": (1, 2)})
    assert detail == {"type": "bank.transfer", "actions": ["send"], "fields": {"lines": [1, 2]}}


def test_a_display_that_is_no_object_gets_no_line_feed() -> None:
    with pytest.raises(ActionRefused):
        canonical(action({}) | {"display": "a\nb"})


def test_a_key_bound_client_is_named() -> None:
    made = build(
        issuer="i",
        audience="a",
        client_id="c",
        confirmation={"jkt": "x"},
        subject="s",
        interaction="i",
        target=Target(resource="r", action="a"),
        fields={},
        locale="en",
        text="",
        expires_at=1,
    )
    assert made["cnf"] == {"jkt": "x"}
