"""The planner against brute force over all subsets; enrolment only where it leads there (S09, S25); its cost."""

import os
from collections import UserDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.assurance import DAY, HOUR, SHIPPED
from newel.domain.evidence import Authenticator
from newel.domain.method import Kind
from newel.domain.plan import AUTHORISES, Plan, Way, authority, cost, plan
from newel.domain.requirement import DENY, NOTHING, SESSION, Approval, Requirement, join, require
from newel.domain.standing import Standing, satisfied

NIGHTLY = os.environ.get("NEWEL_NIGHTLY") == "1"
LAW = settings(max_examples=1000 if NIGHTLY else 50, deadline=None, derandomize=not NIGHTLY, database=None)
STANDING = st.from_type(Standing)
NOW = 100 * DAY
DIGEST = b"d" * 32
FIELDS = frozenset({"amount", "payee"})
Known = Mapping[str, Authenticator]
Signature = tuple[object, ...]

EVIDENCE_ONLY = st.builds(
    lambda r, fresh: join(Requirement(evidence=r.evidence, bind=r.bind, forbid=r.forbid, denied=r.denied), fresh),
    st.from_type(Requirement),
    st.sampled_from([require({"aal2": 60}), require({"phr": 300}), require({"aal1": 60}), NOTHING]),
)
"""What a challenge can change: demands of evidence, binds and forbidden methods."""


def signature(authenticator: Authenticator) -> Signature:
    """What one challenge of it would prove; alike authenticators are one way."""
    each = authenticator
    return (each.method, each.ceiling, each.user_verifying, each.device_bound, each.attested)


def proven_by(standing: Standing, asked: Iterable[Authenticator]) -> Standing:
    return standing.plus(
        *(each.evidence(event=each.id, at=standing.now, interaction="this", digest=standing.digest) for each in asked)
    )


def representatives(authenticators: Iterable[Authenticator]) -> list[Authenticator]:
    """The last used of each kind."""
    alike: dict[Signature, Authenticator] = {}
    for each in authenticators:
        other = alike.setdefault(signature(each), each)
        if each.last_used_at > other.last_used_at:
            alike[signature(each)] = each
    return list(alike.values())


def smallest_sufficient(
    requirement: Requirement, standing: Standing, asked: list[Authenticator]
) -> list[tuple[Authenticator, ...]]:
    """Every sufficient subset of which no proper subset is sufficient: all 2ⁿ are tried."""
    subsets = list(chain.from_iterable(combinations(asked, size) for size in range(len(asked) + 1)))
    enough = [subset for subset in subsets if satisfied(requirement, proven_by(standing, subset))]
    return [subset for subset in enough if not any(set(other) < set(subset) for other in enough)]


def friction(subset: Iterable[Authenticator]) -> int:
    return sum(each.how.friction for each in subset)


def in_order(subset: Iterable[Authenticator]) -> list[Authenticator]:
    """Knowledge first, then what costs least."""
    return sorted(subset, key=lambda each: (each.how.kind is not Kind.KNOWLEDGE, each.how.friction))


def asked_by(steps: Iterable[Way]) -> list[Authenticator]:
    return [way.authenticators[0] for way in steps]


@LAW
@given(EVIDENCE_ONLY, STANDING)
def test_the_plan_is_what_brute_force_finds(r: Requirement, s: Standing) -> None:
    found = plan(r, s, interaction="this")
    subsets = smallest_sufficient(r, s, representatives(s.authenticators.values()))
    assert found.met == satisfied(r, s) == (() in subsets)
    assert found.possible == bool(subsets)
    if found.steps:
        steps = asked_by(found.steps)
        assert set(steps) in map(set, subsets)
        assert cost(found.steps) == friction(steps) == min(map(friction, subsets))
        assert steps == in_order(steps)


@LAW
@given(EVIDENCE_ONLY, STANDING)
def test_the_steps_suffice_and_none_can_be_left_out(r: Requirement, s: Standing) -> None:
    steps = asked_by(plan(r, s, interaction="this").steps)
    assert not steps or satisfied(r, proven_by(s, steps))
    for left_out in steps:
        assert not satisfied(r, proven_by(s, [each for each in steps if each is not left_out]))


