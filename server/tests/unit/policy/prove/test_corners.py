"""What a solver cannot tell is never taken for told; odd conditions have their meaning too."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import z3
from server.tests.unit.policy.lang.conditions import FACTS as DECLARED
from server.tests.unit.policy.lang.conditions import core_of
from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import COUNTER, FACTS, SCENE, TARGET, document, number, rule

from newel.domain.assurance import SHIPPED
from newel.domain.requirement import DENY, require
from newel.domain.value import replace
from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import TRUE, Constant, Core, Read
from newel.policy.lang.evaluate import evaluate
from newel.policy.prove import answers
from newel.policy.prove import shrink as shrinking
from newel.policy.prove.answers import answer
from newel.policy.prove.audit import audit
from newel.policy.prove.compare import compare
from newel.policy.prove.demand import Demands, Scene, meet
from newel.policy.prove.diff import diff
from newel.policy.prove.encode import Encoder
from newel.policy.prove.inspect import higher
from newel.policy.prove.problem import Claim, Compared, Comparison, Enumerated, Enumeration, Inspected, Judged, settled
from newel.policy.prove.replay import admissible
from newel.policy.prove.shrink import shrink
from newel.policy.prove.solve import Search, Unknown
from newel.policy.prove.table import table

LARGE = core.Compare(">", Read("x.n"), number(1))
MIDDLE = core.Compare("==", Read("x.n"), number(1))
STRONG = require({"phr": 60})
LANG = Scene(target="a:b", facts=DECLARED, counters=())


def find(*conditions: Core, scene: Scene = LANG) -> Mapping[str, Any] | None:
    """Facts for which all of some conditions are true."""
    search = Search(scene, conditions)
    found = search.find(*(search.formulas.holds(each) for each in conditions))
    if found is not None:
        assert all(evaluate(each, {"risk.score": 0, **found}) for each in conditions)
    return found


def never(*_: object) -> Any:
    """A solver that gives up."""
    raise Unknown("too hard")


def wrong(*_: object) -> Mapping[str, Any]:
    """A solver that finds what is not so."""
    return {"x.n": 0, "x.a": False}


@pytest.fixture(params=[never, wrong])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "find", request.param)


@pytest.mark.usefixtures("broken")
def test_a_difference_that_cannot_be_told_is_feared() -> None:
    found = diff(document(rule("r", LARGE, STRONG)), document(rule("r", MIDDLE, STRONG)), answer_all)
    assert [(each.certain, each.direction) for each in found] == [(False, "weaker")] * 2


@pytest.mark.usefixtures("broken")
def test_a_claim_that_cannot_be_told_is_not_proved() -> None:
    claim = Claim(scene=SCENE, demands=(), condition=LARGE, at_least=DENY, at_most=None, classes=SHIPPED)
    judged = answer(claim)
    assert isinstance(judged, Judged)
    assert judged.state == "unknown"
    assert judged.reason


@pytest.mark.usefixtures("broken")
def test_a_table_that_cannot_be_told_is_not_complete() -> None:
    assert table(document(rule("r", LARGE, STRONG)), TARGET, answer_all).incomplete


def test_an_audit_that_cannot_be_told_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "find", never)
    monkeypatch.setattr(Search, "needed", never)
    policy = document(rule("r", LARGE, STRONG), rule("s", MIDDLE, STRONG), minimum=STRONG)
    found = [each.what for each in audit(policy, answer_all) if each.kind == "unknown"]
    assert any("whether r ever matches" in each for each in found)
    assert any("whether s changes anything" in each for each in found)
    assert any("whether the minimum is always demanded" in each for each in found)
    assert any("whether a demand falls with x.n" in each for each in found)


def test_a_table_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newel.policy.prove.table.MOST", 1)
    found = table(document(rule("r", LARGE, STRONG)), TARGET, answer_all)
    assert found.incomplete == "more than 1 outcomes"


def test_a_solver_that_breaks_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> Judged:
        raise z3.Z3Exception("out of memory")

    monkeypatch.setattr(answers, "judge", breaks)
    claim = Claim(scene=SCENE, demands=(), condition=TRUE, at_least=DENY, at_most=None, classes=SHIPPED)
    assert answer(claim) is None


class Refusing:
    """A solver's face: it breaks, or does not know."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def check(self, *_: object) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def reason_unknown(self) -> str:
        return "timeout"

    def add(self, *_: object) -> None:
        pass

    push = pop = add


