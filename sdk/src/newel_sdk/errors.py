"""What can go wrong, each with its registered error code; decisions are values and are not here."""

from typing import ClassVar


class NewelError(Exception):
    """Everything this distribution raises on purpose; `error` is the registered code."""

    error: ClassVar[str] = "server_error"


class Misconfigured(NewelError, ValueError):
    """The application's own set-up cannot work; raised at start, never by a request."""


class InputRefused(NewelError):
    """The request itself is wrong (RFC 6750 section 3.1); the text may be shown to whoever sent it."""

    error = "invalid_request"


class ChallengeMalformed(NewelError):
    """A WWW-Authenticate header that does not follow RFC 9110 section 11 or RFC 9470 section 3."""

    error = "invalid_request"


class TokenRefused(NewelError):
    """A token that must not be believed (RFC 6750 section 3.1, RFC 9068 section 4)."""

    error = "invalid_token"


class KeyUnknown(TokenRefused):
    """No key of the set may have made this signature; a newer key set may know it."""


class KeyRefused(NewelError):
    """A key or key set too weak, malformed or ambiguous to verify anything with (RFC 7517, RFC 8725)."""

    error = "invalid_token"


class KeyUnusable(KeyRefused):
    """A sound key that is not for verifying with the algorithms known here; a key set skips it (RFC 7517 section 5)."""


class FetchFailed(NewelError):
    """Another party could not be reached, or answered outside the limits."""

    error = "temporarily_unavailable"


class DecisionFailed(FetchFailed):
    """The policy decision point gave no answer that may be relied on: nothing is allowed (S27)."""


class ActionRefused(NewelError):
    """Values that cannot be bound to an approval (RFC 9396 section 5)."""

    error = "invalid_authorization_details"


class ResumeRefused(NewelError):
    """An interrupted request that will not be sent again; the text says why."""

    error = "invalid_request"


class AuthorizationFailed(NewelError):
    """The authorization server said no, or its answer must not be believed (RFC 6749 sections 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str = "") -> None:
        self.code = error
        self.description = description
        super().__init__(f"{error}: {description}" if description else error)


class SubjectChanged(AuthorizationFailed):
    """Another person finished the step-up that this one began."""

    def __init__(self) -> None:
        super().__init__("access_denied", "another person finished what this one began; nothing was done")


class NothingChanged(AuthorizationFailed):
    """The step-up came back with the evidence it went away with; asking again would loop."""

    def __init__(self, because: str) -> None:
        super().__init__("unmet_authentication_requirements", because or "the sign-in proved nothing new")
