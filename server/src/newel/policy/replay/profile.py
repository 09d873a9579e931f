"""What a made-up log is made of: people in groups, sessions at times of day, requests whose facts are drawn.

Declared in a file as `read_profile` takes it; shares are weights and need not add up to anything.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeAlias

from newel.domain.value import dataclass
from newel.policy.facts import LEAST, MOST
from newel.policy.lang.network import network_ranges
from newel.policy.replay.log import LogRefused
from newel.policy.replay.words import plural

OFFICE_DAY = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 12, 15, 16, 15, 13, 10, 8, 7, 6, 5, 3, 2)
"""Requests by hour of the day, where a profile does not say."""
HOURS = 24
WIDEST_SIGMA = 9.0
DAY = 86_400
SOME_DAY = 1_796_342_400
"""The day before which a made-up log ends where nobody says what day it is: one in December 2026."""


@dataclass(frozen=True, slots=True)
class Among:
    """One of several values by weight; None leaves the fact out."""

    values: tuple[tuple[Any, float], ...]


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Whole numbers with this median, spread by `sigma`, kept within `low` and `high`."""

    median: float
    sigma: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Between:
    """Whole numbers from `low` to `high`, all alike."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Networks:
    """Addresses of networks by weight: first and last number of each."""

    ranges: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Now:
    """The time of the request, less a number of seconds that is drawn."""

    before: "Spread | None" = None


Spread: TypeAlias = Among | Lognormal | Between | Networks | Now


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of one kind: how many in the weight of all, what groups they are in, what methods they hold, and the facts
    that are theirs in every request.
    """

    groups: frozenset[str]
    share: float
    methods: tuple[tuple[frozenset[str], float], ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A kind of request: its targets, its weight among all, how its facts are drawn, and how they are in an attack."""

    targets: tuple[str, ...]
    share: float
    facts: Mapping[str, Spread]
    attack: Mapping[str, Spread]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A whole profile: `requests` over `days` from `start` (Unix seconds), `length` of them in a session on average."""

    name: str
    people: int
    requests: int
    days: int
    start: int
    length: float
    attack_share: float
    hours: tuple[float, ...]
    groups: tuple[Group, ...]
    asks: tuple[Ask, ...]

    def __str__(self) -> str:
        """How a report describes it."""
        size = f"{plural(self.requests, 'request')} of {plural(self.people, 'person')}".replace("persons", "people")
        return f"profile {self.name}: {size} in {plural(self.days, 'day')}"


def read_profile(unverified: object, now: int = SOME_DAY) -> Profile:
    """A profile from the mapping that a file holds. LogRefused for what is unknown or does not fit.

    Where it names no `start`, its days are the last whole ones in UTC that are over at `now` (Unix seconds).
    """
    try:
        return _profile(unverified, now)
    except (TypeError, ValueError, AttributeError, OverflowError) as odd:
        raise odd if isinstance(odd, LogRefused) else LogRefused(f"a value does not fit: {odd}") from odd


def _profile(unverified: object, now: int) -> Profile:
    given = _mapping(unverified, "a profile", PROFILE_KEYS)
    hours = tuple(_finite(each) for each in given.get("hours", OFFICE_DAY))
    if len(hours) != HOURS or min(hours) < 0 or not any(hours):
        raise LogRefused("hours are 24 weights")
    groups = tuple(_group(each) for each in _list(given, "groups"))
    asks = tuple(_ask(each) for each in _list(given, "requests_of"))
    days = _whole(given, "days", 30)
    return Profile(
        name=str(given.get("name", "unnamed")),
        people=_whole(given, "people", 1_000),
        requests=_whole(given, "requests", 100_000),
        days=days,
        start=_whole(given, "start", max((now // DAY - days) * DAY, 1)),
        length=_number(given.get("requests_in_a_session", 6), "requests_in_a_session"),
        attack_share=_share_of_attacks(given.get("attack_share", 0.001)),
        hours=hours,
        groups=groups,
        asks=asks,
    )


PROFILE_KEYS = frozenset(
    {
        "name",
        "people",
        "requests",
        "days",
        "start",
        "requests_in_a_session",
        "attack_share",
        "hours",
        "groups",
        "requests_of",
    }
)


def _group(unverified: object) -> Group:
    given = _mapping(unverified, "a group", frozenset({"groups", "share", "methods", "facts"}))
    methods = [
        _mapping(each, "methods", frozenset({"hold", "share"}))
        for each in given.get("methods", [{"hold": ["password", "totp"]}])
    ]
    return Group(
        groups=frozenset(map(str, given.get("groups", ()))),
        share=_number(given.get("share", 1), "share"),
        methods=tuple(
            (frozenset(map(str, each.get("hold", ()))), _number(each.get("share", 1), "share")) for each in methods
        ),
        facts=dict(given.get("facts", {})),
    )


def _ask(unverified: object) -> Ask:
    given = _mapping(unverified, "a request", frozenset({"targets", "share", "facts", "attack", "groups"}))
    targets = tuple(map(str, given.get("targets", ())))
    if not targets:
        raise LogRefused("a request names its targets")
    drawn, attacks = (
        {str(path): spread(each, str(path)) for path, each in _mapping(given.get(part, {}), part, None).items()}
        for part in ("facts", "attack")
    )
    return Ask(
        targets=targets,
        share=_number(given.get("share", 1), "share"),
        facts=drawn,
        attack=attacks,
        groups=frozenset(map(str, given.get("groups", ()))),
    )


def spread(unverified: object, path: str) -> Spread:
    """How one fact is drawn. LogRefused where that is not told."""
    if not isinstance(unverified, Mapping) or len(unverified) == 0:
        return Among(((unverified, 1.0),))
    found = next((read for key, read in SPREADS.items() if key in unverified), None)
    if found is None:
        raise LogRefused(f"{path} is drawn by one of {', '.join(SPREADS)}")
    try:
        return found(unverified)
    except (TypeError, ValueError, KeyError) as odd:
        raise LogRefused(f"{path}: {odd}") from odd


def _among(given: Mapping[Any, Any]) -> Spread:
    listed = given["among"]
    pairs = listed.items() if isinstance(listed, Mapping) else [(each, 1) for each in _sequence(listed)]
    return Among(_weighed([(value, weight) for value, weight in pairs]))


def _chance(given: Mapping[Any, Any]) -> Spread:
    chance = _finite(given["chance"])
    return Among(_weighed([(True, chance), (False, 1 - chance)]))


def _lognormal(given: Mapping[Any, Any]) -> Spread:
    low, high = _bounds(given.get("low", 0), given.get("high", 10**12))
    sigma = _finite(given.get("sigma", 1))
    return Lognormal(_number(given["median"], "median"), min(max(sigma, 0), WIDEST_SIGMA), low, high)


def _networks(given: Mapping[Any, Any]) -> Spread:
    pairs = [
        ((first, last), weight) for text, weight in given["networks"].items() for first, last in network_ranges(text)
    ]
    return Networks(tuple((first, last, weight) for (first, last), weight in _weighed(pairs)))


def _now(given: Mapping[Any, Any]) -> Spread:
    less = given["now_less"]
    return Now(spread(less, "now_less") if less else None)


def _between(given: Mapping[Any, Any]) -> Spread:
    return Between(*_bounds(given["low"], given["high"]))


def _weighed(pairs: list[tuple[Any, Any]]) -> tuple[tuple[Any, float], ...]:
    """Values with weights of which none is negative and one is not nothing."""
    weighed = tuple((value, _finite(weight)) for value, weight in pairs)
    if not any(weight > 0 for _, weight in weighed) or min(weight for _, weight in weighed) < 0:
        raise ValueError("weights are positive")
    return weighed


def _bounds(low: object, high: object) -> tuple[int, int]:
    if type(low) is not int or type(high) is not int or not LEAST <= low <= high <= MOST:
        raise ValueError("low and high are whole numbers, in this order")
    return low, high


def _sequence(listed: object) -> list[Any]:
    if not isinstance(listed, list | tuple):
        raise TypeError("among is a list, or values with their weights")
    return list(listed)


def _finite(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise ValueError("a number is a finite one")
    return float(found)


SPREADS: Mapping[str, Callable[[Mapping[Any, Any]], Spread]] = {
    "among": _among,
    "chance": _chance,
    "median": _lognormal,
    "networks": _networks,
    "now_less": _now,
    "low": _between,
}


def _mapping(unverified: object, what: str, keys: frozenset[str] | None) -> Mapping[Any, Any]:
    if not isinstance(unverified, Mapping):
        raise LogRefused(f"{what} is a mapping")
    unknown = [] if keys is None else sorted(str(key) for key in unverified if key not in keys)
    if unknown:
        raise LogRefused(f"{what} has no {unknown[0][:40]}")
    return unverified


def _list(given: Mapping[Any, Any], key: str) -> list[object]:
    found = given.get(key)
    if not isinstance(found, list) or not found:
        raise LogRefused(f"a profile lists {key}")
    return found


def _whole(given: Mapping[Any, Any], key: str, otherwise: int) -> int:
    found = given.get(key, otherwise)
    if type(found) is not int or found < 1:
        raise LogRefused(f"{key} is a whole number of at least 1")
    return found


def _number(found: object, what: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not (found > 0 and isfinite(found)):
        raise LogRefused(f"{what} is a positive number")
    return float(found)


def _share_of_attacks(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1:
        raise LogRefused("attack_share lies between 0 and 1")
    return float(found)
