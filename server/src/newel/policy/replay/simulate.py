"""A made-up log from a profile, for a policy: the same generator of random numbers gives the same log.

Sessions begin with a sign-in: whoever holds a passkey uses it most of the time. Some sessions are attacks; their person
is the one attacked, and their facts are drawn as the profile says for attacks.
"""

from collections.abc import Mapping

import numpy as np

from newel.domain.method import PASSKEY
from newel.domain.value import dataclass
from newel.policy.document import Document
from newel.policy.facts import Fact
from newel.policy.lang.evaluate import DAY, HOUR, THURSDAY
from newel.policy.replay.columns import Array, narrow
from newel.policy.replay.draw import Drawn, put_all, weighted
from newel.policy.replay.encode import Distinct
from newel.policy.replay.log import NEVER, OUTCOMES, Log, in_order
from newel.policy.replay.profile import Among, Ask, Now, Profile, Spread

BY_PASSKEY = 0.7
"""How often a passkey is used to sign in where there is one."""
BETWEEN_REQUESTS = 420.0
"""Seconds over which the requests of a session are spread, times their number."""
LONGEST_SESSION = 10 * DAY
WEEKEND = 0.45
"""How many sessions a day of the weekend has, next to a working day."""
PASSKEY_PROVES = frozenset({"aal1", "aal2", "phr"})
SUNDAY, SATURDAY = 0, 6
SPREAD_OF_USE = 1.1
"""How unlike people are in how often they come (sigma)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Persons:
    """For each person: the kind of group and the methods (codes), and the weight of coming."""

    kind: Array
    holding: Array
    weight: Array
    methods: tuple[frozenset[str], ...]


def simulate(profile: Profile, document: Document, rng: np.random.Generator) -> Log:
    """A log of `profile.requests` rows. LogRefused where the profile gives a fact a value that it cannot have."""
    persons, sessions = _persons(profile, rng), max(1, round(profile.requests / profile.length))
    of_session = weighted(persons.weight.tolist(), sessions, rng)
    session = rng.integers(0, sessions, profile.requests)
    rows, age = _rows(profile, persons, of_session, session, rng)
    drawn = _facts(profile, document, persons, rows, rng)
    by_passkey = _signs_in_by_passkey(persons, of_session, rng)[session]
    order, starts = in_order(session, rows.times)
    kinds, targets = _targets(profile)
    return Log(
        synthetic=str(profile),
        targets=targets,
        groups=tuple(group.groups for group in profile.groups),
        methods=persons.methods,
        people=np.arange(profile.people, dtype=np.uint64),
        starts=starts,
        time=rows.times[order],
        target=narrow(kinds[rows.ask[order]], len(targets)),
        person=narrow(rows.person[order], profile.people),
        group=narrow(persons.kind[rows.person[order]], len(profile.groups)),
        holding=narrow(persons.holding[rows.person[order]], len(persons.methods)),
        outcome=np.full(profile.requests, OUTCOMES.index("unknown"), np.uint8),
        ages=_ages(document, age, by_passkey, order),
        facts={(path, column.store): column.column(order) for path, column in drawn.items()},
        attack=rows.attack[order] if profile.attack_share else None,
    )


def _rows(
    profile: Profile, persons: _Persons, of_session: Array, session: Array, rng: np.random.Generator
) -> tuple["_Rows", Array]:
    """When each request comes, whose it is and what it is for; and the seconds since its session began."""
    attacked = rng.random(len(of_session)) < profile.attack_share
    begins = _begins(profile, len(of_session), rng)
    drawn = rng.exponential(BETWEEN_REQUESTS * profile.length / 2, len(session))
    age = np.minimum(drawn, LONGEST_SESSION).astype(np.int64)
    end = (profile.start // DAY + profile.days) * DAY - 1
    times = np.minimum(begins[session] + age, end)
    person = of_session[session]
    ask = _asks(profile, persons.kind[person], rng)
    return _Rows(times, person, attacked[session], ask), times - begins[session]


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    times: Array
    person: Array
    attack: Array
    ask: Array


def _persons(profile: Profile, rng: np.random.Generator) -> _Persons:
    kind = weighted([group.share for group in profile.groups], profile.people, rng)
    distinct = Distinct()
    holding = np.zeros(profile.people, np.int64)
    for number, group in enumerate(profile.groups):
        rows = np.flatnonzero(kind == number)
        codes = np.array([distinct.code(methods) for methods, _ in group.methods])
        holding[rows] = codes[weighted([share for _, share in group.methods], len(rows), rng)]
    return _Persons(kind, holding, rng.lognormal(0, SPREAD_OF_USE, profile.people), distinct.entries)


def _begins(profile: Profile, sessions: int, rng: np.random.Generator) -> Array:
    first = profile.start // DAY
    days = [(first + number + THURSDAY) % 7 for number in range(profile.days)]
    weights = [WEEKEND if day in {SUNDAY, SATURDAY} else 1.0 for day in days]
    day = weighted(weights, sessions, rng)
    hour = weighted(list(profile.hours), sessions, rng)
    found: Array = (first + day) * DAY + hour * HOUR + rng.integers(0, HOUR, sessions)
    return found


def _asks(profile: Profile, kind: Array, rng: np.random.Generator) -> Array:
    """Which kind of request each row is, among those that the person's groups make."""
    found = np.zeros(len(kind), np.int64)
    for number, group in enumerate(profile.groups):
        rows = np.flatnonzero(kind == number)
        allowed = [ask.share if not ask.groups or ask.groups & group.groups else 0.0 for ask in profile.asks]
        weights = allowed if any(allowed) else [ask.share for ask in profile.asks]
        found[rows] = weighted(weights, len(rows), rng)
    return found