@pytest.mark.parametrize("says", [z3.unknown, z3.Z3Exception("timeout")])
def test_a_solver_that_does_not_know_is_believed(says: Any) -> None:
    search = Search(SCENE, [LARGE])
    formula = search.formulas.holds(LARGE)
    search._solver = Refusing(says)
    with pytest.raises(Unknown, match="timeout"):
        search.find(formula)
    with pytest.raises(Unknown, match="timeout"):
        search.needed(formula, [])


def test_a_time_that_no_clock_shows_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newel.policy.prove.solve.ROUNDS", 0)
    with pytest.raises(Unknown, match="no time was found"):
        find(core_of('now.getHours("Europe/Berlin") == 3'))


@pytest.mark.parametrize(
    ("answered", "enough"),
    [
        (None, False),
        (Judged(state="unknown"), False),
        (Judged(state="proved"), True),
        (Enumerated(outcomes=(), incomplete="timeout"), False),
        (Compared(weaker=(), stronger=()), True),
        (Inspected(dead=(), covered={}, below=None, absent=(), rising=(), unknown=("timeout",)), False),
    ],
)
def test_what_is_not_settled_may_be_asked_again(answered: Any, enough: bool) -> None:
    assert settled(answered) is enough


def test_texts_are_chosen_between() -> None:
    choice = core.Select(Read("ctx.known"), Read("subject.id"), Constant("fixed", "string"))
    start = core.Affix("startsWith", choice, "fi")
    assert find(start, core.Negation(Read("ctx.known"))) is not None
    apart = core.Compare("!=", Read("subject.id"), choice)
    found = find(start, Read("ctx.known"), core.Negation(apart))
    assert found is not None
    assert found["subject.id"].startswith("fi")


def test_affixes_of_what_is_written_out_are_known() -> None:
    assert find(core.Affix("endsWith", Constant("abc", "string"), "bc")) is not None
    assert find(core.Affix("endsWith", Constant("abc", "string"), "ab")) is None
    assert find(core.Affix("contains", Read("subject.id"), "")) is not None


def test_numbers_are_chosen_between_and_may_fail_in_the_branch_taken() -> None:
    choice = core.Select(Read("ctx.known"), Read("ctx.rows"), number(7))
    search = Search(LANG, [choice])
    term = search.formulas.term(choice)
    assert search.find(term.fails, search.formulas.fact("ctx.known")) is not None
    assert (
        search.find(term.fails, z3.Not(search.formulas.fact("ctx.known")), z3.Not(search.formulas.absence("ctx.known")))
        is None
    )
    plain = core.Select(Read("ctx.known"), number(1), number(2))
    assert find(core.Compare("==", plain, number(2))) == {"ctx.known": False}


def test_only_constants_divide_and_what_is_no_core_has_no_formula() -> None:
    formulas = Encoder(LANG, [])
    with pytest.raises(TypeError, match="only constants divide"):
        formulas.term(core.Arithmetic("/", Read("ctx.amount"), Read("ctx.amount")))
    with pytest.raises(TypeError, match="str has no formula"):
        formulas._term("true")  # type: ignore[arg-type]  # no core


def test_a_clock_may_be_asked_of_a_time_that_is_computed() -> None:
    later = core.Arithmetic("+", Read("now"), Constant(3600, "duration"))
    clock = core.Clock("getDayOfWeek", later, "Europe/Berlin")
    assert find(core.Compare("==", clock, number(3))) is not None


def test_a_sum_that_may_have_gone_down_says_nothing_about_one_request() -> None:
    facts = {**FACTS, "x.n": replace(FACTS["x.n"], low=-2)}
    scene = replace(SCENE, facts=facts)
    small = core.Compare("<", Read("velocity.v"), Read("x.n"))
    assert find(small, scene=SCENE) is None
    assert find(small, scene=scene) is not None


