"""What stands in blob columns is read for ever."""

from dataclasses import dataclass
from types import MappingProxyType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.contract import samples

from newel.domain.audit import DecisionRecord
from newel.domain.authorization import AuthorizationRequest
from newel.domain.client import Client
from newel.domain.evidence import Evidence
from newel.domain.grant import CodeGrant, Grant
from newel.domain.interaction import Interaction
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.domain.subject import Subject
from newel.domain.velocity import Count, KeptReservation
from newel.storage.codec import decoder, encode

STORED = {
    Client: samples.client(),
    Subject: samples.subject(),
    AuthorizationRequest: samples.request(),
    Interaction: samples.interaction(),
    Grant: samples.grant(),
    CodeGrant: samples.code_grant(),
    KeptReservation: samples.reservation("k", Count(tally="t", over=60, amount=1, value="v")),
    KeptSnapshot: samples.snapshot(),
    Activation: samples.activation(),
    tuple[Evidence, ...]: (samples.evidence(), samples.evidence("e2")),
}


@pytest.mark.parametrize("kind", STORED, ids=str)
def test_what_is_stored_comes_back_equal(kind: type) -> None:
    assert decoder(kind)(encode(STORED[kind])) == STORED[kind]


@pytest.mark.parametrize("kind", [kind for kind in STORED if isinstance(kind, type)], ids=str)
def test_members_of_a_newer_version_are_ignored(kind: type) -> None:
    newer = {**msgspec.msgpack.decode(encode(STORED[kind])), "later": [1, {"x": None}]}
    assert decoder(kind)(encode(newer)) == STORED[kind]


def test_read_only_views_are_stored_as_maps() -> None:
    assert msgspec.msgpack.decode(encode(MappingProxyType({"a": 1}))) == {"a": 1}


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be stored"):
        encode(object())


def test_bytes_of_another_shape_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder(Grant)(encode({"family": 1}))


FACT = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.binary()
FACTS = st.dictionaries(st.text(), FACT | st.lists(FACT) | st.dictionaries(st.text(), FACT))


@given(FACTS)
def test_any_fact_of_a_decision_comes_back(facts: dict[str, object]) -> None:
    record = DecisionRecord(targets=("a:b",), policy="p", facts=facts, requirement="", outcome="met")
    assert decoder(DecisionRecord)(encode(record)) == record


@dataclass(frozen=True, slots=True)
class _First:
    name: str


@dataclass(frozen=True, slots=True)
class _Later:
    name: str
    more: int = 7


def test_an_earlier_shape_is_read_with_the_defaults_of_what_was_added() -> None:
    assert decoder(_Later)(encode(_First("x"))) == _Later("x", 7)


EARLIER = {
    Subject: (
        "88a26964a5616c696365a46e616d65a5416c696365a7646973706c6179a2416ca6706572736f6ea5616c696365aa637265617465645f6174"
        "01a667726f75707391a57374616666aa6174747269627574657381a4706c616ea66d656d626572a864697361626c6564c2"
    ),
}
"""Bytes as they were written by earlier versions, never changed again."""


@pytest.mark.parametrize("kind", EARLIER)
def test_bytes_of_earlier_versions_are_read(kind: type[Subject]) -> None:
    assert decoder(kind)(bytes.fromhex(EARLIER[kind])) == Subject(
        id="alice",
        name="Alice",
        display="Al",
        person="alice",
        created_at=1,
        groups=frozenset({"staff"}),
        attributes={"plan": "member"},
    )
