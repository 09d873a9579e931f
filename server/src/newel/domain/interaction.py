"""An interaction: one stay of a browser at the prompt, from the request to its answer.

A pending interaction is not a session (S01): it has its own type, cookie and table. What is proven in it stays in it
until the requirement is met. States and the only moves between them:

    OPEN → DONE      the requirement was met; the answer (a code, or the way back) was given
    OPEN → DECLINED  the person said no; the base session is untouched (S07)
    OPEN → REPORTED  the person says they did not start this
    OPEN → REFUSED   it cannot be met, or its pushed request was answered in another interaction
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from newel.domain.action import Action
from newel.domain.authorization import AuthorizationRequest
from newel.domain.evidence import Evidence
from newel.domain.grace import Skippable
from newel.domain.requirement import Requirement
from newel.domain.value import dataclass

LIVES = 600
"""Seconds an interaction lives by default."""


class State(StrEnum):
    """Where an interaction stands."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    REPORTED = "reported"
    REFUSED = "refused"


class Purpose(StrEnum):
    """What the interaction was begun for."""

    AUTHORIZE = "authorize"
    ACCOUNT = "account"
    SIGN_UP = "sign_up"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was demanded: a rule and its `because`, words or a message id."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The first decision with a known subject, kept so that a stricter or laxer policy later can only add (S09).

    `fallback` is what the policy declares to demand where the person cannot meet `requirement`; `grace` what of it may
    be put off.
    """

    requirement: Requirement
    policy: str
    reasons: tuple[Reason, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    fallback: Requirement | None = None
    grace: Skippable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The challenge that waits inside an interaction.

    `method` and `authenticators` say what may answer it; `secret` is its secret part (a WebAuthn challenge, 32 bytes)
    and `nonce` what it was made from for a bound action; `digest` the action it commits to; times in Unix seconds.
    """

    id: str
    method: str
    authenticators: tuple[str, ...]
    made_at: int
    secret: bytes = b""
    nonce: bytes = b""
    digest: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """An interaction as stored.

    `browser_hash` is SHA-256 of the browser's key; `subject` is pinned once known (S08), `lineage` the session it
    lifts; `evidence` what was proven in it; `challenges` wait side by side (a passkey and a code on one page);
    `revision` counts its changes, so that two posts of one page cannot both move it. `change` names what an account
    interaction will change and `draft` is its sealed half-made authenticator; `answer` is the sealed way back, kept
    for a second press of the same button, and `answered_at` when it was given. `skipped` are the rules whose demand the
    person wants to put off: counted when the interaction ends below that demand, and not before.
    """

    id: str
    purpose: Purpose
    browser_hash: bytes
    created_at: int
    expires_at: int
    state: State = State.OPEN
    request: AuthorizationRequest | None = None
    change: str = ""
    subject: str | None = None
    lineage: str | None = None
    evidence: tuple[Evidence, ...] = ()
    decided: Decided | None = None
    action: Action | None = None
    challenges: tuple[Challenge, ...] = ()
    attempts: int = 0
    revision: int = 0
    locale: str = "en"
    answer: bytes = b""
    draft: bytes = b""
    answered_at: int = 0
    skipped: tuple[str, ...] = ()
