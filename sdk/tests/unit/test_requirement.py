"""Classes, up-sets and pairs of class and age."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel_sdk.claims import Claims, read_claims
from newel_sdk.errors import Misconfigured
from newel_sdk.requirement import ClassOrder, Requirement

ORDER = ClassOrder()
CLASSES = tuple(ORDER.counts_as)
NOW = 10_000


def claims(**members: Any) -> Claims:
    return read_claims(json.dumps({"iss": "i", "sub": "s", "aud": "a", "iat": 1, "exp": 2} | members).encode())


def test_the_up_set_is_written_weakest_first() -> None:
    assert ORDER.up_set("aal2") == ("aal2", "phr", "aal3")
    assert ORDER.up_set("aal1") == ("aal1", "aal2", "phr", "aal3")
    assert ORDER.up_set("aal3") == ("aal3",)


def test_the_order_is_extended_by_argument() -> None:
    order = ClassOrder({"low": (), "left": ("low",), "right": ("low",), "top": ("left", "right")})
    assert order.up_set("left") == ("left", "top")
    assert order.join([order.require("left"), order.require("right", 5)]) == Requirement(acr_values=("top",), max_age=5)


@pytest.mark.parametrize("table", [{"a": ("b",)}, {"a": ("a",)}, {"a": ("b",), "b": ("a",)}])
def test_an_order_with_unknown_classes_or_circles_is_refused(table: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(Misconfigured):
        ClassOrder(table)


def test_unknown_classes_and_ages_that_cannot_be_are_refused_at_start() -> None:
    with pytest.raises(Misconfigured):
        ORDER.require("aal9")
    with pytest.raises(Misconfigured):
        ORDER.require("aal1", -1)
    apart = ClassOrder({"a": (), "b": ()})
    with pytest.raises(Misconfigured):
        apart.join([apart.require("a"), apart.require("b")])


def test_nothing_required_is_met_by_any_token() -> None:
    assert ORDER.require().empty
    assert ORDER.require().met_by(claims(), NOW)
    assert not ORDER.require("aal1").empty
    assert ORDER.join([]) == Requirement()


def test_a_pair_is_checked_and_not_acr_and_auth_time_apart() -> None:
    token = claims(acr="aal1", auth_time=NOW, newel_acrs={"aal1": NOW, "aal2": NOW - 1000})
    assert ORDER.require("aal2").met_by(token, NOW)
    assert not ORDER.require("aal2", 300).met_by(token, NOW)
    assert ORDER.require("aal1", 300).met_by(token, NOW)


def test_a_stronger_class_counts_and_a_stranger_s_acr_is_compared_by_membership() -> None:
    assert ORDER.require("aal2", 10).met_by(claims(acr="phr", auth_time=NOW - 10), NOW)
    assert not ORDER.require("phr").met_by(claims(acr="aal2", auth_time=NOW), NOW)
    assert not ORDER.require("aal1").met_by(claims(acr="gold", auth_time=NOW), NOW)


def test_s02_a_missing_acr_or_auth_time_meets_nothing() -> None:
    assert not ORDER.require("aal1").met_by(claims(auth_time=NOW), NOW)
    assert not ORDER.require(None, 60).met_by(claims(acr="aal3"), NOW)


def test_an_age_alone_asks_for_any_fresh_evidence() -> None:
    assert ORDER.require(None, 60).met_by(claims(newel_acrs={"aal1": NOW - 60}), NOW)
    assert not ORDER.require(None, 60).met_by(claims(newel_acrs={"aal1": NOW - 61}), NOW)


def test_evidence_from_the_future_is_not_fresh() -> None:
    token = claims(newel_acrs={"aal1": NOW + 10})
    assert not ORDER.require("aal1", 60).met_by(token, NOW, leeway=5)
    assert ORDER.require("aal1", 60).met_by(token, NOW, leeway=10)


requirements = st.builds(
    ORDER.require, st.one_of(st.none(), st.sampled_from(CLASSES)), st.one_of(st.none(), st.integers(0, 500))
)
states = st.dictionaries(st.sampled_from(CLASSES), st.integers(NOW - 600, NOW)).map(
    lambda pairs: claims(
        newel_acrs={
            low: max(at for high, at in pairs.items() if low == high or low in ORDER._below(high))
            for high in pairs
            for low in {high, *ORDER._below(high)}
        }
    )
)


@given(requirements, requirements, states)
def test_what_meets_the_join_meets_both(a: Requirement, b: Requirement, state: Claims) -> None:
    if ORDER.join([a, b]).met_by(state, NOW):
        assert a.met_by(state, NOW)
        assert b.met_by(state, NOW)


@given(requirements, states, st.integers(0, 1000))
def test_time_never_satisfies(a: Requirement, state: Claims, later: int) -> None:
    if a.met_by(state, NOW + later):
        assert a.met_by(state, NOW)
