"""What evidence reaches: "Classes as shipped" and "Age of a class", row by row (S02, S03, S04, S25; NIST SP 800-63B-4)."""

import os
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.assurance import DAY, HOUR, SHIPPED, Classes, EvidenceClass, Reached, reached
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.method import METHODS, Kind
from newel.domain.standing import Standing

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
LAW = settings(max_examples=1000 if NIGHTLY else 50, deadline=None, derandomize=not NIGHTLY, database=None)
NOW = 100 * DAY
Known = Mapping[str, Authenticator]
Ago = Mapping[str, int]


def ages(known: Known, ago: Ago, *, idle: int = 0, forbid: frozenset[str] = frozenset(), rested: int = 0) -> Ago:
    """The age of every class that proofs of `known`, so many seconds `ago`, reach."""
    events = [
        replace(known[name].evidence(event=name, at=NOW - seconds, interaction="i"), rested=rested)
        for name, seconds in ago.items()
    ]
    return {
        name: NOW - each.at
        for name, each in reached(events, known, now=NOW, active_at=NOW - idle, forbid=forbid).items()
    }


@pytest.mark.parametrize(
    ("proofs", "strongest"),
    [
        (["password"], "aal1"),
        (["totp"], "aal1"),
        (["security key"], "aal1"),
        (["passkey without verification"], "aal1"),
        (["password", "totp"], "aal2"),
        (["passkey"], "phr"),
        (["passkey on hardware"], "phr"),
        (["password", "passkey without verification"], "phr"),
        (["password", "security key"], "phr"),
        (["attested passkey"], "aal3"),
        (["attested synced passkey"], "phr"),
        (["attested security key"], "aal1"),
        (["password", "attested security key"], "phr"),
        (["recovery code"], "aal1"),
    ],
)
def test_classes_as_shipped(known: Known, proofs: list[str], strongest: str) -> None:
    found = ages(known, dict.fromkeys(proofs, 10))
    assert SHIPPED.strongest(found) == strongest
    assert set(found) - {"recovery"} == set(SHIPPED.counts_as(strongest))


@pytest.mark.parametrize(
    "proofs",
    [
        ["password", "other password"],
        ["totp", "other totp"],
        ["totp", "security key"],
        ["totp", "passkey without verification"],
        ["security key", "passkey without verification"],
    ],
)
def test_s03_two_proofs_of_one_kind_are_one_factor(known: Known, proofs: list[str]) -> None:
    assert set(ages(known, dict.fromkeys(proofs, 0))) == {"aal1"}


def test_s04_a_passkey_without_user_verification_is_the_possession_factor(known: Known) -> None:
    assert ages(known, {"passkey without verification": 5}) == {"aal1": 5}
    assert ages(known, {"password": 50, "passkey without verification": 5}) == {"aal1": 5, "aal2": 5, "phr": 5}


@LAW
@given(st.from_type(Standing))
def test_s04_only_an_attested_key_in_hardware_that_verified_reaches_aal3(standing: Standing) -> None:
    top = standing.reached().get("aal3")
    if top is not None:
        assert all(event.attested and event.hardware and event.user_verified for event in top.events)


@pytest.mark.parametrize("other", ["password", "totp", "security key", "passkey without verification"])
def test_a_recovery_code_counts_as_aal1_and_completes_nothing(known: Known, other: str) -> None:
    assert ages(known, {"recovery code": 0}) == {"recovery": 0, "aal1": 0}
    assert ages(known, {"recovery code": 0, other: 10}) == {"recovery": 0, "aal1": 0}


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ({"passkey": 7}, {"aal1": 7, "aal2": 7, "phr": 7}),
        ({"password": 900, "totp": 30}, {"aal1": 30, "aal2": 30}),
        ({"password": 30, "totp": 900}, {"aal1": 30, "aal2": 900}),
        ({"password": 30, "other password": 900, "totp": 60}, {"aal1": 30, "aal2": 60}),
        ({"password": 30, "totp": 900, "other totp": 600}, {"aal1": 30, "aal2": 600}),
        ({"password": 30, "totp": 60, "passkey": 600}, {"aal1": 30, "aal2": 60, "phr": 600}),
        ({"password": 600, "totp": 60, "security key": 500}, {"aal1": 60, "aal2": 60, "phr": 500}),
        ({"recovery code": 5, "password": 50}, {"recovery": 5, "aal1": 5}),
    ],
)
def test_age_of_a_class(known: Known, ago: Ago, expected: Ago) -> None:
    assert ages(known, ago) == expected