@LAW
@given(EVIDENCE_ONLY, STANDING)
def test_ties_go_to_what_was_used_last(r: Requirement, s: Standing) -> None:
    steps = asked_by(plan(r, s, interaction="this").steps)
    if steps:
        subsets = smallest_sufficient(r, s, representatives(s.authenticators.values()))
        tied = [subset for subset in subsets if friction(subset) == friction(steps)]
        latest = max(max(each.last_used_at for each in subset) for subset in tied)
        assert max(each.last_used_at for each in steps) == latest


@LAW
@given(EVIDENCE_ONLY, STANDING)
def test_the_others_are_the_first_steps_of_all_other_smallest_plans(r: Requirement, s: Standing) -> None:
    found = plan(r, s, interaction="this")
    if found.steps:
        subsets = smallest_sufficient(r, s, representatives(s.authenticators.values()))
        firsts = {in_order(subset)[0].how.name: None for subset in subsets}
        first, *_ = found.steps
        offered = [first, *found.others]
        assert {way.method.name for way in offered} == set(firsts)
        assert len({signature(way.authenticators[0]) for way in offered}) == len(offered)


@LAW
@given(EVIDENCE_ONLY, STANDING, st.frozensets(st.sampled_from([f"a{index}" for index in range(6)])))
def test_resting_authenticators_are_never_asked(r: Requirement, s: Standing, resting: frozenset[str]) -> None:
    found = plan(r, s, interaction="this", resting=resting)
    offered = {each.id for way in (*found.steps, *found.others) for each in way.authenticators}
    assert not offered & resting
    awake = [each for each in s.authenticators.values() if each.id not in resting]
    assert found.possible == bool(smallest_sufficient(r, s, representatives(awake)))


@LAW
@given(st.from_type(Requirement), STANDING)
def test_a_prompt_that_cannot_succeed_is_never_shown(r: Requirement, s: Standing) -> None:
    found = plan(r, s, interaction="this")
    everything = proven_by(s, s.authenticators.values())
    assert found.possible == satisfied(r, everything)
    for way in (*found.steps, *found.others):
        assert all(each.id in s.authenticators for each in way.authenticators)
        assert len({signature(each) for each in way.authenticators}) == 1


def enrolled(method: str, standing: Standing, ceiling: str) -> Standing:
    """The standing after one more authenticator was enrolled, not yet used and not yet settled."""
    new = Authenticator(
        id="new",
        subject="s",
        method=method,
        name="new",
        created_at=standing.now,
        material=b"",
        ceiling=ceiling,
        user_verifying=method == "passkey",
    )
    return replace(standing, authenticators={**standing.authenticators, new.id: new})


def lead_there(requirement: Requirement, standing: Standing, resting: frozenset[str]) -> Iterator[str]:
    """Methods that could be enrolled now under S05 and would then complete the requirement under S25."""
    ceiling = authority(standing.authenticators.values(), now=standing.now, classes=SHIPPED)
    if ceiling is None:
        return
    if plan(require({ceiling: AUTHORISES}), standing, interaction="this", resting=resting).possible:
        for method in ("passkey", "totp"):
            then = enrolled(method, standing, ceiling)
            if plan(requirement, then, interaction="this", resting=resting).possible:
                yield method


@LAW
@given(EVIDENCE_ONLY, STANDING, st.frozensets(st.sampled_from(["a0", "a1", "a2"])))
def test_s25_enrolment_is_offered_exactly_where_no_step_exists_and_it_can_lead_there(
    r: Requirement, s: Standing, resting: frozenset[str]
) -> None:
    found = plan(r, s, interaction="this", resting=resting)
    assert found.enrol == (() if found.possible else tuple(lead_there(r, s, resting)))


def at(known: Known, *names: str) -> Standing:
    return Standing(now=NOW, active_at=NOW, authenticators={name: known[name] for name in names})


def first_steps(found: Plan) -> list[str]:
    return [way.authenticators[0].id for way in found.steps]


def test_a_session_with_a_password_needs_only_the_code(known: Known) -> None:
    standing = at(known, "password", "totp")
    signed_in = standing.plus(known["password"].evidence(event="e", at=NOW - HOUR, interaction="earlier"))
    assert first_steps(plan(require({"aal2": 300}), standing, interaction="this")) == ["password", "totp"]
    assert first_steps(plan(require({"aal2": 300}), signed_in, interaction="this")) == ["totp"]


