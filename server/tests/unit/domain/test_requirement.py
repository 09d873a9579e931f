"""The lattice of requirements: laws L1, L2, L3 and L7, and the normal form that `require` builds."""

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.assurance import SHIPPED
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

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
LAW = settings(max_examples=1000 if NIGHTLY else 50, deadline=None, derandomize=not NIGHTLY, database=None)
ANY = st.from_type(Requirement)


def at_least_as_demanding(more: Requirement, less: Requirement) -> bool:
    """The order of the policy's table, read literally: part by part, component by component."""
    if more.denied or less.denied:
        return more.denied
    evidence, bind, meter = dict(more.evidence), dict(more.bind), dict(more.meter)
    pools = {each.pool: each for each in more.approve}
    return (
        all(evidence.get(name, SESSION + 1) <= age for name, age in less.evidence)
        and all(fields <= bind.get(name, frozenset()) for name, fields in less.bind)
        and less.forbid <= more.forbid
        and all(
            each.pool in pools
            and each.number <= pools[each.pool].number
            and each.classes <= pools[each.pool].classes
            and pools[each.pool].age <= each.age
            for each in less.approve
        )
        and less.entitle <= more.entitle
        and all(units <= meter.get(name, 0) for name, units in less.meter)
        and (less.session.life is None or (more.session.life is not None and more.session.life <= less.session.life))
        and less.session.key_bound <= more.session.key_bound
        and less.session.notify <= more.session.notify
    )


def rebuilt(requirement: Requirement) -> Requirement:
    """The same demands handed to `require` in another order."""
    return require(
        dict(reversed(requirement.evidence)),
        bind=dict(reversed(requirement.bind)),
        forbid=sorted(requirement.forbid),
        approve=reversed(requirement.approve),
        entitle=sorted(requirement.entitle),
        meter=dict(reversed(requirement.meter)),
        session=requirement.session,
    )


@LAW
@given(ANY, ANY, ANY)
def test_l1_join_is_idempotent_commutative_and_associative(a: Requirement, b: Requirement, c: Requirement) -> None:
    assert join(a, a) == a
    assert join(a, b) == join(b, a)
    assert join(a, join(b, c)) == join(join(a, b), c)


@LAW
@given(ANY)
def test_l1_nothing_is_neutral_and_deny_absorbs(a: Requirement) -> None:
    assert join(a, NOTHING) == join(NOTHING, a) == a
    assert join(a, DENY) == join(DENY, a) == DENY


@LAW
@given(ANY, ANY)
def test_l2_the_order_is_the_table_s_and_join_follows_it(a: Requirement, b: Requirement) -> None:
    assert (a <= b) == at_least_as_demanding(b, a) == (join(a, b) == b)
    assert a <= join(a, b)


@LAW
@given(ANY, ANY, ANY)
def test_l2_join_is_the_least_upper_bound(a: Requirement, b: Requirement, c: Requirement) -> None:
    upper = join(join(a, b), c)
    assert join(a, b) <= upper
    assert not (a <= c and b <= c) or join(a, b) <= c


@LAW
@given(ANY, ANY)
def test_l3_join_keeps_the_normal_form(a: Requirement, b: Requirement) -> None:
    joined = join(a, b)
    assert joined.denied or rebuilt(joined) == joined
    assert not joined.denied or joined == DENY


@LAW
@given(ANY, ANY)
def test_l3_equal_meaning_is_equal_value(a: Requirement, b: Requirement) -> None:
    assert (at_least_as_demanding(a, b) and at_least_as_demanding(b, a)) == (a == b)
    assert a != b or hash(a) == hash(b)


@LAW
@given(ANY)
def test_l3_evidence_and_bind_are_closed_under_counts_as(a: Requirement) -> None:
    ages, bound = dict(a.evidence), dict(a.bind)
    assert all(ages[weaker] <= age for name, age in a.evidence for weaker in SHIPPED.counts_as(name))
    assert all(bound[weaker] >= fields for name, fields in a.bind for weaker in SHIPPED.counts_as(name))


@LAW
@given(ANY)
def test_l7_the_join_of_its_irreducibles_is_the_element(a: Requirement) -> None:
    assert join_all(irreducibles(a)) == a


@LAW
@given(ANY, ANY)
def test_l7_irreducibles_are_join_prime(a: Requirement, b: Requirement) -> None:
    for prime in irreducibles(join(a, b)):
        assert prime <= a or prime <= b


