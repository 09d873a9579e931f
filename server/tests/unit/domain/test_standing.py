"""Satisfaction: laws L4 to L6, "time passing never satisfies", the residual, and what binds (S17)."""

import os
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newel.domain.assurance import DAY, HOUR, SHIPPED
from newel.domain.evidence import Authenticator, Binding, Evidence
from newel.domain.requirement import (
    DENY,
    NOTHING,
    SESSION,
    Approval,
    Requirement,
    SessionTerms,
    irreducibles,
    join,
    join_all,
    require,
)
from newel.domain.standing import Approved, Standing, Steady, met_until, missing, proven, satisfied
from newel.domain.standing import given as given_without_proof

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
LAW = settings(max_examples=1000 if NIGHTLY else 50, deadline=None, derandomize=not NIGHTLY, database=None)
ANY = st.from_type(Requirement)
STANDING = st.from_type(Standing)
EVENTS = st.lists(st.from_type(Evidence), min_size=1, max_size=3)
NOW = 100 * DAY
DIGEST = b"d" * 32
FIELDS = frozenset({"amount", "payee"})
Known = Mapping[str, Authenticator]
NOBODY = Standing(now=NOW, active_at=NOW)


def without_forbid(requirement: Requirement) -> Requirement:
    return replace(requirement, forbid=frozenset())


def alike_per_pool(requirement: Requirement) -> Requirement:
    """The requirement with one class and one age for each pool; the numbers stay."""
    demands = (replace(each, classes=SHIPPED.counts_as("aal2"), age=300) for each in requirement.approve)
    return replace(requirement, approve=tuple(demands))


EXACT = ANY.map(without_forbid).map(alike_per_pool)


@LAW
@given(EXACT, EXACT, STANDING)
def test_l4_a_join_is_satisfied_exactly_where_both_are(a: Requirement, b: Requirement, s: Standing) -> None:
    assert satisfied(join(a, b), s) == (satisfied(a, s) and satisfied(b, s))


@LAW
@given(EXACT, EXACT, STANDING)
def test_l4_what_is_missing_of_a_join_is_the_join_of_what_is_missing(
    a: Requirement, b: Requirement, s: Standing
) -> None:
    assert missing(join(a, b), s) == join(missing(a, s), missing(b, s))


@LAW
@given(ANY, ANY, STANDING)
def test_l4_a_satisfied_join_satisfies_both_whatever_is_forbidden(a: Requirement, b: Requirement, s: Standing) -> None:
    assert not satisfied(join(a, b), s) or (satisfied(a, s) and satisfied(b, s))


@LAW
@given(ANY, ANY, STANDING)
def test_l5_satisfaction_is_antitone(a: Requirement, b: Requirement, s: Standing) -> None:
    weaker, stronger = a, join(a, b)
    assert missing(weaker, s) <= missing(stronger, s)
    assert not satisfied(stronger, s) or satisfied(weaker, s)


@LAW
@given(ANY, STANDING, EVENTS)
def test_l6_more_evidence_never_hurts(r: Requirement, s: Standing, more: list[Evidence]) -> None:
    assert missing(r, s.plus(*more)) <= missing(r, s)
    assert not satisfied(r, s) or satisfied(r, s.plus(*more))


@LAW
@given(ANY, STANDING)
def test_l6_holds_for_events_of_unsettled_authenticators_passwords_and_bound_events(
    r: Requirement, s: Standing
) -> None:
    for each in s.authenticators.values():
        event = each.evidence(event="more", at=s.now, interaction="this", digest=s.digest)
        assert missing(r, s.plus(event)) <= missing(r, s)


@LAW
@given(ANY, STANDING)
def test_l6_the_order_of_events_and_their_repetition_do_not_matter(r: Requirement, s: Standing) -> None:
    again = replace(s, events=(*reversed(s.events), *s.events))
    assert missing(r, again) == missing(r, s)


@LAW
@given(ANY, STANDING, st.sampled_from([1, 60, 15 * 60, HOUR, DAY, 40 * DAY]))
def test_time_passing_never_satisfies(r: Requirement, s: Standing, seconds: int) -> None:
    later = replace(s, now=s.now + seconds)
    assert missing(r, s) <= missing(r, later)
    assert not satisfied(r, later) or satisfied(r, s)


@LAW
@given(ANY, STANDING)
def test_a_removed_or_unsettled_authenticator_never_satisfies(r: Requirement, s: Standing) -> None:
    for key, each in s.authenticators.items():
        removed = {name: other for name, other in s.authenticators.items() if name != key}
        unsettled = {**s.authenticators, key: replace(each, ceiling="aal1")}
        assert missing(r, s) <= missing(r, replace(s, authenticators=removed))
        assert each.ceiling is not None or missing(r, s) <= missing(r, replace(s, authenticators=unsettled))


