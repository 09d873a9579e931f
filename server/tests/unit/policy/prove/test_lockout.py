"""Who could not comply, by target, outcome and group."""

from collections.abc import Sequence

from server.tests.unit.policy.prove.asking import answer_all
from server.tests.unit.policy.prove.small import shop

from newel.policy.prove.alike import Person
from newel.policy.prove.ideal import authenticator
from newel.policy.prove.locked import LockOut, LockOuts
from newel.policy.prove.lockout import lock_outs, new_lock_outs
from newel.policy.prove.problem import Answer, Problem

PASSWORD, TOTP, PASSKEY = (authenticator(method) for method in ("password", "totp", "passkey"))
ANN = Person(
    id="ann",
    facts={"subject.id": "ann", "subject.groups": frozenset({"office"})},
    groups=frozenset({"office"}),
    authenticators=(PASSWORD, PASSKEY),
)
BEN = Person(
    id="ben",
    facts={"subject.id": "ben", "subject.groups": frozenset({"office"})},
    groups=frozenset({"office"}),
    authenticators=(PASSWORD, TOTP),
)
CAT = Person(id="cat", facts={"subject.id": "cat", "subject.groups": frozenset({"banned"})}, authenticators=(PASSWORD,))


def found(target: str = "shop.order:pay", *people: Person) -> list[LockOut]:
    """Lock-outs at one target of the shop."""
    return [each for each in lock_outs(shop(), people, answer_all).found if each.target == target]


def test_who_has_no_passkey_cannot_meet_a_demand_for_one() -> None:
    (only,) = found("shop.order:look", ANN, BEN)
    assert only.people == ("ben",)
    assert (only.everybody, only.groups, only.alone) == ((1, 2), {"office": (1, 2)}, (0, 0))
    assert only.text == "phr within 10m"
    assert only.lines()[0].endswith("shop.order:look: 1 of 2 people cannot meet phr within 10m")
    assert only.lines()[1:3] == ("  1 of 2 in office", "  ben")
    assert only.as_json()["groups"] == {"office": {"locked_out": 1, "of": 2}}


END = 1_796_083_200
SOON = """
  - id: soon
    on: newel.session:sign_in
    require: {evidence: {phr: session}}
    grace: {until: 2026-12-01, skips: 5}
"""
AT_ONCE = """
  - id: at-once
    on: newel.session:sign_in
    when: '"office" in subject.groups'
    require: {evidence: {phr: session}}
"""


def signing_in(rules: str, at: int) -> LockOuts:
    """Who is locked out of signing in by rules beside the shop's, at a time."""
    policy = shop(("rules:\n", f"rules:{rules}"), ('on: "*"\n', "on: shop.order:pay\n"))
    found = lock_outs(policy, (ANN, BEN, CAT), answer_all, at=at)
    mine = [
        tuple(each for each in some if each.target == "newel.session:sign_in") for some in (found.found, found.later)
    ]
    return LockOuts(found=mine[0], later=mine[1])


def test_who_may_put_it_off_is_locked_out_when_the_grace_ends() -> None:
    first = signing_in(SOON, END - 1)
    assert first.found == ()
    (later,) = first.later
    assert (later.people, later.until) == (("ben", "cat"), END)
    assert later.lines()[0] == (
        "note: newel.session:sign_in: can be put off until 2026-12-01T00:00:00Z,"
        " then 2 of 3 people cannot meet phr in this session"
    )
    assert later.as_json()["put_off_until"] == "2026-12-01T00:00:00Z"
    ended = signing_in(SOON, END)
    assert ended.later == ()
    assert [(each.people, each.until) for each in ended.found] == [(("ben", "cat"), None)]
    assert new_lock_outs(first, first).later == ()
    assert new_lock_outs(LockOuts(found=()), first).later == first.later
    assert new_lock_outs(first, ended).found == ended.found


def test_a_demand_that_may_be_put_off_hides_none_that_may_not() -> None:
    found = signing_in(SOON + AT_ONCE, END - 1)
    assert [each.people for each in found.found] == [("ben",)]
    assert [each.people for each in found.later] == [("cat",)]


def test_who_is_refused_anyway_is_not_locked_out() -> None:
    assert found("shop.order:look", CAT) == []


def test_a_password_alone_is_no_second_factor() -> None:
    only_password = Person(
        id="dan", facts={"subject.id": "dan", "subject.groups": frozenset()}, authenticators=(PASSWORD,)
    )
    assert {each.text for each in found("shop.order:pay", only_password)} == {"aal2 within 10m"}


def test_a_witness_holds_what_is_known_of_the_person() -> None:
    lock_out = found("shop.order:pay", ANN, BEN)[0]
    assert lock_out.witness.facts["subject.groups"] == frozenset({"office"})


def test_people_who_are_the_same_to_the_rules_are_asked_about_once() -> None:
    asked: list[int] = []

    def ask(problems: Sequence[Problem]) -> Sequence[Answer | None]:
        asked.append(len(problems))
        return answer_all(problems)

    lock_outs(shop(), [ANN, BEN], ask)
    one = asked.pop()
    lock_outs(shop(), [ANN, BEN, CAT], ask)
    assert asked.pop() == one + sum(1 for _ in ("look", "pay"))


def test_more_than_a_few_people_are_counted() -> None:
    many = [Person(id=f"p{n}", facts={}, authenticators=()) for n in range(9)]
    lock_out = found("shop.order:look", *many)[0]
    assert lock_out.lines()[1:3] == ("  9 of 9 without a group", "  p0, p1, p2, p3, p4 and 4 more")


def test_a_target_without_an_answer_is_named() -> None:
    result = lock_outs(shop(), [ANN], lambda problems: [None for _ in problems])
    assert result.found == ()
    assert ("shop.order:pay", "the solver gave no answer in time") in result.unknown


def test_only_who_is_locked_out_anew_is_news() -> None:
    before = lock_outs(shop(), [ANN, BEN], answer_all)
    assert new_lock_outs(before, before).found == ()
    after = lock_outs(shop(("risk.score >= 80", "risk.score >= 10")), [ANN, BEN], answer_all)
    assert new_lock_outs(before, after).found == ()
    stricter = lock_outs(
        shop(("signed: {evidence: {aal1: session}}", "signed: {evidence: {phr: session}}")), [ANN, BEN], answer_all
    )
    assert {each.target for each in new_lock_outs(before, stricter).found} == {"shop.order:look", "shop.order:pay"}