@LAW
@given(ANY, ANY)
def test_l7_the_order_is_decided_by_irreducibles(a: Requirement, b: Requirement) -> None:
    assert (a <= b) == all(prime <= b for prime in irreducibles(a))


@LAW
@given(ANY)
def test_l7_an_irreducible_is_no_join_of_smaller_ones(a: Requirement) -> None:
    for prime in irreducibles(a):
        assert list(irreducibles(prime))
        assert prime in irreducibles(prime)


def test_the_join_of_no_requirement_demands_nothing() -> None:
    assert join_all([]) == NOTHING == require()


def test_demanding_a_class_demands_all_it_counts_as() -> None:
    assert require({"phr": 60}).evidence == (("aal1", 60), ("aal2", 60), ("phr", 60))
    assert require({"aal2": SESSION, "aal1": 60}).evidence == (("aal1", 60), ("aal2", SESSION))
    assert require({"aal2": 60}) == require({"aal1": 300, "aal2": 60})


def test_a_plain_set_of_fields_binds_every_class_named() -> None:
    fields = frozenset({"amount", "payee"})
    assert require({"aal2": 60}, bind=fields) == require({"aal2": 60}, bind={"aal2": fields})
    assert require({"aal2": 60}, bind=fields).bind == (("aal1", fields), ("aal2", fields))
    assert require({"aal2": 60}, bind=fields).bound


def test_a_join_binds_the_fields_of_both() -> None:
    joined = join(require({"aal2": 60}, bind=frozenset({"amount"})), require({"aal2": 300}, bind=frozenset({"payee"})))
    assert joined == require({"aal2": 60}, bind=frozenset({"amount", "payee"}))


@pytest.mark.parametrize(
    "empty",
    [
        require({}),
        require(bind={"phr": frozenset()}),
        require({}, bind={}),
        require(approve=[Approval("treasury", 0, frozenset({"phr"}), 60)]),
        require(meter={"page": 0}),
        require(session=SessionTerms()),
    ],
)
def test_what_demands_nothing_is_not_kept(empty: Requirement) -> None:
    assert empty == NOTHING
    assert not empty.bound


def test_ages_beyond_the_session_are_within_the_session() -> None:
    assert require({"aal1": 2 * SESSION}) == require({"aal1": SESSION})
    approval = Approval("treasury", 1, frozenset(), 2 * SESSION)
    assert require(approve=[approval]) == require(approve=[replace(approval, age=SESSION)])


def test_a_negative_age_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        require({"aal1": -1})
    with pytest.raises(ValueError, match="negative"):
        require(approve=[Approval("treasury", 1, frozenset(), -1)])


def test_fields_bound_to_no_class_are_refused_and_not_passed_over() -> None:
    with pytest.raises(ValueError, match="no class"):
        require(bind=frozenset({"amount"}))


@pytest.mark.parametrize("part", ["evidence", "bind", "approve"])
def test_an_undeclared_class_is_refused(part: str) -> None:
    with pytest.raises(KeyError, match="aal9"):
        require(
            {"aal9": 60} if part == "evidence" else None,
            bind={"aal9": frozenset({"amount"})} if part == "bind" else {},
            approve=[Approval("treasury", 1, frozenset({"aal9"}), 60)] if part == "approve" else [],
        )


def test_approvals_of_one_pool_join_to_the_most_demanding_of_each_component() -> None:
    two = Approval("treasury", 2, frozenset({"aal1"}), 300)
    strong = Approval("treasury", 1, frozenset({"aal2"}), 60)
    merged = (Approval("treasury", 2, frozenset({"aal1", "aal2"}), 60),)
    assert require(approve=[two, strong]).approve == merged
    assert join(require(approve=[two]), require(approve=[strong])).approve == merged


def test_meters_take_the_greatest_and_never_the_sum() -> None:
    assert join(require(meter={"page": 2}), require(meter={"page": 3})) == require(meter={"page": 3})


def test_the_token_lives_as_briefly_as_the_stricter_side_says() -> None:
    brief, long, any_life = (require(session=SessionTerms(life=life)) for life in (60, 300, None))
    assert join(brief, long) == brief == join(any_life, brief)
    assert long <= brief
    assert not brief <= long


def test_irreducibles_of_deny_is_deny_alone() -> None:
    assert list(irreducibles(DENY)) == [DENY]
    assert list(irreducibles(NOTHING)) == []