@pytest.mark.parametrize("kind", ["count", "distinct"])
def test_a_count_is_at_least_one(kind: Any) -> None:
    scene = replace(SCENE, counters=(replace(COUNTER, kind=kind),))
    assert find(core.Compare("==", Read("velocity.v"), number(0)), scene=scene) is None
    assert find(core.Compare("==", Read("velocity.v"), number(1)), scene=scene) == {"velocity.v": 1}


def test_a_counter_that_is_declared_elsewhere_is_not_looked_for() -> None:
    scene = replace(SCENE, facts={"x.n": FACTS["x.n"]})
    assert find(core.Compare("==", Read("x.n"), number(2)), scene=scene) == {"x.n": 2}


def losses(before: Core, after: Core, facts: Mapping[str, Fact]) -> Sequence[Mapping[str, Any]]:
    """The facts that show what goes from one condition to another."""
    policy = document(rule("r", before, STRONG))
    other = document(rule("r", after, STRONG))
    problem = Comparison(
        scene=Scene(target=TARGET, facts=facts, counters=()),
        before=Demands(policy).at(TARGET),
        after=Demands(other).at(TARGET),
        classes=(SHIPPED, SHIPPED),
    )
    problem = replace(problem, after=tuple(replace(each, key=-1, test=-1) for each in problem.after))
    return [each.facts for each in compare(problem, 10_000).weaker]


def test_an_address_in_a_witness_is_the_first_of_a_network() -> None:
    (facts,) = losses(core_of('client.ip in ["10.0.0.0/8"]'), core_of('client.ip in ["10.0.0.0/9"]'), DECLARED)
    assert facts["client.ip"] == (0xFFFF << 32) + (10 << 24) + (128 << 16) or facts["client.ip"] >> 24 == 0xFFFF0A


def test_times_in_a_witness_lie_near_one_another() -> None:
    (facts,) = losses(
        core_of('now - ctx.published < duration("1h")'), core_of('now - ctx.published < duration("30m")'), DECLARED
    )
    assert 1800 <= facts["now"] - facts["ctx.published"] < 3600
    assert 1_768_478_400 in {facts["now"], facts["ctx.published"]}


def test_texts_and_sets_in_a_witness_are_short() -> None:
    gone = losses(
        core_of('subject.id in ["bbb", "aa"] || "x" in subject.groups'), core_of('"x" in subject.groups'), DECLARED
    )
    assert gone == [{"subject.id": "aa", "subject.groups": frozenset()}]
    both = losses(core_of('"x" in subject.groups && "y" in subject.groups'), core_of('"z" in subject.groups'), DECLARED)
    assert both[0]["subject.groups"] == frozenset({"x", "y"})


def test_numbers_in_a_witness_are_the_least_that_will_do() -> None:
    conditions = " || ".join(f"ctx.amount == {1000 + number}" for number in range(20))
    (facts,) = losses(core_of(f"({conditions}) && ctx.amount > 1003"), core_of("ctx.amount > 1010"), DECLARED)
    assert facts == {"ctx.amount": 1004}


def test_what_is_not_given_may_stay_so() -> None:
    (facts,) = losses(core_of("!has(ctx.branch) || ctx.branch == 'a'"), core_of("ctx.known && !ctx.known"), DECLARED)
    assert "ctx.branch" not in facts


def test_a_set_that_must_be_missing_is() -> None:
    needed = core.Every((core.Negation(core.Present("subject.groups")), TRUE))
    assert find(needed) == {}


def test_an_enumeration_of_nothing_is_nothing() -> None:
    problem = Enumeration(scene=SCENE, demands=(), classes=SHIPPED, most=5)
    found = answer(problem)
    assert isinstance(found, Enumerated)
    assert [each.requirement.denied for each in found.outcomes] == [False]


def test_a_missing_set_that_must_be_there_gets_members() -> None:
    scene = Scene(target="a:b", facts={"s": Fact(name="s", kind="set")}, counters=())
    member = core.HasMember(Read("s"), Constant("x", "string"))
    demands = Demands(document(rule("r", member, STRONG))).at(TARGET)
    small = shrink(scene, demands, {}, lambda replay: bool(replay.true))
    assert small.facts == {"s": frozenset({"x"})}


def test_numbers_named_in_lists_are_tried() -> None:
    named = core.OneOf(Read("x.n"), (1, 2))
    demands = Demands(document(rule("r", named, STRONG))).at(TARGET)
    assert shrink(SCENE, demands, {"x.n": 2}, lambda replay: bool(replay.true)).facts == {"x.n": 1}


