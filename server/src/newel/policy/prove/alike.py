"""People to whom the rules of a target say the same: they are asked about once, however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newel.domain.evidence import Authenticator
from newel.domain.value import dataclass
from newel.policy.lang.core import Core
from newel.policy.prove.demand import Demand, Numbers
from newel.policy.prove.fold import folded
from newel.policy.prove.replay import reads
from newel.policy.prove.substitute import known

Owned = tuple[tuple[object, ...], ...]
"""What is decisive about somebody's authenticators."""
Profile = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the directory: what is known of them as facts (`subject.id`, `subject.groups`, …), their groups, and
    what they have enrolled.
    """

    id: str
    facts: Mapping[str, Any]
    groups: frozenset[str] = frozenset()
    authenticators: tuple[Authenticator, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Some of these people, by what they own; `profile` is what the rules read of the first of them.

    `conditions` are those of the demands, in their order, as they are to these people.
    """

    profile: Profile
    conditions: tuple[Core, ...]
    people: Mapping[Owned, Sequence[Person]]


class Directory:
    """People, by what a target's rules read of them."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._owned = [_owned(person) for person in people]
        self._names = frozenset().union(*(person.facts for person in people))
        self._kinds: dict[frozenset[str], dict[Profile, dict[Owned, list[Person]]]] = {}
        self._known: dict[tuple[int, Profile], int] = {}
        self._numbers = Numbers()
        self._conditions: dict[int, Core] = {}

    def alike(self, demands: Sequence[Demand]) -> Iterator[Alike]:
        """Those who are the same to all of `demands`, the most people first."""
        read = [(each, tuple(sorted(reads(each.condition) & self._names))) for each in demands]
        found: dict[tuple[int, ...], tuple[Profile, dict[Owned, list[Person]]]] = {}
        for profile, people in self._by(frozenset(name for _, names in read for name in names)).items():
            facts = dict(profile)
            key = tuple(self._number(each, names, facts) for each, names in read)
            into = found.setdefault(key, (profile, {}))[1]
            for owned, some in people.items():
                into.setdefault(owned, []).extend(some)
        size = {key: sum(map(len, people.values())) for key, (_, people) in found.items()}
        for key in sorted(found, key=lambda each: -size[each]):
            profile, same = found[key]
            yield Alike(profile, tuple(self._conditions[number] for number in key), same)

    def _by(self, names: frozenset[str]) -> Mapping[Profile, Mapping[Owned, list[Person]]]:
        """Everybody by these facts of theirs."""
        if names not in self._kinds:
            order = sorted(names)
            kinds: dict[Profile, dict[Owned, list[Person]]] = {}
            for person, owned in zip(self.people, self._owned, strict=True):
                facts = person.facts
                profile = tuple((name, facts[name]) for name in order if name in facts)
                kinds.setdefault(profile, {}).setdefault(owned, []).append(person)
            self._kinds[names] = kinds
        return self._kinds[names]

    def _number(self, demand: Demand, names: Sequence[str], facts: Mapping[str, Any]) -> int:
        """The number of a demand's condition where these of the facts are known."""
        mine = tuple((name, facts[name]) for name in names if name in facts)
        key = demand.test, mine
        if key not in self._known:
            condition = folded(known(demand.condition, dict(mine))) if mine else demand.condition
            number = self._known[key] = self._numbers.of(condition)
            self._conditions[number] = condition
        return self._known[key]


def _owned(person: Person) -> Owned:
    kinds = {
        (each.method, each.ceiling or "", each.user_verifying, each.device_bound, each.attested)
        for each in person.authenticators
    }
    return tuple(sorted(kinds))
