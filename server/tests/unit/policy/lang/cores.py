"""Random conditions and facts for the laws of the language."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from newel.policy.lang import core
from newel.policy.lang.core import Constant, Core, Read
from newel.policy.lang.network import network_ranges

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
STRINGS: st.SearchStrategy[Core] = st.one_of(
    st.just(Read("subject.id")), TEXTS.map(lambda text: Constant(text, "string"))
)
SMALL = st.integers(-1000, 1000)
DIVISORS = st.integers(-9, 9).filter(lambda number: number not in {0, -1})
LEAVES: st.SearchStrategy[Core] = st.one_of(
    st.sampled_from([Read("ctx.amount"), Read("risk.score")]), SMALL.map(lambda number: Constant(number, "int"))
)
NETWORKS = ("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32", "::/0")


def _deeper(inner: st.SearchStrategy[Core]) -> st.SearchStrategy[Core]:
    return st.one_of(
        st.builds(core.Arithmetic, st.sampled_from(["+", "-"]), inner, LEAVES),
        st.builds(core.Arithmetic, st.just("*"), inner, st.integers(-5, 5).map(lambda n: Constant(n, "int"))),
        st.builds(core.Arithmetic, st.sampled_from(["/", "%"]), inner, DIVISORS.map(lambda n: Constant(n, "int"))),
        st.builds(core.Minus, inner.filter(lambda item: not isinstance(item, Constant))),
    )


NUMBERS = st.recursive(LEAVES, _deeper, max_leaves=4)
DURATIONS: st.SearchStrategy[Core] = st.one_of(
    st.just(core.Arithmetic("-", Read("now"), Read("ctx.published"))),
    st.integers(0, 10**6).map(lambda seconds: Constant(seconds, "duration")),
)
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"])
CLOCKS = st.builds(core.Clock, st.sampled_from(["getHours", "getDayOfWeek"]), st.just(Read("now")), ZONES)


def _within(networks: list[str]) -> Core:
    ranges = {pair for network in networks for pair in network_ranges(network)}
    return core.Within(Read("client.ip"), tuple(networks), tuple(sorted(ranges)))


def _one_of(item: Core, values: set[Any]) -> Core:
    return core.OneOf(item, tuple(sorted(values, key=str)))


ATOMS: st.SearchStrategy[Core] = st.one_of(
    st.just(Read("ctx.known")),
    st.just(core.Present("ctx.branch")),
    st.builds(core.Compare, SIGNS, NUMBERS, NUMBERS),
    st.builds(core.Compare, SIGNS, DURATIONS, DURATIONS),
    st.builds(core.Compare, SIGNS, CLOCKS, st.integers(0, 9).map(lambda n: Constant(n, "int"))),
    st.builds(core.Compare, st.sampled_from(["==", "!="]), STRINGS, STRINGS),
    st.builds(core.Affix, st.sampled_from(["startsWith", "endsWith", "contains"]), st.just(Read("subject.id")), TEXTS),
    st.builds(core.HasMember, st.just(Read("subject.groups")), STRINGS),
    st.builds(_one_of, st.just(Read("subject.id")), st.sets(TEXTS, min_size=1, max_size=3)),
    st.builds(_one_of, NUMBERS, st.sets(SMALL, min_size=1, max_size=3)),
    st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=3).map(_within),
)


def _joined(inner: st.SearchStrategy[Core]) -> st.SearchStrategy[Core]:
    items = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(core.Negation, inner),
        st.builds(core.Every, items),
        st.builds(core.Some, items),
        st.builds(core.Select, inner, inner, inner),
    )


CONDITIONS = st.recursive(ATOMS, _joined, max_leaves=6)
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "subject.id": TEXTS,
    "subject.groups": st.frozensets(TEXTS, max_size=3),
    "client.ip": st.integers(0, 2**128 - 1) | st.integers(0xFFFF << 32, (0xFFFF << 32) + 2**32 - 1),
    "ctx.amount": st.integers(0, 10**12) | SMALL,
    "ctx.known": st.booleans(),
    "ctx.branch": TEXTS,
    "ctx.published": st.integers(0, 4 * 10**9),
    "risk.score": st.integers(0, 100),
    "now": st.integers(0, 4 * 10**9),
}
FACTS = st.fixed_dictionaries(dict(VALUES))
SOME_FACTS = st.fixed_dictionaries({}, optional=dict(VALUES))
