"""Fields of an action: exactly what is declared, of the declared type and range (RFC 9396, S17)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.policy.fields import Field, FieldRefused, parse_fields, read_path

DECLARED = {
    "amount": Field(kind="money", label="Amount"),
    "payee": Field(kind="account", label="To"),
    "reference": Field(kind="text", label="Reference", optional=True),
    "rows": Field(kind="int", label="Rows", optional=True, low=1, high=9),
}
AMOUNT = {"minor": 500000, "currency": "EUR"}
PAYEE = {"id": "DE89370400440532013000", "name": "Maria Example", "country": "DE"}
WHOLE: dict[str, Any] = {"amount": AMOUNT, "payee": PAYEE}


def test_declared_fields_come_back_as_they_are() -> None:
    given_fields = {**WHOLE, "reference": "Invoice 2291", "rows": 9}
    assert parse_fields(DECLARED, given_fields) == given_fields


def test_an_optional_field_may_be_left_out() -> None:
    assert parse_fields(DECLARED, WHOLE) == WHOLE


@pytest.mark.parametrize("name", ["amount", "payee"])
def test_a_required_field_may_not_be_left_out(name: str) -> None:
    with pytest.raises(FieldRefused, match=f"missing field: {name}"):
        parse_fields(DECLARED, {key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize("odd", [None, 7, "amount", [WHOLE], True])
def test_what_is_no_object_has_no_fields(odd: object) -> None:
    with pytest.raises(FieldRefused, match="fields must be an object"):
        parse_fields(DECLARED, odd)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"extra": 1}, "unknown field: extra"),
        ({"amount": 500000}, "amount must have exactly"),
        ({"amount": {**AMOUNT, "more": 1}}, "amount must have exactly"),
        ({"amount": {**AMOUNT, "minor": 0}}, "amount.minor"),
        ({"amount": {**AMOUNT, "minor": True}}, "amount.minor"),
        ({"amount": {**AMOUNT, "minor": 10.0}}, "amount.minor"),
        ({"amount": {**AMOUNT, "minor": 10**16}}, "amount.minor"),
        ({"amount": {**AMOUNT, "currency": "eur"}}, "amount.currency"),
        ({"amount": {**AMOUNT, "currency": "EURO"}}, "amount.currency"),
        ({"payee": {**PAYEE, "name": ""}}, "payee.name"),
        ({"payee": {**PAYEE, "name": "x" * 141}}, "payee.name"),
        ({"payee": {**PAYEE, "name": 7}}, "payee.name"),
        ({"payee": {**PAYEE, "name": "Maria\u202eelpmaxE"}}, "bidirectional"),
        ({"reference": "two\nlines"}, "control"),
        ({"reference": "e\u0301"}, "NFC"),
        ({"rows": 0}, "rows"),
        ({"rows": "3"}, "rows"),
    ],
)
def test_anything_else_is_refused_with_its_name(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(FieldRefused, match=said):
        parse_fields(DECLARED, {**WHOLE, **changed})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
        max_leaves=8,
    )
)
def test_hostile_values_are_refused_and_never_an_error(value: Any) -> None:
    with pytest.raises(FieldRefused):
        parse_fields(DECLARED, value)
    with pytest.raises(FieldRefused):
        parse_fields(DECLARED, {**WHOLE, "amount": value})


def test_read_path_gives_none_where_a_part_is_absent() -> None:
    assert read_path(WHOLE, ("amount", "minor")) == 500000
    assert read_path(WHOLE, ("amount", "minor", "deeper")) is None
    assert read_path(WHOLE, ("reference",)) is None
