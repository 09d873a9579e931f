"""What a policy decision point answers, read strictly: whatever cannot be understood allows nothing (S27).

AuthZEN Authorization API 1.0 section 6.2, the Obligations profile, and Newel's own `context.newel` beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newel_sdk.encoding import parse_object
from newel_sdk.errors import DecisionFailed

STEP_UP = "step-up"
UNKNOWN = "the policy demands something that is not known here"
NOT_ALLOWED = "the policy does not allow this"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """Evidence that would help: any of these classes (none: whatever class), not older than `max_age` seconds."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Permitted, or short of every one of `step_ups` and of `bind`, or neither: denied.

    `bind` names the fields that the person still has to confirm. `bound` names those that the policy binds, confirmed
    or not; None where the answer does not say. `because` gives the reasons in words, for a log where `no_way` says that
    the person's own authenticators are what falls short.
    """

    permitted: bool
    step_ups: tuple[StepUp, ...] = ()
    bind: tuple[str, ...] = ()
    bound: tuple[str, ...] | None = None
    because: str = ""
    policy: str = ""
    no_way: bool = False

    @property
    def denied(self) -> bool:
        """Whether nothing that the person could prove would change it."""
        return not self.permitted and not self.step_ups and not self.bind


def parse_decision(body: bytes, *, reservation: str | None = None) -> Decision:
    """Read an answer; raises DecisionFailed for one that is malformed, or that permits without the `reservation` asked for."""
    try:
        return _decision(parse_object(body), reservation)
    except ValueError as problem:
        raise DecisionFailed(f"the decision cannot be read: {problem}") from problem


def _decision(document: Mapping[str, Any], reservation: str | None) -> Decision:
    permitted = document.get("decision")
    if not isinstance(permitted, bool):
        raise ValueError("decision is not true or false")  # ruff: ignore[type-check-without-type-error] - as of every malformed text
    context = _object(document, "context")
    newel = _object(context, "newel")
    if permitted and newel and newel.get("reservation") != reservation:
        raise ValueError("permitted without the reservation that was asked for")
    obligations = _obligations(context)
    reasons = _texts(newel, "reasons")
    if obligations is None or (permitted and obligations):
        return Decision(permitted=False, because=UNKNOWN)
    bound = _texts(newel, "bound") if "bound" in newel else None
    policy = _text(newel, "policy")
    if permitted:
        return Decision(permitted=True, bound=bound, because="; ".join(reasons), policy=policy)
    unmet = _texts(newel, "unmet")
    if _flag(newel, "denied") or unmet:
        because = "; ".join(unmet or reasons) or NOT_ALLOWED
        return Decision(permitted=False, because=because, policy=policy, no_way=_flag(newel, "no_way"))
    steps = _step_ups(context, newel, obligations)
    bind = _texts(newel, "bind")
    because = "; ".join(reasons) or ("" if steps or bind else NOT_ALLOWED)
    return Decision(permitted=False, step_ups=steps, bind=bind, bound=bound, because=because, policy=policy)


def _obligations(context: Mapping[str, Any]) -> tuple[StepUp, ...] | None:
    """The step-ups demanded; None where any other obligation is."""
    listed = context.get("obligations", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ValueError("obligations is not a list of objects")
    if any(each.get("type") != STEP_UP for each in listed):
        return None
    return tuple(_step_up(_object(each, "properties")) for each in listed)


def _step_up(properties: Mapping[str, Any]) -> StepUp:
    acr = _text(properties, "acr_value")
    return StepUp(acr_values=(acr,) if acr else (), max_age=_age(properties))


def _step_ups(
    context: Mapping[str, Any], newel: Mapping[str, Any], obligations: tuple[StepUp, ...]
) -> tuple[StepUp, ...]:
    """All that is asked, in every shape that it came in; each only adds."""
    acr, age = _text(newel, "acr"), _age(newel)
    own = (StepUp(acr_values=(acr,) if acr else (), max_age=age),) if acr or age is not None else ()
    listed = _words(context, "acr_values")
    return (*own, *obligations, *((StepUp(acr_values=listed),) if listed else ()))


def _object(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")  # ruff: ignore[type-check-without-type-error] - as of every malformed text
    return value


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")  # ruff: ignore[type-check-without-type-error] - as of every malformed text
    return value


def _flag(members: Mapping[str, Any], name: str) -> bool:
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is not true or false")  # ruff: ignore[type-check-without-type-error] - as of every malformed text
    return value


def _age(members: Mapping[str, Any]) -> int | None:
    value = members.get("max_age")
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError("max_age is not a number of seconds")
    return value


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{name} is not a list of texts")
    return tuple(value)


def _words(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name, "")
    return tuple(value.split()) if isinstance(value, str) else _texts(members, name)
