"""For any ASGI application: the token out of a request, an outcome into an answer, a request sent again."""

from newel_sdk.asgi.answer import Answer, answer, error_answer
from newel_sdk.asgi.bearer import bearer_token
from newel_sdk.asgi.polling import polling
from newel_sdk.asgi.protect import ALLOWED, protect
from newel_sdk.asgi.replay import RESUMED, Replayed, Resumed, replay

__all__ = [
    "ALLOWED",
    "RESUMED",
    "Answer",
    "Replayed",
    "Resumed",
    "answer",
    "bearer_token",
    "error_answer",
    "polling",
    "protect",
    "replay",
]
