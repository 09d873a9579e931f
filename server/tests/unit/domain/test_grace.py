"""Grace as laws: what is put off is only ever left out, and what was proven stays what it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from newel.domain.grace import Skip, Skippable, skips_of_both
from newel.domain.requirement import NOTHING, SESSION, Requirement, join, join_all, require
from newel.domain.standing import Standing, satisfied

LAW = settings(max_examples=60, deadline=None, derandomize=True, database=None)
ANY = st.from_type(Requirement)
STANDING = st.from_type(Standing)
RULES = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(Skip, ANY, st.integers(1, 3), st.integers(0, 2).map(lambda n: n * 100 * 86_400)),
    max_size=3,
)
NAMES = st.frozensets(st.sampled_from("abcd"))
COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3))


def whole(grace: Skippable) -> Requirement:
    return join(grace.demanded, join_all(each.requirement for each in grace.rules.values()))


@LAW
@given(ANY, RULES, NAMES, NAMES)
def test_to_put_off_more_never_adds_and_nothing_beyond_the_rules_with_grace_is_left_out(
    rest: Requirement, rules: dict[str, Skip], some: frozenset[str], more: frozenset[str]
) -> None:
    grace = Skippable(demanded=rest, rules=rules)
    assert rest <= grace.without(some | more) <= grace.without(some) <= whole(grace)
    assert grace.without(()) == whole(grace)
    assert grace.without(rules) == rest


@LAW
@given(ANY, RULES, STANDING, COUNTS)
def test_only_what_is_not_met_in_time_and_not_used_up_may_be_put_off(
    rest: Requirement, rules: dict[str, Skip], standing: Standing, used: dict[str, int]
) -> None:
    found = Skippable(demanded=rest, rules=rules).open(standing, used)
    for rule, each in rules.items():
        left = used.get(rule, 0) < each.most and standing.now < each.until
        assert (rule in found) == (left and not satisfied(each.requirement, standing))


@LAW
@given(RULES, RULES)
def test_s09_under_two_policies_the_stricter_grace_of_a_rule_stands(
    left: dict[str, Skip], right: dict[str, Skip]
) -> None:
    found = skips_of_both(left, right)
    assert found.keys() == left.keys() | right.keys()
    for rule, each in found.items():
        sides = [side[rule] for side in (left, right) if rule in side]
        assert each.requirement == join_all(side.requirement for side in sides)
        assert (each.most, each.until) == (min(side.most for side in sides), min(side.until for side in sides))


def test_a_rule_that_two_policies_grant_differently_is_put_off_as_the_stricter_says() -> None:
    soon, later = Skip(require({"aal2": SESSION}), 5, 200), Skip(require({"phr": SESSION}), 2, 300)
    assert skips_of_both({"r": soon}, {"r": later}) == {"r": Skip(require({"phr": SESSION}), 2, 200)}
    assert skips_of_both({}, {}) == {}
    assert Skippable(demanded=NOTHING, rules={}).without(()) == NOTHING