@LAW
@given(ANY, STANDING)
def test_the_requirement_is_the_join_of_what_is_missing_and_what_is_met(r: Requirement, s: Standing) -> None:
    forbid = require(forbid=r.forbid)
    met = join_all(part for part in irreducibles(r) if satisfied(join(part, forbid), s))
    rest = missing(r, s)
    assert join(rest, met) == r
    assert rest <= r
    assert missing(rest, s) == rest


@LAW
@given(ANY, STANDING)
def test_nothing_is_missing_exactly_where_the_requirement_is_satisfied(r: Requirement, s: Standing) -> None:
    assert satisfied(r, s) == (missing(r, s) == NOTHING)
    assert satisfied(r, s) == (given_without_proof(r, s) and proven(r, s))


@LAW
@given(ANY, STANDING)
def test_what_is_missing_is_in_normal_form(r: Requirement, s: Standing) -> None:
    rest = missing(r, s)
    assert rest.denied or join_all(irreducibles(rest)) == rest


@LAW
@given(STANDING)
def test_deny_is_never_satisfied_and_nothing_always(s: Standing) -> None:
    assert missing(DENY, s) == DENY
    assert not satisfied(DENY, s)
    assert satisfied(NOTHING, s)


def at(known: Known, *events: Evidence, digest: bytes | None = None) -> Standing:
    return Standing(now=NOW, active_at=NOW, events=events, authenticators=known, digest=digest)


def proof(authenticator: Authenticator, ago: int = 0, digest: bytes | None = None, interaction: str = "i") -> Evidence:
    return authenticator.evidence(event=authenticator.id, at=NOW - ago, interaction=interaction, digest=digest)


def test_approvals_of_different_classes_make_the_join_stricter_than_both(known: Known) -> None:
    two = require(approve=[Approval("treasury", 2, frozenset({"aal1"}), 300)])
    strong = require(approve=[Approval("treasury", 1, frozenset({"aal2"}), 300)])
    weak, better = Approved(SHIPPED.counts_as("aal1"), NOW), Approved(SHIPPED.counts_as("aal2"), NOW)
    mixed = replace(at(known), approvals={"treasury": (weak, better)})
    assert satisfied(two, mixed)
    assert satisfied(strong, mixed)
    assert not satisfied(join(two, strong), mixed)
    assert satisfied(join(two, strong), replace(at(known), approvals={"treasury": (better, better)}))


@pytest.mark.parametrize(("ago", "enough"), [(300, True), (301, False)])
def test_an_approval_counts_within_its_age(known: Known, ago: int, enough: bool) -> None:
    given_ago = Approved(SHIPPED.counts_as("aal2"), NOW - ago)
    demand = require(approve=[Approval("treasury", 1, frozenset({"aal2"}), 300)])
    standing = replace(at(known), approvals={"treasury": (given_ago,)})
    assert satisfied(demand, standing) == enough
    assert missing(demand, standing) == (NOTHING if enough else demand)
    assert not satisfied(demand, replace(at(known), approvals={"board": (given_ago,)}))
    assert satisfied(require(approve=[Approval("treasury", 1, frozenset(), SESSION)]), standing)


def test_forbidding_a_method_can_make_the_join_stricter_than_both(known: Known) -> None:
    fresh_code = at(known, proof(known["totp"]), proof(known["password"]))
    demand, forbid = require({"aal2": 60}), require(forbid={"totp"})
    assert satisfied(demand, fresh_code)
    assert missing(forbid, fresh_code) == NOTHING
    assert missing(join(require({"aal1": 60}), forbid), fresh_code) == NOTHING
    assert missing(join(demand, forbid), fresh_code) == require({"aal2": 60}, forbid={"totp"})
    assert satisfied(join(demand, forbid), fresh_code.plus(proof(known["passkey"])))


def test_what_is_missing_names_the_stricter_class_and_all_it_counts_as(known: Known) -> None:
    signed_in = at(known, proof(known["password"], ago=10))
    assert missing(require({"aal1": 60, "aal2": 300}), signed_in) == require({"aal2": 300})
    assert missing(require({"aal1": 5, "aal2": SESSION}), signed_in) == require({"aal1": 5, "aal2": SESSION})
    assert missing(require({"aal1": 60}), signed_in) == NOTHING


def test_a_class_that_is_not_declared_is_missing_and_nothing_raises(known: Known) -> None:
    unknown = Requirement(evidence=(("aal9", SESSION),), bind=(("aal9", FIELDS),))
    assert missing(unknown, at(known, proof(known["passkey"], digest=DIGEST), digest=DIGEST)) == unknown


