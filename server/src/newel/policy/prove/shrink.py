"""Small witnesses: facts there rather than missing, and plain values where nothing asks for odd ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from newel.policy.facts import Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.network import address_number
from newel.policy.prove.demand import Demand, Scene
from newel.policy.prove.model import PLAIN
from newel.policy.prove.replay import Replay, admissible
from newel.policy.prove.stated import QUIET
from newel.policy.prove.together import fitting, usually
from newel.policy.prove.vocabulary import parts

HOUR, WEEK, HALF_A_YEAR = 3600, 168, 4368 * 3600
SEVEN_DAYS = WEEK * HOUR
ADDRESS = address_number("203.0.113.7")
"""An address that documents use (RFC 5737)."""
NUMBERS = frozenset({"int", "duration"})
TRIES = 400
EFFORT = 4000
"""Conditions that are looked at for one fact, at least `FEW` values of it."""
FEW = 8
Keeps = Callable[[Replay], bool]


def shrink(scene: Scene, demands: Iterable[Demand], facts: Mapping[str, Any], keeps: Keeps) -> Replay:
    """The smallest facts, one fact at a time, for which `keeps` is still true; it must be true of `facts`.

    Counters that are such as they usually are together stay so.
    """
    replay, wanted = Replay(tuple(demands), facts), keeps
    usual = usually(scene, facts)
    if usual(facts):

        def keeps(replay: Replay) -> bool:
            return usual(replay.facts) and wanted(replay)

    _shift(scene, replay, keeps)
    order = sorted({*replay.paths, *(each.fact for each in scene.counters if each.fact in facts)})
    for path in order:
        _simplify(scene, scene.facts[path], replay, keeps)
    for path in order:
        if scene.facts[path].kind not in {"timestamp", "duration"}:
            _simplify(scene, scene.facts[path], replay, keeps)
    return replay


def _shift(scene: Scene, replay: Replay, keeps: Keeps) -> None:
    """Move all times together, so that the last lies where witnesses lie, or in the same hour of the week."""
    times = {name: value for name, value in replay.facts.items() if scene.facts[name].kind == "timestamp"}
    way = scene.at - max(times.values(), default=scene.at)
    for step in (way, way // SEVEN_DAYS * SEVEN_DAYS):
        moved = {name: value + step for name, value in times.items()}
        if all(scene.facts[name].low <= value <= scene.facts[name].high for name, value in moved.items()):
            for name, value in moved.items():
                replay.put(name, value)
            if keeps(replay):
                return
    for name, value in times.items():
        replay.put(name, value)


def _simplify(scene: Scene, fact: Fact, replay: Replay, keeps: Keeps) -> None:
    """Give a fact the first value that still will do, of those with which the fewest conditions match."""
    if fact.name in QUIET and _hushed(scene, fact.name, replay, keeps):
        return
    now = replay.facts.get(fact.name)
    readers = replay.readers(fact.name)
    values = list(islice(_candidates(scene, fact, now, replay), TRIES))
    most = len(replay.true) + (now is None)

    def matching(value: object) -> int:
        """How many conditions match with a value that will do; too many with another."""
        before = replay.put(fact.name, value)
        found = len(replay.true) if admissible(scene, replay.facts) and keeps(replay) else most + 1
        replay.put(fact.name, now)
        replay.true = before
        return found

    best: tuple[int, Any] = (most + 1, now)
    if len(values) > FEW and fact.kind in NUMBERS:
        values = _least(values, lambda value: matching(value) <= most)
    for value in values[: max(FEW, EFFORT // (len(readers) + 1))]:
        found = matching(value)
        if found < best[0]:
            best = found, value
        if best[0] == len(replay.true.difference(readers)):
            break
    if best[0] <= most:
        replay.put(fact.name, best[1])


def _hushed(scene: Scene, path: str, replay: Replay, keeps: Keeps) -> bool:
    """Whether a risk fact can be, and is now, as it is stated where no risk engine is switched on."""
    now = replay.facts.get(path)
    if now == QUIET[path]:
        return True
    before = replay.put(path, QUIET[path])
    if admissible(scene, replay.facts) and keeps(replay):
        return True
    replay.put(path, now)
    replay.true = before
    return False


def _least(values: list[Any], will_do: Callable[[Any], bool]) -> list[Any]:
    """The first of rising values that will do, found by halves as if all after it would do as well."""
    if will_do(values[0]):
        return values[:1]
    fails, does = 0, len(values)
    while does - fails > 1:
        middle = (fails + does) // 2
        fails, does = (fails, middle) if will_do(values[middle]) else (middle, does)
    return values[does : does + 1]


def _candidates(scene: Scene, fact: Fact, now: Any, replay: Replay) -> Iterator[Any]:
    """Values of a fact, the plainest first, up to the one that it has."""
    asked = [part for condition in replay.asked(fact.name) for part in parts(condition)]
    if fact.optional:
        yield None
    match fact.kind:
        case "bool":
            yield from (False, True)
        case "enum":
            yield from fact.values
        case "string":
            yield from (*PLAIN[:1], *sorted(_texts(asked), key=lambda text: (len(text), text))[:TRIES])
        case "set":
            yield from _smaller(now, asked)
        case "ip":
            ends = sorted(
                end for part in asked if isinstance(part, core.Within) for pair in part.ranges for end in pair
            )
            yield from (ADDRESS, *ends)
        case "timestamp":
            yield from _times(scene, fact, asked, replay)
        case _:
            added = {replay.facts.get(each.fact) for each in scene.counters if each.name == fact.name}
            if added or any(each.name == fact.name for each in scene.beside):
                added |= {replay.facts.get(each.name) for each in (*scene.counters, *scene.beside)}
            added |= set(fitting(scene, fact.name, replay.facts))
            yield from _numbers(fact, asked, now, {each for each in added if isinstance(each, int)})


def _texts(asked: Iterable[Core]) -> Iterator[str]:
    for part in asked:
        match part:
            case core.Constant(str(text)):
                yield text
            case core.OneOf(_, values):
                yield from (value for value in values if isinstance(value, str))


def _smaller(now: frozenset[str] | None, asked: Iterable[Core]) -> Iterator[frozenset[str]]:
    yield frozenset()
    if now is None:
        yield from (frozenset({text}) for text in _texts(asked))
        return
    members = sorted(now)
    yield from (frozenset({member}) for member in members)
    for number in range(len(members)):
        yield frozenset(members[: -number - 1])
    yield from (now - {member} for member in members)


def _numbers(fact: Fact, asked: Iterable[Core], now: int | None, also: Iterable[int]) -> Iterator[int]:
    """Bounds and the numbers around those that conditions name; of what is nearer to 0 than the present one."""
    named = {int(value) for part in asked for value in _named(part)}
    wanted = {fact.low, fact.high, 0, 1, *also, *(number + near for number in named for near in (-1, 0, 1))}
    allowed = sorted((each for each in wanted if fact.low <= each <= fact.high), key=lambda each: (abs(each), -each))
    for each in allowed:
        if now is not None and abs(each) > abs(now):
            return
        yield each


def _named(part: Core) -> Iterator[int]:
    match part:
        case core.Constant(value) if not isinstance(value, str):
            yield int(value)
        case core.OneOf(_, values):
            yield from (int(value) for value in values if not isinstance(value, str))


def _times(scene: Scene, fact: Fact, asked: Iterable[Core], replay: Replay) -> Iterator[int]:
    """Noon, then every hour of a week in winter and in summer where a clock is read, then what lies near other times."""
    yield scene.at
    named = {int(value) for part in asked for value in _named(part)}
    if any(isinstance(part, core.Clock) for part in asked):
        for season in (0, HALF_A_YEAR):
            yield from (scene.at + season + hour * HOUR for hour in range(WEEK))
    for path, other in scene.facts.items():
        if other.kind == "timestamp" and path != fact.name and path in replay.facts:
            around = (
                replay.facts[path] + sign * number + near for number in named for sign in (-1, 1) for near in (-1, 0, 1)
            )
            yield from (time for time in (replay.facts[path], *around) if fact.low <= time <= fact.high)
