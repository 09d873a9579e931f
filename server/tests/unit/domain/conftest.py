"""What Hypothesis draws where a law speaks of "any" requirement or standing: `st.from_type(Requirement)`.

Ages, limits and idle times sit on both sides of the shipped limits; few names, so that things meet often.
"""

from collections.abc import Mapping

import pytest
from hypothesis import strategies as st
from newel.domain.assurance import DAY, HOUR, SHIPPED
from newel.domain.evidence import Authenticator, Binding, Evidence
from newel.domain.method import METHODS
from newel.domain.requirement import DENY, SESSION, Approval, Requirement, SessionTerms, require
from newel.domain.standing import Approved, Standing

NOW = 100 * DAY
DIGEST = b"d" * 32
CLASSES = ("aal1", "aal2", "phr", "aal3", "recovery")
CEILINGS = (None, None, None, "aal1", "aal2", "phr", "recovery")
AGES = (0, 60, 300, 15 * 60, HOUR, DAY, SESSION)
PAST = (0, 1, 60, 61, 300, 15 * 60, 15 * 60 + 1, HOUR, HOUR + 1, 12 * HOUR + 1, DAY, DAY + 1, 30 * DAY, 30 * DAY + 1)
FORBIDDEN = ("totp", "otp", "swk", "pwd", "passkey")


def pairs(
    keys: tuple[str, ...], values: st.SearchStrategy[object], most: int = 2
) -> st.SearchStrategy[dict[str, object]]:
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
    forbid=st.just(frozenset()) | some(*FORBIDDEN),
    approve=st.just(()) | st.lists(APPROVALS, max_size=2),
    entitle=st.just(frozenset()) | some("trade", "export"),
    meter=st.just({}) | pairs(("page", "export"), st.integers(0, 3)),
    session=st.none() | TERMS,
)
REQUIREMENTS = st.one_of(
    st.builds(require, pairs(CLASSES, st.sampled_from(AGES))),
    *[PARTS] * 8,
    st.just(DENY),
)


@st.composite
def authenticators(draw: st.DrawFn) -> Authenticator:
    method = METHODS[draw(st.sampled_from(tuple(METHODS)))]
    flag = st.booleans() if method.signs else st.just(value=False)
    return Authenticator(
        id=f"a{draw(st.integers(0, 5))}",
        subject="s",
        method=method.name,
        name=method.name,
        created_at=0,
        material=b"",
        ceiling=draw(st.sampled_from(CEILINGS)),
        last_used_at=draw(st.integers(0, 9)),
        user_verifying=draw(flag),
        device_bound=draw(flag),
        attested=draw(flag),
    )


BINDINGS = st.builds(Binding, digest=st.sampled_from((DIGEST, b"o" * 32)), kind=st.just("signed"))


@st.composite
def events(draw: st.DrawFn, by: tuple[Authenticator, ...] = ()) -> Evidence:
    one = draw(st.sampled_from(by) | authenticators() if by else authenticators())
    return Evidence(
        id=f"e{draw(st.integers(0, 999))}",
        authenticator=one.id,
        method=one.method,
        at=NOW - draw(st.sampled_from(PAST)),
        interaction=draw(st.sampled_from(("this", "earlier"))),
        user_verified=one.user_verifying,
        hardware=one.device_bound,
        attested=one.attested,
        binding=draw(st.none() | BINDINGS),
        rested=draw(st.sampled_from((0, 0, 0, 15 * 60 + 1, HOUR + 1))),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    known = {each.id: each for each in draw(st.lists(authenticators(), max_size=6))}
    approved = st.builds(
        Approved,
        some(*CLASSES).map(lambda names: frozenset().union(*map(SHIPPED.counts_as, names))),
        st.sampled_from(PAST).map(lambda ago: NOW - ago),
    )
    return Standing(
        now=NOW,
        events=tuple(draw(st.lists(events(tuple(known.values())), max_size=5))),
        authenticators=known,
        active_at=NOW - draw(st.sampled_from((0, 0, 60, 15 * 60 + 1, HOUR + 1, 30 * DAY + 1))),
        digest=draw(st.sampled_from((DIGEST, DIGEST, None))),
        since=draw(st.sampled_from((None, None, "this"))),
        approvals=draw(pairs(("treasury", "board"), st.lists(approved, max_size=3).map(tuple))),
        entitlements=draw(some("trade", "export")),
        quota=draw(pairs(("page", "export"), st.integers(0, 3))),
        key_bound=draw(st.booleans()),
    )


st.register_type_strategy(Requirement, REQUIREMENTS)
st.register_type_strategy(Authenticator, authenticators())
st.register_type_strategy(Evidence, events())
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
