"""Strengths that a policy names itself: by combinations of methods, each class as old as policy.md says."""

from itertools import starmap

from hypothesis import given
from hypothesis import strategies as st

from newel.domain.assurance import SHIPPED, Classes, EvidenceClass, reached
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.plan import plan
from newel.domain.requirement import require
from newel.domain.standing import Standing

NOW = 1_795_000_000
BOTH = EvidenceClass("two-keys", lasts=3600, idle=3600, implies=("aal1",), combinations=(("passkey", "security_key"),))
PAIR = EvidenceClass("pair", lasts=3600, idle=3600, implies=("aal1",), combinations=(("password", "totp"),))
THREE = EvidenceClass(
    "three", lasts=3600, idle=3600, implies=("aal1",), combinations=(("passkey", "password", "totp"),)
)
CLASSES = Classes(declared=(*SHIPPED.declared, BOTH, PAIR, THREE), order=SHIPPED.order)


def _authenticator(method: str) -> Authenticator:
    return Authenticator(
        id=f"the-{method}",
        subject="ada",
        method=method,
        name=method,
        created_at=NOW - 10**6,
        material=b"",
        ceiling=None,
        user_verifying=method == "passkey",
    )


HELD = {each.id: each for each in map(_authenticator, ("password", "totp", "passkey", "security_key"))}


def _event(method: str, age: int) -> Evidence:
    return HELD[f"the-{method}"].evidence(event=f"{method}-{age}", at=NOW - age, interaction="i")


def _reached(*events: Evidence) -> dict[str, int]:
    found = reached(events, HELD, now=NOW, active_at=NOW, classes=CLASSES)
    return {name: NOW - each.at for name, each in found.items()}


def test_a_combination_is_as_old_as_its_oldest_event() -> None:
    """Two keys: the older one says since when."""
    assert _reached(_event("passkey", 10), _event("security_key", 50))["two-keys"] == 50


def test_password_and_possession_are_as_old_as_the_possession() -> None:
    """A code beside an older password is fresh; a password beside an older code is not."""
    assert _reached(_event("password", 500), _event("totp", 7))["pair"] == 7
    assert _reached(_event("password", 7), _event("totp", 500))["pair"] == 500


def test_a_missing_part_reaches_nothing() -> None:
    """One of two keys is one key."""
    assert "two-keys" not in _reached(_event("passkey", 10))


def test_a_strength_lasts_as_declared() -> None:
    """Past `lasts`, counted from the oldest event, the class is gone."""
    assert "two-keys" not in _reached(_event("passkey", 10), _event("security_key", 3601))


def test_a_strength_counts_as_what_it_implies_and_no_more() -> None:
    """Where aal2 is not declared, two keys are aal1 and themselves."""
    only = Classes(declared=(*(each for each in SHIPPED.declared if each.name == "aal1"), BOTH), order=("aal1",))
    events = (_event("passkey", 1), _event("security_key", 1))
    assert set(reached(events, HELD, now=NOW, active_at=NOW, classes=only)) == {"aal1", "two-keys"}


def test_the_planner_asks_for_all_three() -> None:
    """Three methods are three steps, the password first."""
    standing = Standing(now=NOW, active_at=NOW, authenticators=HELD, classes=CLASSES)
    found = plan(require({"three": 60}, classes=CLASSES), standing, interaction="i")
    assert [way.method.name for way in found.steps] == ["password", "passkey", "totp"]


@given(st.lists(st.tuples(st.sampled_from(["password", "totp", "passkey", "security_key"]), st.integers(0, 4000))))
def test_more_evidence_never_hurts(drawn: list[tuple[str, int]]) -> None:
    """L6, with named strengths."""
    events = list(starmap(_event, drawn))
    for count in range(len(events)):
        fewer, more = _reached(*events[:count]), _reached(*events[: count + 1])
        assert all(more[name] <= age for name, age in fewer.items())
