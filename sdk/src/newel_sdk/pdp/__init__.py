"""The policy decision point, asked on every request (OpenID AuthZEN Authorization API 1.0)."""

from newel_sdk.pdp.decision import Decision, StepUp
from newel_sdk.pdp.point import CallerAuthentication, DecisionPoint
from newel_sdk.pdp.question import Question

__all__ = ["CallerAuthentication", "Decision", "DecisionPoint", "Question", "StepUp"]
