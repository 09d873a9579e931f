"""Made-up logs: the same from the same numbers, as their profile says, and never taken for recorded ones."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.policy.replay.documents import document, rule
from server.tests.unit.policy.replay.test_build import column
from server.tests.unit.policy.replay.test_pack import from_bytes, to_bytes, told

from newel.domain.requirement import SESSION, require
from newel.domain.value import replace
from newel.policy.document import Document
from newel.policy.facts import Fact, Kind
from newel.policy.replay.draw import numbers, weighted
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.profile import PROFILE_KEYS, SPREADS, Among, Networks, Profile, read_profile
from newel.policy.replay.run import Named, replay
from newel.policy.replay.simulate import simulate

KINDS: dict[str, Kind] = {
    "subject.plan": "string", "subject.groups": "set", "client.ip": "ip", "ctx.amount": "int", "ctx.known": "bool",
    "ctx.made": "timestamp", "ctx.rows": "int", "ctx.tags": "set", "now": "timestamp", "client.home": "ip",
}  # fmt: skip
POLICY = document(rule("r", "bank:send", require({"aal2": SESSION})), facts=KINDS, actions=("send", "read"))
SEND: dict[str, Any] = {
    "targets": ["bank:send"],
    "share": 3,
    "facts": {
        "ctx.amount": {"median": 5000, "sigma": 1.2, "low": 100, "high": 10**8},
        "ctx.known": {"chance": 0.8},
        "ctx.made": {"now_less": {"median": 3600}},
        "ctx.rows": {"among": [1, 2, None]},
        "ctx.tags": {"among": [["a"], ["a", "b"]]},
        "client.ip": {"networks": {"10.0.0.0/8": 3, "2001:db8::/32": 1}},
        "client.home": {"among": ["192.0.2.1", "2001:db8::1"]},
        "not.declared": 5,
    },
    "attack": {"ctx.amount": {"low": 10**9, "high": 10**9}},
}
PROFILE: dict[str, Any] = {
    "name": "small",
    "people": 50,
    "requests": 2000,
    "days": 10,
    "attack_share": 0.1,
    "groups": [
        {"groups": ["customers"], "share": 9, "facts": {"subject.plan": "member"}, "methods": [{"hold": ["password", "totp"]}, {"hold": ["passkey"], "share": 2}]},
        {"groups": ["staff"], "methods": [{"hold": ["password"]}]},
        {},
    ],
    "requests_of": [SEND, {"targets": ["bank:read"], "groups": ["staff"], "facts": {"ctx.made": {"now_less": 0}}}],
}  # fmt: skip


def made(policy: Document = POLICY, seed: int = 1, **changes: Any) -> Log:
    """A log of the profile, changed."""
    return simulate(read_profile({**PROFILE, **changes}), policy, np.random.default_rng(seed))


def test_the_same_numbers_make_the_same_log_and_others_another() -> None:
    assert told(made()) == told(made())
    assert told(made()) != told(made(seed=2))


def test_a_made_up_log_is_a_log_like_any_other_and_says_what_it_is() -> None:
    log = made()
    assert told(from_bytes(to_bytes(log))) == told(log)
    assert log.synthetic == "profile small: 2,000 requests of 50 people in 10 days"
    assert replay(log, Named("a", POLICY), Named("b", POLICY)).synthetic == log.synthetic


def test_facts_are_drawn_as_the_profile_says() -> None:
    log = made()
    sent = (log.target == log.targets.index(("bank:send",))).tolist()
    amounts = column(log, "ctx.amount", "int")
    assert all((amount is not None) == is_sent for amount, is_sent in zip(amounts, sent, strict=True))
    assert log.attack is not None
    attack = log.attack.tolist()
    assert all((amount == 10**9) == hit for amount, hit in zip(amounts, attack, strict=True) if amount is not None)
    assert set(column(log, "ctx.rows", "int")) == {1, 2, None}
    assert column(log, "now", "int") == log.time.tolist()
    addresses = {address >> 96 for address in column(log, "client.ip", "ip") if address is not None}
    assert addresses == {0, 0x20010DB8}
    assert set(column(log, "client.home", "ip")) - {None} == {(0xFFFF << 32) + 0xC0000201, (0x20010DB8 << 96) + 1}
    assert {tuple(sorted(each)) for each in column(log, "ctx.tags", "set") if each} == {("a",), ("a", "b")}
    plans = {
        (tuple(log.groups[group]), plan)
        for group, plan in zip(log.group.tolist(), column(log, "subject.plan", "text"), strict=True)
    }
    assert plans == {(("customers",), "member"), (("staff",), None), ((), None)}
    assert 0.7 < np.mean([known for known in column(log, "ctx.known", "bool") if known is not None]) < 0.9


def test_requests_lie_within_the_days_and_only_those_in_the_group_make_theirs() -> None:
    log = made()
    start = read_profile(PROFILE).start
    assert start <= log.time.min() <= log.time.max() < start + 10 * 86_400
    read = log.target == log.targets.index(("bank:read",))
    assert {tuple(log.groups[group]) for group in log.group[read].tolist()} == {("staff",)}


def test_where_nobody_may_ask_anything_everybody_asks_everything() -> None:
    log = made(requests_of=[{"targets": ["bank:read"], "groups": ["nobody"]}])
    assert len(log) == 2000
    assert made(attack_share=0).attack is None


def test_signing_in_proves_what_the_method_proves() -> None:
    log = made()
    assert (log.ages["aal1"] >= 0).all()
    by_passkey = log.ages["phr"] >= 0
    holds = np.array([methods is not None and "passkey" in methods for methods in log.methods])
    assert by_passkey.any()
    assert holds[log.holding[by_passkey]].all()
    assert (log.ages["aal3"] < 0).all()


@pytest.mark.parametrize(
    ("path", "spread"),
    [
        ("ctx.known", {"low": 1, "high": 2}),
        ("ctx.amount", {"among": ["a"]}),
        ("ctx.amount", {"networks": {"10.0.0.0/8": 1}}),
        ("ctx.amount", {"among": {5: 0, 6: 0}}),
        ("ctx.made", {"now_less": {"networks": {"10.0.0.0/8": 1}}}),
    ],
)
def test_a_fact_is_never_given_a_value_that_it_cannot_have(path: str, spread: Any) -> None:
    with pytest.raises(LogRefused):
        made(requests_of=[{"targets": ["bank:send"], "facts": {path: spread}}])


def test_an_enum_takes_its_values_only_and_numbers_keep_to_their_range() -> None:
    plan = Fact(name="subject.plan", kind="enum", values=("free",))
    rows = Fact(name="ctx.rows", kind="int", low=0, high=3)
    policy = replace(POLICY, facts={**POLICY.facts, "subject.plan": plan, "ctx.rows": rows})
    with pytest.raises(LogRefused, match="member is no value"):
        made(policy)
    facts = {"ctx.rows": {"low": 2, "high": 9}}
    log = made(policy, requests_of=[{"targets": ["bank:send"], "facts": facts}], groups=[{}])
    assert set(column(log, "ctx.rows", "int")) == {2, 3}


def test_what_is_drawn_as_a_number_is_one() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(LogRefused, match="drawn from numbers"):
        numbers(Networks(()), 1, rng)
    with pytest.raises(LogRefused, match="drawn from whole numbers"):
        numbers(Among((("a", 1.0),)), 1, rng)
    assert set(
        numbers(
            read_profile({**PROFILE, "requests_of": [{"targets": ["x"], "facts": {"a": 3}}]}).asks[0].facts["a"], 4, rng
        )
    ) == {3}
    assert weighted([0.0, 1.0, 0.0], 50, rng).tolist() == [1] * 50


@pytest.mark.parametrize(
    "odd",
    [
        [],
        {**PROFILE, "more": 1},
        {**PROFILE, "people": 0},
        {**PROFILE, "people": "many"},
        {**PROFILE, "hours": [1]},
        {**PROFILE, "hours": [0] * 24},
        {**PROFILE, "groups": []},
        {**PROFILE, "groups": {}},
        {**PROFILE, "groups": [{"odd": 1}]},
        {**PROFILE, "groups": [{"share": -1}]},
        {**PROFILE, "groups": [{"methods": [5]}]},
        {**PROFILE, "requests_of": [{}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"among": 5}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"among": []}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"low": 5, "high": 4}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"chance": "often"}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": 5}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"odd": 1}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"low": "a"}}}]},
        {**PROFILE, "requests_of": [{"targets": ["a"], "facts": {"x": {"networks": {"odd": 1}}}}]},
        {**PROFILE, "attack_share": 1},
        {**PROFILE, "attack_share": True},
        {**PROFILE, "requests_in_a_session": True},
    ],
)
def test_an_odd_profile_is_refused(odd: object) -> None:
    with pytest.raises(LogRefused):
        read_profile(odd)


KEYS = [*SPREADS, "targets", "facts", "share", "hold", "groups", "methods", "sigma", "high"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(PROFILE_KEYS)), JUNK)
def test_whatever_a_profile_holds_it_is_read_or_refused(key: str, junk: Any) -> None:
    with contextlib.suppress(LogRefused):
        assert isinstance(read_profile({**PROFILE, key: junk}), Profile)


@given(JUNK)
def test_whatever_a_fact_is_drawn_by_it_is_read_or_refused(junk: Any) -> None:
    with contextlib.suppress(LogRefused):
        made(requests=20, requests_of=[{"targets": ["bank:send"], "facts": dict.fromkeys(KINDS, junk)}])
