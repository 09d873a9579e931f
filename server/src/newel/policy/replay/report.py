"""What a replay found, as values: two policies over the same requests, before and after."""

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A number under the policy that is active, and under the candidate."""

    before: int
    after: int

    @property
    def differs(self) -> bool:
        """Whether the candidate changes it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two policies: its name, the name of its file ("" for the one in force), its version."""

    name: str
    file: str
    version: str


@dataclass(frozen=True, slots=True)
class Day:
    """Prompts of one day, written as an ISO date."""

    date: str
    prompts: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """People who were in a group at their last request. `typical` and `busy` are the median and the 95th percentile of
    prompts a person has on a day on which there is any request of theirs; `locked_people` cannot comply at least once.
    """

    name: str
    people: int
    requests: int
    prompts: Change
    locked: Change
    locked_people: Change
    denied: Change
    typical: Change
    busy: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule: requests that it matched, prompts that it asks for, those that exist only because of it, requests that it
    locks out and that it denies. Everything is 0 under a policy that does not have the rule.
    """

    id: str
    matched: Change
    prompts: Change
    only: Change
    locked: Change
    denied: Change
    observes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelLine:
    """Requests of which at least `demand` is asked, and how many `fell` below it or `rose` to it."""

    demand: str
    requests: Change
    fell: int
    rose: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """Requests of one kind: those that met a prompt or a refusal (`stopped`), those that passed in silence and now do
    not (`newly`), and the other way round.

    Amounts are in minor units; None where the kind has none.
    """

    what: str
    requests: int
    stopped: Change
    newly: int
    newly_amount: int | None
    no_longer: int
    no_longer_amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Requests with an amount of `low` (minor units) up to the next band, and those met by a prompt or a refusal."""

    low: int
    requests: int
    stopped: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacks:
    """Requests known to be attacks, those of them that meet a prompt or a refusal, and the amount that passes anyway."""

    requests: int
    stopped: Change
    passing_amount: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole replay. `first` and `last` are Unix seconds; `synthetic` describes a made-up log, "" for a recorded one.

    `locked` counts requests that their person cannot meet, `approvals` those that wait for somebody else's yes.
    `caveats` are sentences about what this replay could not know. `compared` says what `before` and `after`, short names,
    stand for; None where nobody told.
    """

    before: str
    after: str
    synthetic: str
    requests: int
    people: int
    sessions: int
    first: int
    last: int
    prompts: Change
    locked: Change
    denied: Change
    approvals: Change
    asked_people: Change
    locked_people: Change
    typical: Change
    busy: Change
    days: tuple[Day, ...]
    groups: tuple[GroupLine, ...]
    rules: tuple[RuleLine, ...]
    levels: tuple[LevelLine, ...]
    caught: tuple[Caught, ...]
    bands: tuple[Band, ...]
    attacks: Attacks | None
    caveats: tuple[str, ...]
    compared: tuple[Compared, Compared] | None = None