def test_a_password_retyped_after_an_old_code_never_yields_a_fresh_aal2(known: Known) -> None:
    assert ages(known, {"password": 0, "totp": 23 * HOUR})["aal2"] == 23 * HOUR
    assert "aal2" not in ages(known, {"password": 0, "totp": DAY + 1})


@pytest.mark.parametrize(
    ("proofs", "name", "lasts"),
    [
        (["password"], "aal1", 30 * DAY),
        (["password", "totp"], "aal2", DAY),
        (["passkey"], "phr", DAY),
        (["attested passkey"], "aal3", 12 * HOUR),
        (["recovery code"], "recovery", DAY),
    ],
)
def test_past_lasts_the_class_is_gone(known: Known, proofs: list[str], name: str, lasts: int) -> None:
    assert name in ages(known, dict.fromkeys(proofs, lasts))
    assert name not in ages(known, dict.fromkeys(proofs, lasts + 1))


def test_the_password_must_lie_within_lasts_of_the_class_it_is_part_of(known: Known) -> None:
    assert ages(known, {"password": DAY, "totp": 5}) == {"aal1": 5, "aal2": 5}
    assert ages(known, {"password": DAY + 1, "totp": 5}) == {"aal1": 5}


@pytest.mark.parametrize(
    ("proofs", "name", "limit"),
    [
        (["password"], "aal1", 30 * DAY),
        (["password", "totp"], "aal2", HOUR),
        (["passkey"], "phr", HOUR),
        (["attested passkey"], "aal3", 15 * 60),
        (["recovery code"], "recovery", HOUR),
    ],
)
def test_past_idle_the_class_is_gone_and_activity_does_not_bring_it_back(
    known: Known, proofs: list[str], name: str, limit: int
) -> None:
    old = dict.fromkeys(proofs, min(limit + 1, SHIPPED.by_name[name].lasts))
    assert name in ages(known, old, idle=limit)
    assert name not in ages(known, dict.fromkeys(proofs, limit + 2), idle=limit + 1)
    assert name in ages(known, old, rested=limit)
    assert name not in ages(known, old, rested=limit + 1)


def test_a_proof_ends_the_idle_time_of_what_it_completes_and_of_nothing_else(known: Known) -> None:
    idle = 2 * HOUR
    assert ages(known, {"password": idle, "totp": idle, "other password": 0}, idle=idle) == {"aal1": 0}
    assert ages(known, {"password": idle, "totp": 0}, idle=idle) == {"aal1": 0, "aal2": 0}


@pytest.mark.parametrize(
    ("ceilings", "proofs", "expected"),
    [
        ({"passkey": "aal1"}, ["passkey"], {"aal1"}),
        ({"passkey": "aal2"}, ["passkey"], {"aal1", "aal2"}),
        ({"passkey": "recovery"}, ["passkey"], {"aal1"}),
        ({"passkey": "aal3"}, ["passkey"], {"aal1", "aal2", "phr"}),
        ({"passkey": "undeclared"}, ["passkey"], set()),
        ({"totp": "aal1"}, ["password", "totp"], {"aal1"}),
        ({"password": "aal1"}, ["password", "totp"], {"aal1"}),
        ({"totp": "aal2"}, ["password", "totp"], {"aal1", "aal2"}),
        ({"security key": "aal2"}, ["password", "security key"], {"aal1", "aal2"}),
        ({"security key": "aal2", "password": "aal1"}, ["password", "security key"], {"aal1"}),
        ({"totp": "aal1", "passkey": "aal1"}, ["password", "totp", "passkey"], {"aal1"}),
        ({"totp": "aal1"}, ["password", "totp", "other totp"], {"aal1", "aal2"}),
        ({"recovery code": "aal1"}, ["recovery code"], {"aal1"}),
    ],
)
def test_s25_an_unsettled_authenticator_counts_at_most_as_its_ceiling(
    known: Known, ceilings: Mapping[str, str], proofs: list[str], expected: set[str]
) -> None:
    unsettled = {**known, **{name: replace(known[name], ceiling=ceiling) for name, ceiling in ceilings.items()}}
    assert set(ages(unsettled, dict.fromkeys(proofs, 0))) == expected


