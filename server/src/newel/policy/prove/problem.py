"""Questions as plain values, each about one target, and what is answered. They travel to the process that solves them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from newel.domain.assurance import Classes
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.lang.core import Core
from newel.policy.prove.demand import Demand, Scene

View = Literal["face", "fallback", "floor"]
"""Which side of a demand is looked at: what is demanded first, what of those who fall back, or what none escapes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Is anything demanded `before` that is not demanded `after`, or the reverse?"""

    scene: Scene
    before: tuple[Demand, ...]
    after: tuple[Demand, ...]
    classes: tuple[Classes, Classes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Facts for which a rule's demand goes: `lost` is all of the rule's that is not demanded on the other side."""

    rule: str
    view: View
    lost: tuple[Requirement, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Losses from before to after and from after to before; `unknown` says what could not be told."""

    weaker: tuple[Loss, ...]
    stronger: tuple[Loss, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """Is at least, and at most, this demanded wherever `condition` is true without an error?"""

    scene: Scene
    demands: tuple[Demand, ...]
    condition: Core
    at_least: Requirement | None
    at_most: Requirement | None
    classes: Classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Whether a claim holds; facts where it does not. A claim about no request at all is `vacuous`."""

    state: Literal["proved", "refuted", "unknown"]
    reason: str = ""
    facts: Mapping[str, Any] | None = None
    vacuous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enumeration:
    """What can be demanded? At most `most` outcomes; with `by_all`, by which other rules too.

    Requests are made `small`, which takes half of the time, unless nobody looks at them. With `only`, a request for each
    of these outcomes, which are known to be there.
    """

    scene: Scene
    demands: tuple[Demand, ...]
    classes: Classes
    most: int
    by_all: bool = False
    small: bool = True
    only: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One outcome: the rules of the smallest request found for it, and that request.

    `others` match at other requests that come to it; not all of them are told where there are `more`.
    """

    requirement: Requirement
    rules: tuple[str, ...]
    facts: Mapping[str, Any]
    others: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumerated:
    """All outcomes; not all of them where there is a reason why not."""

    outcomes: tuple[Reached, ...]
    incomplete: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What at this target is dead, shadowed, too little, or falls where it must not?

    `observed` are conditions of rules that are not enforced; `rising` are facts with which no demand may fall.
    """

    scene: Scene
    demands: tuple[Demand, ...]
    observed: tuple[Demand, ...]
    classes: Classes
    minimum: Requirement
    rising: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """What a rule demands at `facts` and what is `lost` of it when `fact` changes to `value`."""

    rule: str
    fact: str
    value: object
    facts: Mapping[str, Any]
    lost: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What was found: rules that never match; rules that others cover, with those others;
    a request below the minimum; what falls when a fact goes absent, and when it rises.
    """

    dead: tuple[str, ...]
    covered: Mapping[str, tuple[str, ...]]
    below: Mapping[str, Any] | None
    absent: tuple[Fall, ...]
    rising: tuple[Fall, ...]
    unknown: tuple[str, ...] = ()


Problem = Comparison | Claim | Enumeration | Inspection
Answer = Compared | Judged | Enumerated | Inspected
Ask = Callable[[Sequence[Problem]], Sequence[Answer | None]]
"""Whatever solves problems: one answer each, None where there was not time enough."""
UNANSWERED = "the solver gave no answer in time"
NO_TIME = "there was no time left for it"
Late = Callable[[], bool]
"""Whether it is time to answer with what is known by now."""


def never() -> bool:
    """There is all the time that it takes."""
    return False


def settled(answer: Answer | None) -> bool:
    """Whether more time would tell no more."""
    match answer:
        case None:
            return False
        case Judged(state=state):
            return state != "unknown"
        case Enumerated(incomplete=why):
            return not why
        case _:
            return not answer.unknown


def better(first: Answer | None, second: Answer | None) -> Answer | None:
    """Of two answers to one problem the one that tells more; the second where that cannot be said."""
    match first, second:
        case _, None:
            return first
        case Enumerated(outcomes=some), Enumerated(outcomes=others) if not settled(second):
            return first if len(some) > len(others) else second
        case Inspected(dead=some, covered=by), Inspected(dead=others, covered=also) if not settled(second):
            return first if len(some) + len(by) > len(others) + len(also) else second
        case _:
            return second
