"""/access/v1/evaluations: several decisions in one request (AuthZEN Authorization API 1.0 section 7).

What stands beside the items is their default, member by member inside each entity. An item that cannot be decided is
false with its error; it fails no other. A key of a reservation belongs to one item and is nobody's default.
"""

from collections.abc import Mapping
from typing import Any

from newel.domain.errors import ProtocolError
from newel.flows.evaluate import evaluate, keep, undecided
from newel.flows.inquiry import Inquiry
from newel.flows.stated import FactRefused
from newel.pdp.answers import answered, failed
from newel.pdp.evaluation import evaluation
from newel.pdp.reading import RESERVATION, Malformed, read_question

ENTITIES = ("subject", "action", "resource", "context")
MOST = 200
EXECUTE_ALL = "execute_all"
ENDS_AT: Mapping[str, bool | None] = {
    EXECUTE_ALL: None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
"""The decision after which no more are made."""


async def evaluations(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The decisions in the order of the items, up to the one that ends them; the single answer without items."""
    ends_at = _ends_at(body)
    items = body.get("evaluations", [])
    if not isinstance(items, list):
        raise Malformed("evaluations must be an array")
    if not items:
        return await evaluation(inquiry, read_question(body))
    if len(items) > MOST:
        raise Malformed(f"more than {MOST} evaluations")
    defaults = {name: _default(body, name) for name in ENTITIES if name in body}
    answers, told = [], []
    for item in items:
        try:
            answer = await evaluate(inquiry, read_question(_merged(defaults, item)))
            told.append(answered(answer, inquiry.policy.classes))
        except (Malformed, FactRefused, ProtocolError) as error:
            answer = undecided(inquiry, str(error))
            told.append(failed(400 if not isinstance(error, ProtocolError) else error.status, str(error)))
        answers.append(answer)
        if answer.permitted is ends_at:
            break
    await keep(inquiry, answers)
    return {"evaluations": told}


def _ends_at(body: Mapping[str, Any]) -> bool | None:
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise Malformed("options must be an object")
    semantic = options.get("evaluations_semantic", EXECUTE_ALL)
    if not isinstance(semantic, str) or semantic not in ENDS_AT:
        raise Malformed("options.evaluations_semantic must be one of " + ", ".join(ENDS_AT))
    return ENDS_AT[semantic]


def _default(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = body[name]
    if not isinstance(given, dict):
        raise Malformed(f"{name} must be an object")
    if name == "context" and RESERVATION in given:
        raise Malformed("a reservation key belongs to one evaluation and is not a default")
    return given


def _merged(defaults: Mapping[str, Any], item: object) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise Malformed("an evaluation must be an object")
    merged = dict(defaults)
    for name in ENTITIES:
        if name in item:
            given = item[name]
            if not isinstance(given, dict):
                raise Malformed(f"{name} must be an object")
            merged[name] = {**merged.get(name, {}), **given}
    return merged