@LAW
@given(st.from_type(Standing))
def test_s25_no_class_lies_above_the_ceiling_of_any_authenticator_that_reached_it(standing: Standing) -> None:
    for name, proof in standing.reached().items():
        ceilings = [standing.authenticators[event.authenticator].ceiling for event in proof.events]
        assert all(name in SHIPPED.counts_as(ceiling) for ceiling in ceilings if ceiling is not None)


@LAW
@given(st.from_type(Standing))
def test_s25_evidence_of_authenticators_unsettled_at_aal1_alone_reaches_nothing_above(standing: Standing) -> None:
    settled_password = {
        key: each if each.how.kind is Kind.KNOWLEDGE else replace(each, ceiling="aal1")
        for key, each in standing.authenticators.items()
    }
    found = replace(standing, authenticators=settled_password).reached()
    assert all(name in {"aal1", "recovery"} for name in found)


def literal(standing: Standing, forbid: frozenset[str]) -> dict[str, int]:
    """Classes and the time each is from, by trying every one and two events for every class: slow and literal."""
    events = [
        event
        for event in standing.counted
        if event.authenticator in standing.authenticators and not forbid & {event.method, *event.amr}
    ]
    combinations = [(event, event) for event in events] + [
        (knowledge, possession)
        for knowledge in events
        for possession in events
        if (knowledge.how.kind, possession.how.kind) == (Kind.KNOWLEDGE, Kind.POSSESSION)
    ]
    return {
        name: max(times)
        for name, limits in SHIPPED.by_name.items()
        if (
            times := [
                last.at
                for first, last in combinations
                if _proves(name, first, last)
                and all(_within_ceiling(name, standing.authenticators[event.authenticator]) for event in (first, last))
                and all(standing.now - event.at <= limits.lasts for event in (first, last))
                and standing.now - max(last.at, standing.active_at) <= limits.idle
                and last.rested <= limits.idle
            ]
        )
    }


def _within_ceiling(name: str, authenticator: Authenticator) -> bool:
    return authenticator.ceiling is None or name in SHIPPED.counts_as(authenticator.ceiling)


def _proves(name: str, first: Evidence, last: Evidence) -> bool:
    two_factors = first != last or (last.how.phishing_resistant and last.user_verified)
    return {
        "recovery": last.how.kind is Kind.RECOVERY,
        "aal1": True,
        "aal2": two_factors,
        "phr": two_factors and last.how.phishing_resistant,
        "aal3": first == last and two_factors and last.attested and last.hardware,
    }[name]


@LAW
@given(st.from_type(Standing), st.sampled_from([frozenset[str](), frozenset({"otp"}), frozenset({"passkey", "pwd"})]))
def test_what_is_reached_is_what_the_definitions_say(standing: Standing, forbid: frozenset[str]) -> None:
    assert {name: proof.at for name, proof in standing.reached(forbid).items()} == literal(standing, forbid)


@LAW
@given(st.from_type(Standing))
def test_each_proof_names_the_events_it_rests_on_the_completing_one_last(standing: Standing) -> None:
    for name, proof in standing.reached().items():
        assert proof.name == name
        assert proof.at == proof.events[-1].at
        assert set(proof.events) <= set(standing.events)
        alone = replace(standing, events=proof.events).reached()
        assert alone[name].at == proof.at


@LAW
@given(st.from_type(Standing))
def test_whatever_is_reached_counts_also_as_all_below_it_at_most_as_old(standing: Standing) -> None:
    found = standing.reached()
    assert all(found[weaker].at >= proof.at for name, proof in found.items() for weaker in SHIPPED.counts_as(name))


@pytest.mark.parametrize("forbidden", ["totp", "otp"])
def test_events_of_a_forbidden_method_are_ignored_and_lock_nobody_out(known: Known, forbidden: str) -> None:
    forbid = frozenset({forbidden})
    assert ages(known, {"password": 9, "totp": 5}, forbid=forbid) == {"aal1": 9}
    assert ages(known, {"totp": 5, "passkey": 0}, forbid=forbid)["phr"] == 0