def test_a_passkey_is_cheaper_than_a_code_and_the_code_stays_another_way(known: Known) -> None:
    standing = at(known, "password", "totp", "passkey", "security key")
    found = plan(require({"aal2": 300}), standing, interaction="this")
    assert first_steps(found) == ["passkey"]
    assert [way.method.name for way in found.others] == ["password"]
    assert found.possible
    assert not found.met


def test_what_begins_with_the_same_step_is_no_other_way(known: Known) -> None:
    found = plan(require({"aal2": 300}), at(known, "password", "totp", "security key"), interaction="this")
    assert first_steps(found) == ["password", "security key"]
    assert found.others == ()


def test_nothing_is_asked_where_it_is_met(known: Known) -> None:
    assert plan(NOTHING, at(known, "password"), interaction="this") == Plan(met=True)


def test_deny_gives_no_step(known: Known) -> None:
    refused = plan(DENY, at(known, *known), interaction="this")
    assert refused == Plan(met=False)
    assert not refused.possible


def test_no_challenge_is_shown_for_what_no_challenge_changes(known: Known) -> None:
    for demand in (
        require({"aal1": 60}, entitle={"trade"}),
        require({"aal1": 60}, meter={"page": 1}),
        require({"aal1": 60}, approve=[Approval("treasury", 1, frozenset(), SESSION)]),
    ):
        assert plan(demand, at(known, *known), interaction="this") == Plan(met=False)


def test_without_an_action_nothing_is_asked_for_a_bound_demand(known: Known) -> None:
    demand = require({"phr": 300}, bind=FIELDS)
    assert plan(demand, at(known, *known), interaction="this") == Plan(met=False)
    assert first_steps(plan(demand, replace(at(known, *known), digest=DIGEST), interaction="this")) == ["passkey"]


def test_a_class_nobody_declared_is_never_asked_for(known: Known) -> None:
    demand = Requirement(evidence=(("aal9", 60),))
    assert plan(demand, at(known, *known), interaction="this") == Plan(met=False)


def test_prompt_login_asks_anew_in_this_interaction(known: Known) -> None:
    signed_in = replace(at(known, "passkey"), since="this").plus(
        known["passkey"].evidence(event="e", at=NOW, interaction="earlier")
    )
    assert first_steps(plan(require({"aal2": SESSION}), signed_in, interaction="this")) == ["passkey"]


def test_after_idle_the_code_is_asked_again_and_a_retyped_password_is_not_enough(known: Known) -> None:
    events = [known[name].evidence(event=name, at=NOW - 2 * HOUR, interaction="i") for name in ("password", "totp")]
    woken = replace(at(known, "password", "totp"), events=tuple(events), active_at=NOW - 2 * HOUR)
    found = plan(require({"aal2": SESSION}), woken, interaction="this")
    assert first_steps(found) == ["totp"]
    assert found.others == ()


def test_alike_authenticators_are_one_way_the_last_used_first(known: Known) -> None:
    older, newer = replace(known["passkey"], id="older", last_used_at=1), replace(known["passkey"], last_used_at=2)
    standing = replace(at(known), authenticators={"older": older, "passkey": newer})
    found = plan(require({"phr": 60}), standing, interaction="this")
    assert [each.id for each in found.steps[0].authenticators] == ["passkey", "older"]
    assert found.steps[0].method is newer.how


def test_an_authenticator_of_an_unknown_method_is_neither_asked_nor_counted(known: Known) -> None:
    pigeon = replace(known["totp"], id="pigeon", method="carrier_pigeon")
    standing = replace(at(known), authenticators={"pigeon": pigeon, "password": known["password"]})
    assert first_steps(plan(require({"aal1": 60}), standing, interaction="this")) == ["password"]
    assert authority([pigeon], now=NOW, classes=SHIPPED) is None


@pytest.mark.parametrize(
    ("names", "strongest"),
    [
        ([], None),
        (["recovery code"], None),
        (["password"], "aal1"),
        (["totp", "security key"], "aal1"),
        (["password", "totp"], "aal2"),
        (["password", "security key"], "phr"),
        (["passkey"], "phr"),
    ],
)
def test_s05_the_authority_is_the_strongest_class_settled_authenticators_reach(
    known: Known, names: list[str], strongest: str | None
) -> None:
    settled = [known[name] for name in names]
    unsettled = replace(known["passkey"], id="unsettled", ceiling="phr")
    assert authority(settled, now=NOW, classes=SHIPPED) == strongest
    assert authority([*settled, unsettled], now=NOW, classes=SHIPPED) == strongest


