"""Shortfall: the smallest (acr, max_age) at least as demanding as what is missing, and words for the rest."""

from hypothesis import given
from hypothesis import strategies as st

from newel.domain.assurance import SHIPPED
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.requirement import SESSION, Requirement, join, require
from newel.domain.standing import Standing, missing
from newel.flows.shortfall import NOBODY, shortfall

NOW = 1_800_000_000
NOTHING_PROVEN = Standing(now=NOW, active_at=NOW)
AGES = st.sampled_from([0, 60, 300, SESSION])
CHAIN = st.sampled_from(["aal1", "aal2", "phr", "aal3"])
DEMANDS = st.dictionaries(CHAIN, AGES, max_size=3).map(require)
PROOFS = st.lists(st.tuples(st.sampled_from(["password", "totp", "passkey"]), st.integers(0, 400)), max_size=4)


def standing(proofs: list[tuple[str, int]]) -> Standing:
    """What somebody stands on who proved these methods so many seconds ago."""
    events = tuple(
        Evidence(id=str(number), authenticator=method, method=method, at=NOW - age, interaction="i", user_verified=True)
        for number, (method, age) in enumerate(proofs)
    )
    return Standing(now=NOW, active_at=NOW, events=events, authenticators=known("password", "totp", "passkey"))


def known(*methods: str) -> dict[str, Authenticator]:
    return {
        each: Authenticator(
            id=each, subject="s", method=each, name=each, created_at=0, material=b"", user_verifying=each == "passkey"
        )
        for each in methods
    }


def pair(acr: str | None, max_age: int | None) -> Requirement:
    return require({acr: SESSION if max_age is None else max_age}) if acr else require()


@given(DEMANDS, PROOFS)
def test_the_pair_is_at_least_as_demanding_as_what_is_missing(
    demand: Requirement, proofs: list[tuple[str, int]]
) -> None:
    short = shortfall(demand, standing(proofs), known=False)
    assert Requirement(evidence=missing(demand, standing(proofs)).evidence) <= pair(short.acr, short.max_age)


@given(DEMANDS, PROOFS)
def test_no_weaker_class_and_no_greater_age_would_do(demand: Requirement, proofs: list[tuple[str, int]]) -> None:
    short = shortfall(demand, standing(proofs), known=False)
    lacking = Requirement(evidence=missing(demand, standing(proofs)).evidence)
    weaker = SHIPPED.below(short.acr) - {short.acr} if short.acr else ()
    assert not any(lacking <= pair(each, short.max_age) for each in weaker)
    if short.max_age is not None:
        assert not lacking <= pair(short.acr, short.max_age + 1)


def test_classes_of_two_branches_have_no_pair_and_it_is_said() -> None:
    short = shortfall(join(require({"phr": SESSION}), require({"recovery": 60})), NOTHING_PROVEN, known=False)
    assert (short.acr, short.unmet) == (None, ("no single class counts as all that is demanded",))
    assert not short.steps_up


def test_a_binding_alone_asks_for_its_class_at_any_age() -> None:
    bound = require({"aal2": 300}, bind=frozenset({"amount", "payee"}))
    short = shortfall(bound, standing([("password", 5), ("totp", 5)]), known=True)
    assert (short.acr, short.max_age, short.bind, short.unmet) == ("aal2", None, ("amount", "payee"), ())


def test_a_person_who_can_neither_prove_nor_enrol_enough_is_told_so() -> None:
    alone = Standing(now=NOW, active_at=NOW, authenticators=known("password"))
    assert shortfall(require({"aal3": SESSION}), alone, known=True).unmet == (NOBODY,)
    assert shortfall(require({"aal3": SESSION}), alone, known=False).unmet == ()