def test_events_of_an_authenticator_that_is_gone_count_as_nothing(known: Known) -> None:
    event = known["passkey"].evidence(event="e", at=NOW, interaction="i")
    rest = {name: each for name, each in known.items() if name != "passkey"}
    assert reached([event], rest, now=NOW, active_at=NOW) == {}


def test_an_event_of_an_unknown_method_counts_as_nothing(known: Known) -> None:
    event = replace(known["passkey"].evidence(event="e", at=NOW, interaction="i"), method="carrier_pigeon")
    for forbid in (frozenset[str](), frozenset({"otp"})):
        assert reached([event], known, now=NOW, active_at=NOW, forbid=forbid) == {}


def test_a_class_that_is_not_declared_is_not_reached(known: Known) -> None:
    plain = Classes(declared=(EvidenceClass("aal1", lasts=DAY, idle=DAY),), order=("aal1",))
    event = known["recovery code"].evidence(event="e", at=NOW, interaction="i")
    assert reached([event], known, now=NOW, active_at=NOW, classes=plain) == {}


def test_completed_by_tells_what_one_event_reaches_or_completes(known: Known) -> None:
    password = known["password"].evidence(event="p", at=NOW - 60, interaction="i")
    code = known["totp"].evidence(event="t", at=NOW, interaction="i")
    both = [password, code]
    assert set(reached(both, known, now=NOW, active_at=NOW, completed_by=code)) == {"aal1", "aal2"}
    assert set(reached(both, known, now=NOW, active_at=NOW, completed_by=password)) == {"aal1"}
    assert reached(both, known, now=NOW, active_at=NOW)["aal2"] == Reached("aal2", NOW, (password, code))


def test_counts_as_is_the_shipped_order() -> None:
    assert SHIPPED.counts_as("aal3") == {"aal3", "phr", "aal2", "aal1"}
    assert SHIPPED.counts_as("recovery") == {"recovery", "aal1"}
    assert SHIPPED.counts_as("aal1") == SHIPPED.below("aal1") == {"aal1"}
    assert SHIPPED.below("aal9") == frozenset()
    with pytest.raises(KeyError):
        SHIPPED.counts_as("aal9")


def test_the_up_set_is_what_a_challenge_lists_weakest_first() -> None:
    assert SHIPPED.up_set("aal2") == ("aal2", "phr", "aal3")
    assert SHIPPED.up_set("aal1") == ("aal1", "aal2", "phr", "aal3", "recovery")
    assert SHIPPED.up_set("recovery") == ("recovery",)


def test_the_strongest_is_the_first_of_the_order() -> None:
    assert SHIPPED.strongest(["aal1", "phr", "aal2"]) == "phr"
    assert SHIPPED.strongest(["recovery", "aal1"]) == "aal1"
    assert SHIPPED.strongest(["recovery"]) is None
    assert SHIPPED.strongest([]) is None


def test_no_class_lasts_or_idles_longer_than_one_it_counts_as() -> None:
    for entry in SHIPPED.declared:
        for weaker in map(SHIPPED.by_name.__getitem__, SHIPPED.counts_as(entry.name)):
            assert entry.lasts <= weaker.lasts
            assert entry.idle <= weaker.idle


@pytest.mark.parametrize(
    ("name", "friction", "kind", "amr"),
    [
        ("passkey", 1, Kind.POSSESSION, ("swk", "user", "mfa")),
        ("security_key", 2, Kind.POSSESSION, ("swk", "user", "mfa")),
        ("totp", 3, Kind.POSSESSION, ("otp",)),
        ("password", 4, Kind.KNOWLEDGE, ("pwd",)),
        ("recovery_code", 20, Kind.RECOVERY, ("otp",)),
    ],
)
def test_the_table_of_methods(name: str, friction: int, kind: Kind, amr: tuple[str, ...]) -> None:
    method = METHODS[name]
    assert (method.name, method.friction, method.kind) == (name, friction, kind)
    event = Evidence(id="e", authenticator="a", method=name, at=0, interaction="i", user_verified=True)
    assert event.how is method
    assert event.amr == amr