@pytest.mark.parametrize(
    ("demand", "standing"),
    [
        (require(entitle={"trade"}), replace(NOBODY, entitlements=frozenset({"trade", "export"}))),
        (require(meter={"page": 2}), replace(NOBODY, quota={"page": 2})),
        (require(session=SessionTerms(key_bound=True)), replace(NOBODY, key_bound=True)),
    ],
)
def test_entitlements_quota_and_key_bound_tokens_are_given_or_missing(demand: Requirement, standing: Standing) -> None:
    assert missing(demand, NOBODY) == demand
    assert missing(demand, standing) == NOTHING


def test_a_quota_below_the_units_demanded_is_missing(known: Known) -> None:
    assert not satisfied(require(meter={"page": 2}), replace(at(known), quota={"page": 1}))


def test_life_and_notify_bind_whoever_issues_the_token_and_are_never_missing(known: Known) -> None:
    assert satisfied(require(session=SessionTerms(life=60, notify=frozenset({"owner"}))), at(known))


def test_prompt_login_counts_only_events_of_this_interaction(known: Known) -> None:
    earlier = [proof(known["password"], interaction="earlier"), proof(known["totp"], interaction="earlier")]
    assert satisfied(require({"aal2": 60}), at(known, *earlier))
    again = replace(at(known, *earlier), since="this")
    assert not satisfied(require({"aal1": SESSION}), again)
    code = proof(known["totp"], interaction="this")
    assert missing(require({"aal2": 60}), again.plus(code)) == require({"aal2": 60})
    assert satisfied(require({"aal2": 60}), again.plus(code, proof(known["password"], interaction="this")))


@pytest.mark.parametrize(("ago", "age", "enough"), [(60, 60, True), (61, 60, False), (0, 0, True), (1, 0, False)])
def test_evidence_counts_up_to_the_age_demanded(known: Known, ago: int, age: int, enough: bool) -> None:
    assert satisfied(require({"phr": age}), at(known, proof(known["passkey"], ago=ago))) == enough


def test_after_an_hour_idle_a_retyped_password_does_not_bring_the_code_back(known: Known) -> None:
    idle = replace(
        at(known, proof(known["password"], 2 * HOUR), proof(known["totp"], 2 * HOUR)), active_at=NOW - 2 * HOUR
    )
    assert not satisfied(require({"aal2": SESSION}), idle.plus(proof(known["password"])))
    assert satisfied(require({"aal2": SESSION}), idle.plus(proof(known["totp"])))


BOUND = require({"aal2": 300}, bind=FIELDS)


def test_a_click_or_an_older_event_never_satisfies_a_bind(known: Known) -> None:
    signed_in = at(known, proof(known["password"]), proof(known["totp"]), digest=DIGEST)
    assert satisfied(require({"aal2": 300}), signed_in)
    assert missing(BOUND, signed_in) == require(bind={"aal2": FIELDS})


def test_the_event_of_another_digest_never_satisfies_a_bind(known: Known) -> None:
    other = at(known, proof(known["passkey"], digest=b"o" * 32), digest=DIGEST)
    assert missing(BOUND, other).bound
    assert not missing(BOUND, other.plus(proof(known["passkey"], digest=DIGEST))).bound


def test_without_an_action_no_event_satisfies_a_bind(known: Known) -> None:
    assert missing(BOUND, at(known, proof(known["passkey"], digest=DIGEST))).bound


@pytest.mark.parametrize(
    ("beside", "ago", "bound_by", "name", "enough"),
    [
        ("password", DAY, "totp", "aal2", True),
        ("password", DAY + 1, "totp", "aal2", False),
        ("totp", 60, "password", "aal2", False),
        ("totp", 60, "password", "aal1", True),
        ("password", 60, "totp", "phr", False),
        ("password", DAY, "security key", "phr", True),
        ("password", DAY, "passkey without verification", "phr", True),
        ("totp", 60, "passkey without verification", "aal2", False),
        ("totp", 60, "passkey", "phr", True),
        ("password", 60, "recovery code", "aal2", False),
    ],
)
def test_a_bound_event_satisfies_what_it_counts_as_or_completes(
    known: Known, beside: str, ago: int, bound_by: str, name: str, enough: bool
) -> None:
    standing = at(known, proof(known[beside], ago), proof(known[bound_by], digest=DIGEST), digest=DIGEST)
    assert satisfied(require(bind={name: FIELDS}), standing) == enough