def test_clocks_that_are_read_twice_are_one() -> None:
    both = core_of('now.getHours("UTC") > 3 && now.getHours("UTC") < 5')
    search = Search(LANG, [both])
    found = search.find(search.formulas.holds(both))
    assert found is not None
    assert len(search.formulas.clocks) == 1
    hour_and_day = core_of('now.getHours("UTC") > 3 && now.getDayOfWeek("UTC") == 2')
    more = Search(LANG, [hour_and_day])
    assert more.find(more.formulas.holds(hour_and_day)) is not None
    assert len(more.formulas.sides) == len(search.formulas.sides)


def test_a_time_may_be_chosen() -> None:
    choice = core.Select(Read("ctx.known"), Read("now"), Read("ctx.published"))
    assert find(core.Compare("==", core.Clock("getHours", choice, "UTC"), number(4))) is not None


def test_people_see_a_counter_rise_only_with_its_sum() -> None:
    falling = core.Compare("<", Read("velocity.v"), number(2))
    found = audit(document(rule("r", falling, STRONG)), answer_all)
    assert {each.kind for each in found} == {"falls"}
    assert not higher(SCENE, "x.n", {"x.n": 1})


def test_a_request_counts_itself() -> None:
    count = replace(SCENE, counters=(replace(COUNTER, kind="count"),))
    assert admissible(count, {})
    assert admissible(count, {"velocity.v": 1})
    assert not admissible(count, {"velocity.v": 0})
    assert not admissible(SCENE, {"velocity.v": 1, "x.n": 2})
    assert admissible(SCENE, {"velocity.v": 1})


def test_times_that_must_stay_stay() -> None:
    old = core.Compare("<", Read("now"), Constant(86_400, "int"))
    demands = Demands(document(rule("r", old, STRONG))).at(TARGET)
    assert shrink(LANG, demands, {"now": 5}, lambda replay: bool(replay.true)).facts == {"now": 5}


def test_times_that_have_no_room_to_move_stay() -> None:
    apart = core.Compare(
        ">", core.Arithmetic("-", Read("now"), Read("ctx.published")), Constant(32_503_600_000, "duration")
    )
    demands = Demands(document(rule("r", apart, STRONG))).at(TARGET)
    small = shrink(LANG, demands, {"now": 32_503_680_000, "ctx.published": 5}, lambda replay: bool(replay.true))
    assert small.facts == {"now": 32_503_680_000, "ctx.published": 79_999}


def test_where_any_number_will_do_it_is_the_plainest() -> None:
    many = core_of(" || ".join(f"ctx.amount == {1000 + number}" for number in range(20)))
    demands = Demands(document(rule("r", many, STRONG))).at(TARGET)
    assert shrink(LANG, demands, {"ctx.amount": 1015}, lambda _: True).facts == {"ctx.amount": 0}
    assert shrinking._least([3, 4, 5], lambda _: True) == [3]
    assert shrinking._least([3, 4, 5], lambda each: each > 4) == [5]
    assert shrinking._least([3, 4, 5], lambda _: False) == []


def test_an_affix_holds_what_is_inside_it() -> None:
    inside = core_of('subject.id.contains("b")')
    assert find(core_of('subject.id.startsWith("abc")'), core.Negation(inside)) is None
    assert find(core_of('subject.id.endsWith("abc")'), core.Negation(inside)) is None
    assert find(core_of('subject.id.startsWith("ac")'), core.Negation(inside)) is not None


def test_division_truncates_towards_zero_on_every_side() -> None:
    for sign, amount, divisor, result in (("/", 7, -2, -3), ("/", -7, -2, 3), ("%", -7, -2, -1), ("%", 7, -2, 1)):
        found = core_of(f"ctx.count {sign} {divisor} == {result} && ctx.count == {amount}")
        assert find(found) == {"ctx.count": amount}


def test_whoever_is_denied_one_of_two_is_asked_for_the_other() -> None:
    assert meet(DENY, STRONG, SHIPPED) == meet(STRONG, DENY, SHIPPED) == STRONG
    assert meet(DENY, DENY, SHIPPED).denied
