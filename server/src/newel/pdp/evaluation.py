"""/access/v1/evaluation: one decision (AuthZEN Authorization API 1.0 section 6)."""

from typing import Any

from newel.flows.evaluate import evaluate, keep
from newel.flows.inquiry import Inquiry, Question
from newel.pdp.answers import answered


async def evaluation(inquiry: Inquiry, question: Question) -> dict[str, Any]:
    """The decision, recorded before it is told."""
    answer = await evaluate(inquiry, question)
    await keep(inquiry, [answer])
    return answered(answer, inquiry.policy.classes)