def _targets(profile: Profile) -> tuple[Array, tuple[tuple[str, ...], ...]]:
    distinct = Distinct()
    return np.array([distinct.code(ask.targets) for ask in profile.asks]), distinct.entries


def _facts(
    profile: Profile, document: Document, persons: _Persons, rows: _Rows, rng: np.random.Generator
) -> dict[str, Drawn]:
    drawn: dict[str, Drawn] = {}
    count = len(rows.times)
    for number, ask in enumerate(profile.asks):
        facts = _declared(document, ask)
        for attack in (False, True):
            places = np.flatnonzero((rows.ask == number) & (rows.attack == attack))
            spreads = {"now": Now(), **ask.facts, **(ask.attack if attack else {})}
            put_all(drawn, facts, spreads, places, rows.times, count, rng)
    kind = persons.kind[rows.person]
    for number, group in enumerate(profile.groups):
        own: dict[str, Spread] = {path: Among(((value, 1.0),)) for path, value in group.facts.items()}
        own.setdefault("subject.groups", Among(((tuple(group.groups), 1.0),)))
        put_all(drawn, document.facts, own, np.flatnonzero(kind == number), rows.times, count, rng)
    return drawn


def _declared(document: Document, ask: Ask) -> Mapping[str, Fact]:
    known = [target for target in ask.targets if document.declared(target)]
    return {path: fact for target in known for path, fact in document.facts_at(target).items()}


def _signs_in_by_passkey(persons: _Persons, of_session: Array, rng: np.random.Generator) -> Array:
    holds = np.array([PASSKEY.name in methods for methods in persons.methods], np.bool_)
    found: Array = holds[persons.holding[of_session]] & (rng.random(len(of_session)) < BY_PASSKEY)
    return found


def _ages(document: Document, age: Array, by_passkey: Array, order: Array) -> dict[str, Array]:
    """Signing in proves aal1, and with a passkey what a passkey proves."""
    found = {}
    for declared in document.classes.declared:
        proven = by_passkey if declared.name in PASSKEY_PROVES else np.zeros(len(age), np.bool_)
        reached = np.ones(len(age), np.bool_) if declared.name == "aal1" else proven
        found[declared.name] = np.where(reached, age, NEVER)[order].astype(np.int32)
    return found
