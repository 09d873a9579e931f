"""/access/v1/evaluation: one decision (AuthZEN Authorization API 1.0 section 6)."""

from collections.abc import Mapping
from typing import Any

from newel.flows.evaluate import evaluate, keep
from newel.flows.inquiry import Inquiry
from newel.pdp.answers import answered
from newel.pdp.reading import read_question


async def evaluation(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The decision, recorded before it is told."""
    answer = await evaluate(inquiry, read_question(body))
    await keep(inquiry, [answer])
    return answered(answer, inquiry.policy.classes)
