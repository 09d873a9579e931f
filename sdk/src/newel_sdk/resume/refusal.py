"""What a person is told when an act was not done: a title, why, and what to do next."""

from dataclasses import dataclass
from typing import NoReturn

from newel_sdk.errors import (
    ActionRefused,
    AuthorizationFailed,
    InputRefused,
    NewelError,
    NothingChanged,
    ResumeRefused,
    SubjectChanged,
)

NOTHING_DONE = "Nothing was sent or changed."
NO_WAY = "unmet_authentication_requirements"
WORDS = {
    "access_denied": "You said no.",
    NO_WAY: (
        "This needs a further proof, and your sign-in has no way to give it yet. Look at your ways to confirm where you "
        "sign in; if it cannot be added there, ask the help desk."
    ),
    "temporarily_unavailable": "Signing in does not answer just now. Try again in a moment.",
}
"""What the registered errors mean to a person (RFC 6749 section 4.1.2.1, OpenID unmet authentication requirements)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A page to show: what happened to the act (`intent_title`, when one was interrupted), and why."""

    status: int
    title: str
    because: str
    intent_title: str = ""


class RefusedError(Exception):
    """Carries a refusal out of a dependency, to become a page."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.because)


def refusal_of(problem: NewelError, intent_title: str) -> Refusal:
    """The refusal that an error of this package becomes."""
    status, title, because = 503, "Try again in a moment", NOTHING_DONE
    if isinstance(problem, InputRefused | ActionRefused):
        status, title, because = 400, "This cannot be done as it was sent", str(problem)
    elif isinstance(problem, ResumeRefused):
        status, title, because = 403, "This was not sent", str(problem)
    elif isinstance(problem, AuthorizationFailed):
        status, title, because = 403, "This was not confirmed", f"{_why(problem)} {NOTHING_DONE}"
    return Refusal(status=status, title=title, because=because, intent_title=intent_title)


def refuse(status: int, title: str, because: str, intent_title: str = "") -> NoReturn:
    """Raise a refusal."""
    raise RefusedError(Refusal(status=status, title=title, because=because, intent_title=intent_title))


def _why(problem: AuthorizationFailed) -> str:
    found_here = isinstance(problem, NothingChanged | SubjectChanged)
    if not found_here and problem.code in WORDS:
        return WORDS[problem.code]
    return (problem.description or problem.code).rstrip(".") + "."