def test_a_confirming_code_binds_like_a_signature_only_to_the_classes_it_reaches(known: Known) -> None:
    code, key = proof(known["totp"], digest=DIGEST), proof(known["security key"], digest=DIGEST)
    assert code.binding == Binding(digest=DIGEST, kind="confirmed")
    assert key.binding == Binding(digest=DIGEST, kind="signed")
    signed = require(bind={"phr": FIELDS})
    assert not satisfied(signed, at(known, proof(known["password"]), code, digest=DIGEST))
    assert satisfied(signed, at(known, proof(known["password"]), key, digest=DIGEST))


def test_a_bound_event_of_a_forbidden_method_does_not_bind(known: Known) -> None:
    standing = at(known, proof(known["password"]), proof(known["totp"], digest=DIGEST), digest=DIGEST)
    assert satisfied(BOUND, standing)
    without = require({"aal1": 300}, bind=FIELDS, forbid={"otp"})
    assert missing(without, standing) == require(bind={"aal1": FIELDS}, forbid={"otp"})
    assert not satisfied(without, standing)


def test_the_same_evidence_counts_less_once_its_authenticator_is_unsettled(known: Known) -> None:
    standing = at(known, proof(known["password"]), proof(known["totp"]))
    demoted = {**known, "totp": replace(known["totp"], ceiling="aal1")}
    assert known["totp"].settled
    assert not demoted["totp"].settled
    assert satisfied(require({"aal2": 60}), standing)
    assert not satisfied(require({"aal2": 60}), replace(standing, authenticators=demoted))


MOMENTS = st.lists(st.sampled_from((-HOUR, -1, 0, 1, 59, 60, 15 * 60, HOUR, HOUR + 1, DAY, 30 * DAY)), max_size=6)


@LAW
@given(s=STANDING, passing=MOMENTS)
def test_what_is_remembered_of_the_same_evidence_is_what_it_reaches_at_each_moment(
    s: Standing, passing: list[int]
) -> None:
    steady = Steady()
    for seconds in (0, *passing):
        again = replace(s, now=s.now + seconds, since=None)
        assert steady.at(again).reached() == replace(again).reached()


@pytest.mark.parametrize("limit", [limit for each in SHIPPED.declared for limit in (each.lasts, each.idle)])
def test_a_second_beyond_a_limit_nothing_is_remembered(known: Known, limit: int) -> None:
    events = tuple(
        known[name].evidence(event=name, at=NOW, interaction="i") for name in ("password", "totp", "passkey")
    )
    first = Standing(now=NOW, active_at=NOW, events=events, authenticators=known)
    steady = Steady()
    for passed in (0, limit, limit + 1):
        later = replace(first, now=NOW + passed)
        assert steady.at(later).reached() == replace(later).reached()


@LAW
@given(
    s=STANDING,
    demanded=ANY.filter(lambda r: not r.denied),
    passing=st.lists(st.sampled_from((0, 59, 60, 61, 300, HOUR, DAY)), max_size=6),
)
def test_what_is_met_stays_met_and_reaches_the_same_until_the_second_that_is_told(
    s: Standing, demanded: Requirement, passing: list[int]
) -> None:
    demanded = replace(demanded, bind=(), approve=())
    first = replace(s, since=None, entitlements=demanded.entitle, quota=dict(demanded.meter), key_bound=True)
    assume(satisfied(demanded, first))
    until = met_until(demanded, first)
    assert until > first.now
    for seconds in (*passing, until - first.now - 1):
        later = replace(first, now=min(first.now + seconds, until - 1))
        assert satisfied(demanded, later)
        assert later.reached() == first.reached()


@pytest.mark.parametrize("age", [60, 300])
def test_what_must_be_fresh_is_met_no_longer_than_its_age(known: Known, age: int) -> None:
    standing = at(known, proof(known["password"]))
    demanded = require({"aal1": age})
    until = met_until(demanded, standing)
    assert satisfied(demanded, replace(standing, now=until - 1))
    assert not satisfied(demanded, replace(standing, now=until))


def test_nothing_is_remembered_of_other_evidence(known: Known) -> None:
    event = known["totp"].evidence(event="e", at=NOW, interaction="i")
    first = Standing(now=NOW, active_at=NOW, events=(event,), authenticators=known)
    steady = Steady()
    assert steady.at(first).reached()
    others = (
        replace(first, events=()),
        replace(first, authenticators={}),
        replace(first, active_at=NOW - 40 * DAY, now=NOW + 40 * DAY),
        replace(first, since="another"),
        replace(first, classes=replace(SHIPPED, declared=(replace(SHIPPED.declared[0], name="other"),), order=())),
    )
    for other in others:
        assert steady.at(other).reached() == replace(other).reached() == {}
        assert steady.at(first).reached()
