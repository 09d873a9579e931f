"""Answers: a decision as AuthZEN Authorization API 1.0 section 5.5 says it, with what a step-up needs in both its shapes.

`context.obligations` is the Obligations profile's shape, `context.acr_values` and `context.amr_values` the one of the
specification's example. A deny has neither: nothing that the person does would change it.
"""

from collections.abc import Mapping
from typing import Any

from newel.domain.assurance import Classes
from newel.flows.evaluate import Answer
from newel.flows.shortfall import Shortfall

STEP_UP = "newel:step-up"
AMR = {"aal2": "mfa", "aal3": "hwk"}
"""What every event of a class shows in amr (RFC 8176)."""


def answered(answer: Answer, classes: Classes) -> dict[str, Any]:
    """The members of an answer."""
    asked = step_up(answer.short, classes) if answer.short.steps_up and not answer.permitted else {}
    return {"decision": answer.permitted, "context": {**asked, "newel": _explained(answer)}}


def step_up(short: Shortfall, classes: Classes) -> dict[str, Any]:
    """What to ask the person's client for (RFC 9470), as an obligation and as the example has it."""
    acr = short.acr or ""
    amr = [value for name, value in AMR.items() if name in classes.below(acr)]
    properties = {
        "acr_value": acr,
        **({"amr_values": amr} if amr else {}),
        **({} if short.max_age is None else {"max_age": short.max_age}),
    }
    return {
        "obligations": [{"id": STEP_UP, "type": "step-up", "properties": properties}],
        "acr_values": " ".join(each for each in classes.up_set(acr) if each in classes.order) or acr,
        **({"amr_values": " ".join(amr)} if amr else {}),
    }


def failed(status: int, message: str) -> dict[str, Any]:
    """The answer to an item of a batch that could not be decided."""
    return {"decision": False, "context": {"error": {"status": status, "message": message}}}


def _explained(answer: Answer) -> Mapping[str, Any]:
    short = answer.short
    told: dict[str, Any] = {}
    if short.acr is not None:
        told["acr"] = short.acr
    if short.max_age is not None:
        told["max_age"] = short.max_age
    told["bind"] = short.bind
    told["bound"] = answer.bound
    told["denied"] = answer.demanded.denied and not answer.permitted
    told["reasons"] = [*answer.remarks, *[reason.because or reason.rule for reason in answer.decision.reasons]]
    told["policy"] = answer.decision.policy
    told["unmet"] = short.unmet
    if short.no_way:
        told["no_way"] = True
    if answer.reservation is not None:
        told["reservation"] = answer.reservation
    told["ignored"] = answer.ignored
    return told
