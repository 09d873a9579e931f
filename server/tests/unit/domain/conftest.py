"""What Hypothesis draws where a law speaks of "any" requirement or standing: `st.from_type(Requirement)`.

Ages, limits and idle times sit on both sides of the shipped limits; few names, so that things meet often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TypeVar

import pytest
from hypothesis import strategies as st

from newel.domain.assurance import DAY, HOUR, SHIPPED
from newel.domain.evidence import Authenticator, Binding, Evidence
from newel.domain.method import METHODS, Method
from newel.domain.requirement import DENY, SESSION, Approval, Requirement, SessionTerms, require
from newel.domain.standing import Approved, Standing

T = TypeVar("T")
NOW = 100 * DAY
DIGEST = b"d" * 32
CLASSES = ("aal1", "aal2", "phr", "aal3", "recovery")
AGES = (0, 60, 300, 15 * 60, HOUR, DAY, SESSION)
PAST = (0, 1, 60, 61, 300, 15 * 60, 15 * 60 + 1, HOUR, HOUR + 1, 12 * HOUR + 1, DAY, DAY + 1, 30 * DAY, 30 * DAY + 1)
FORBIDDEN = ("totp", "otp", "swk", "pwd", "passkey")


def one_of(table: Sequence[T]) -> st.SearchStrategy[T]:
    """One row of a table too long to be printed with the strategy."""
    return st.sampled_from(range(len(table))).map(lambda index: table[index])


def pairs(keys: tuple[str, ...], values: st.SearchStrategy[T], most: int = 2) -> st.SearchStrategy[dict[str, T]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=most)


def some(*values: str, most: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


APPROVALS = st.builds(
    Approval, st.sampled_from(("treasury", "board")), st.integers(0, 2), some(*CLASSES), st.sampled_from(AGES)
)
TERMS = st.builds(SessionTerms, st.none() | st.sampled_from((60, 300)), st.booleans(), some("owner", "treasury"))
PARTS = st.builds(
    require,
    pairs(CLASSES, st.sampled_from(AGES)),
    bind=st.just({}) | pairs(CLASSES, some("amount", "payee")),
    forbid=some(*FORBIDDEN),
    approve=st.just(()) | st.lists(APPROVALS, max_size=2),
    entitle=st.just(frozenset()) | some("trade", "export"),
    meter=st.just({}) | pairs(("page", "export"), st.integers(0, 3)),
    session=st.none() | TERMS,
)
REQUIREMENTS = st.sampled_from(range(10)).flatmap(lambda n: st.just(DENY) if n == 0 else PARTS)


def _kind(method: Method, ceiling: str | None, flags: tuple[bool, bool, bool]) -> Authenticator:
    return Authenticator(
        id="a0",
        subject="s",
        method=method.name,
        name=method.name,
        created_at=0,
        material=b"",
        ceiling=ceiling,
        user_verifying=flags[0],
        device_bound=flags[1],
        attested=flags[2],
    )


BOTH = (True, False)
KINDS = tuple(
    _kind(method, ceiling, flags)
    for ceiling in (None, None, "aal1", None, "aal2", None, "phr", "recovery")
    for method in METHODS.values()
    for flags in (product(BOTH, BOTH, BOTH) if method.signs else [(False, False, False)] * 4)
)
"""Every authenticator that differs for assurance; those of one factor and settled ones more often."""

BINDINGS = (
    None,
    Binding(digest=DIGEST, kind="signed"),
    Binding(digest=DIGEST, kind="confirmed"),
    Binding(digest=b"o" * 32, kind="signed"),
)
CIRCUMSTANCES = tuple(product(("this", "earlier"), BINDINGS, (0, 0, 15 * 60 + 1, HOUR + 1)))
"""The interaction, the binding and the idle time of an event."""

AUTHENTICATORS = st.lists(st.tuples(one_of(KINDS), st.integers(0, 3)), max_size=6).map(
    lambda drawn: tuple(replace(kind, id=f"a{index}", last_used_at=used) for index, (kind, used) in enumerate(drawn))
)


def event(of: Authenticator, ago: int, circumstances: tuple[str, Binding | None, int]) -> Evidence:
    interaction, binding, rested = circumstances
    plain = of.evidence(event=f"{of.id}-{ago}", at=NOW - ago, interaction=interaction)
    return replace(plain, binding=binding, rested=rested)


def events(by: tuple[Authenticator, ...]) -> st.SearchStrategy[Evidence]:
    """Events of authenticators in `by`, and some of one that is gone."""
    gone = replace(KINDS[0], id="gone")
    return st.builds(event, one_of((*by, gone)), st.sampled_from(PAST), one_of(CIRCUMSTANCES))


DIGESTS = st.sampled_from((DIGEST, DIGEST, None))
SINCE = st.sampled_from((None, None, "this"))
QUOTAS = pairs(("page", "export"), st.integers(0, 3))
APPROVED = st.builds(
    Approved,
    st.sampled_from(CLASSES).map(SHIPPED.counts_as),
    st.sampled_from(PAST).map(lambda ago: NOW - ago),
)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    known = draw(AUTHENTICATORS)
    return Standing(
        now=NOW,
        events=tuple(draw(st.lists(events(known), max_size=4))),
        authenticators={each.id: each for each in known},
        active_at=NOW - draw(st.sampled_from((0, 0, 60, 15 * 60 + 1, HOUR + 1, 30 * DAY + 1))),
        approvals=draw(pairs(("treasury", "board"), st.lists(APPROVED, max_size=3).map(tuple))),
        digest=draw(DIGESTS),
        since=draw(SINCE),
        entitlements=draw(some("trade", "export")),
        quota=draw(QUOTAS),
        key_bound=draw(st.booleans()),
    )


st.register_type_strategy(Requirement, REQUIREMENTS)
st.register_type_strategy(Evidence, events(tuple(replace(kind, id=f"a{i % 6}") for i, kind in enumerate(KINDS))))
st.register_type_strategy(Standing, standings())


@pytest.fixture(scope="session")
def known() -> Mapping[str, Authenticator]:
    """One settled authenticator of every kind that differs for assurance, each under its own id."""
    return {
        name: Authenticator(
            id=name,
            subject="s",
            method=method,
            name=name,
            created_at=0,
            material=b"",
            user_verifying="verifying" in flags,
            device_bound="hardware" in flags,
            attested="attested" in flags,
        )
        for name, method, flags in (
            ("password", "password", ()),
            ("other password", "password", ()),
            ("totp", "totp", ()),
            ("other totp", "totp", ()),
            ("passkey", "passkey", ("verifying",)),
            ("passkey on hardware", "passkey", ("verifying", "hardware")),
            ("attested passkey", "passkey", ("verifying", "hardware", "attested")),
            ("attested synced passkey", "passkey", ("verifying", "attested")),
            ("passkey without verification", "passkey", ()),
            ("security key", "security_key", ("hardware",)),
            ("attested security key", "security_key", ("hardware", "attested")),
            ("recovery code", "recovery_code", ()),
        )
    }
