"""An authorization request on its way: what the application stores until the person comes back."""

import json
from dataclasses import asdict, dataclass, field

from newel_sdk.encoding import parse_object
from newel_sdk.errors import AuthorizationFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAuthorization:
    """Stored in the browser's own session, found again by `state`, used once.

    `then`: where to go afterwards; `intent` and `title`: the interrupted request to resume, and
    its name in words; `subject`: who must come back (empty at
    a first sign-in); `before`: what was proven when this one left.
    """

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    issued_at: int
    then: str = ""
    intent: str = ""
    title: str = ""
    subject: str = ""
    before: str = ""
    max_age: int | None = None
    because: str = ""

    def to_text(self) -> str:
        """Write it for storage."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "PendingAuthorization":
        """Read what `to_text` wrote; raises AuthorizationFailed for anything else."""
        try:
            return cls(**parse_object(text))
        except (ValueError, TypeError) as problem:
            raise AuthorizationFailed("invalid_request", "the stored request cannot be read") from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Send the browser to `url` (303) and keep `pending` in its session."""

    url: str
    pending: PendingAuthorization