def test_s25_a_password_alone_cannot_enrol_its_way_to_aal2(known: Known) -> None:
    assert plan(require({"aal2": 300}), at(known, "password"), interaction="this") == Plan(met=False)


def test_s25_no_account_without_a_settled_authenticator_enrols_inside_a_step_up(known: Known) -> None:
    unsettled = replace(known["password"], ceiling="aal1")
    standing = replace(at(known), authenticators={"password": unsettled})
    assert plan(require({"aal2": 300}), standing, interaction="this") == Plan(met=False)


def test_enrolment_is_offered_where_what_is_there_authorises_what_is_demanded(known: Known) -> None:
    demand = require({"aal2": 300}, forbid={"totp"})
    assert plan(demand, at(known, "password", "totp"), interaction="this").enrol == ("passkey",)
    assert plan(join(demand, require({"phr": 300})), at(known, "password", "totp"), interaction="this").enrol == ()


def test_enrolment_is_not_offered_while_what_would_authorise_it_rests(known: Known) -> None:
    standing = at(known, "password", "totp")
    demand = require({"aal2": 300}, forbid={"totp"})
    assert plan(demand, standing, interaction="this", resting=frozenset({"totp"})).enrol == ()


@pytest.mark.parametrize(("ago", "offered"), [(300, ("passkey",)), (301, ())])
def test_s05_proofs_of_the_last_five_minutes_authorise_an_enrolment(
    known: Known, ago: int, offered: tuple[str, ...]
) -> None:
    proofs = [known[name].evidence(event=name, at=NOW - ago, interaction="i") for name in ("password", "totp")]
    authorised = replace(at(known, "password", "totp"), events=tuple(proofs))
    demand = require({"aal2": 60}, forbid={"totp", "pwd"})
    assert plan(demand, authorised, interaction="this", resting=frozenset({"password", "totp"})).enrol == offered


class Counted(UserDict[str, Authenticator]):
    """Counts how often an event's authenticator is looked up: the work of the planner."""

    lookups = 0

    def __getitem__(self, key: str) -> Authenticator:
        self.lookups += 1
        return super().__getitem__(key)


def twenty_of_twelve_kinds(known: Known) -> Counted:
    kinds = [replace(known[name], ceiling=ceiling) for ceiling in ("aal1", "aal2") for name in sorted(known)[:6]]
    return Counted({f"n{index}": replace(kinds[index % 12], id=f"n{index}") for index in range(20)})


@pytest.mark.parametrize("name", ["aal2", "phr", "recovery", "aal3"])
def test_twenty_authenticators_of_twelve_kinds_cost_a_bounded_plan(known: Known, name: str) -> None:
    many = twenty_of_twelve_kinds(known)
    assert len({signature(each) for each in many.values()}) == 12
    plan(require({name: 60}), Standing(now=NOW, active_at=NOW, authenticators=many), interaction="this")
    assert many.lookups < 12 * 12 * 12


@pytest.mark.parametrize(
    "demand",
    [
        require({"phr": 60}),
        require({"aal2": 60}, bind=FIELDS),
        require({"aal2": 60, "recovery": 60}),
        require({"phr": SESSION, "aal1": 60}, forbid={"swk"}),
    ],
)
def test_the_bound_on_steps_misses_no_plan_among_many_authenticators(known: Known, demand: Requirement) -> None:
    names = ["password", "totp", "passkey without verification", "security key", "passkey on hardware", "recovery code"]
    kinds = [known[name] for name in names]
    weak = [replace(each, id=f"weak {each.id}", ceiling="aal2") for each in kinds[:4]]
    standing = replace(at(known), authenticators={each.id: each for each in (*kinds, *weak)}, digest=DIGEST)
    found = plan(demand, standing, interaction="this")
    subsets = smallest_sufficient(demand, standing, [*kinds, *weak])
    assert set(asked_by(found.steps)) in map(set, subsets)
    assert cost(found.steps) == min(map(friction, subsets))
    offered = {way.authenticators[0].id for way in (found.steps[0], *found.others)}
    assert offered == {in_order(subset)[0].id for subset in subsets}
