"""The one protocol that every factor speaks.

`enrol → Enrolment`, `confirm → Confirmed | Rejected`, `challenge → Challenged`, `verify → Verified | Rejected`. Time,
randomness and identifiers come in with the context; what must be kept goes out as data. Nothing here raises for what a
person or an attacker sends: a proof that does not hold is `Rejected` with its reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, Protocol

import msgspec

from newel.crypto import base64url
from newel.crypto.hashing import equal
from newel.crypto.vault import Vault
from newel.domain import interaction
from newel.domain.change import Change
from newel.domain.evidence import Authenticator, Evidence
from newel.domain.interaction import Challenge
from newel.domain.value import dataclass

LIVES = interaction.LIVES
"""Seconds for which a challenge or an enrolment can be answered: as long as its interaction."""
MAX_RESPONSE = 32_768
"""Characters of a response at most (S35)."""
_ID_BYTES = 16

Reason = Literal[
    "malformed",  # not a response to this kind of challenge at all
    "expired",  # the challenge or the enrolment is too old
    "wrong_action",  # the challenge was made for another action, or for none
    "wrong_password",
    "wrong_code",
    "code_used",  # right, but its time step was used before
    "unknown_credential",  # not one of those that were asked
    "wrong_subject",  # the key answered for somebody else
    "wrong_origin",  # another origin, another RP id, or inside a foreign frame
    "wrong_challenge",
    "not_present",  # nobody touched the key
    "not_verified",  # the key did not verify its user
    "bad_signature",
    "cloned",  # the signature counter went back, or the backup eligibility changed
    "unsupported",  # a key of an algorithm that was not offered
    "already_enrolled",
    "too_short",
    "too_long",
    "not_text",  # control characters, or what no keyboard types
    "common",
    "resembles_name",
    "busy",  # no place in the password pool: nothing was checked, nothing counted
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a factor may know of the moment.

    `now` in Unix seconds; `random(n)` gives n random bytes; `event_id` is the id that the evidence takes; `further_origins`
    may answer beside `origin`; `digest` is the bound action's (32 bytes), computed anew by the caller from the stored object A, or None.
    """

    now: int
    random: Callable[[int], bytes]
    rp_id: str
    origin: str
    rp_name: str
    interaction: str
    event_id: str
    vault: Vault
    digest: bytes | None = None
    further_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The subject that enrols: its id, the name it signs in with, the name pages show, and what it already has."""

    id: str
    name: str
    display: str
    authenticators: tuple[Authenticator, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A begun enrolment: `public` for the page, `draft` secret, kept sealed by the caller until `confirm`."""

    public: Mapping[str, Any]
    draft: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenged:
    """A made challenge: the part to keep and the public part for the page."""

    challenge: Challenge
    public: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed enrolment. The caller sets `ceiling` (S25) and stores the authenticator.

    `evidence` is the event that the confirmation itself is, bound to no action; None where it proves nothing.
    """

    authenticator: Authenticator
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A proof that holds, provided that storage can still apply `change`; if the row moved, the proof is refused (S13)."""

    evidence: Evidence
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proof that does not hold, and why. The reason is for the log and for choosing words, not for the wire."""

    reason: Reason


class Factor(Protocol):
    """One method. `slow` asks for the password pool around confirm and verify; `secret_material` for sealing at rest."""

    @property
    def method(self) -> str:
        """The name of its row in `domain.method.METHODS`."""

    @property
    def slow(self) -> bool:
        """Whether confirm and verify take some 25 ms and belong into the password pool."""

    @property
    def secret_material(self) -> bool:
        """Whether an authenticator's material lets its reader prove what the person proves (S32)."""

    def enrol(self, context: Context, account: Account) -> Enrolment:
        """Begin an enrolment."""

    def confirm(
        self, context: Context, account: Account, draft: bytes, response: str, *, authenticator_id: str, name: str
    ) -> Confirmed | Rejected:
        """End an enrolment with the response to it; `authenticator_id` and `name` become the authenticator's."""

    def challenge(self, context: Context, authenticators: tuple[Authenticator, ...]) -> Challenged:
        """A challenge that any one of `authenticators` can answer, bound to the context's digest.

        Without any it is open: whoever the caller then names to `verify` may answer it (a sign-in).
        """

    def public(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], /
    ) -> Mapping[str, Any]:
        """The public part of a kept challenge, for a page that is shown again."""

    def verify(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], response: str
    ) -> Verified | Rejected:
        """Check `response` to `challenge`, whose attempt the caller has counted (S10), against `authenticators`."""


class Draft(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What an enrolment keeps between its two steps: for whom and when it was begun, and the factor's own secret."""

    method: str
    subject: str
    made_at: int
    secret: bytes


def begin(context: Context, account: Account, method: str, secret: bytes, public: Mapping[str, Any]) -> Enrolment:
    """The enrolment of `method` for `account` that keeps `secret`."""
    draft = Draft(method, account.id, context.now, secret)
    return Enrolment(public, msgspec.msgpack.encode(draft))


def resume(context: Context, account: Account, method: str, draft: bytes) -> Draft | Rejected:
    """The draft of an enrolment of `method` for `account` that is not too old."""
    try:
        kept = msgspec.msgpack.decode(draft, type=Draft)
    except (msgspec.MsgspecError, ValueError):
        return Rejected("malformed")
    if kept.method != method or kept.subject != account.id:
        return Rejected("malformed")
    return kept if fresh(kept.made_at, context.now) else Rejected("expired")


def fresh(made_at: int, now: int) -> bool:
    """Whether what was made at `made_at` can still be answered."""
    return 0 <= now - made_at < LIVES


def new_challenge(
    context: Context,
    method: str,
    authenticators: tuple[Authenticator, ...],
    *,
    secret: bytes = b"",
    nonce: bytes = b"",
) -> Challenge:
    """The challenge of `method` that any of `authenticators` may answer, for the context's action if there is one."""
    return Challenge(
        id=base64url.encode(context.random(_ID_BYTES)),
        method=method,
        authenticators=tuple(each.id for each in authenticators),
        made_at=context.now,
        secret=secret,
        nonce=nonce,
        digest=context.digest,
    )


def nothing_public(
    _context: Context, _challenge: Challenge, _authenticators: tuple[Authenticator, ...], /
) -> Mapping[str, Any]:
    """The public part of a challenge that only asks."""
    return {}


def refusal(context: Context, challenge: Challenge, method: str, response: str) -> Rejected | None:
    """Why `challenge` cannot be answered here and now by `response`, whatever it says; None where it can."""
    if challenge.method != method or len(response) > MAX_RESPONSE:
        return Rejected("malformed")
    if not fresh(challenge.made_at, context.now):
        return Rejected("expired")
    if (challenge.digest is None) != (context.digest is None) or not equal(
        challenge.digest or b"", context.digest or b""
    ):
        return Rejected("wrong_action")
    return None


def asked(challenge: Challenge, authenticators: tuple[Authenticator, ...]) -> tuple[Authenticator, ...]:
    """Those of `authenticators` that may answer `challenge`: of its method, and named by it unless it is open."""
    named = challenge.authenticators
    return tuple(a for a in authenticators if a.method == challenge.method and (not named or a.id in named))


def proof(context: Context, challenge: Challenge, authenticator: Authenticator) -> Evidence:
    """The event that `authenticator` has answered `challenge`."""
    return authenticator.evidence(
        event=context.event_id, at=context.now, interaction=context.interaction, digest=challenge.digest
    )


def confirmation(context: Context, authenticator: Authenticator) -> Confirmed:
    """The confirmed `authenticator`, and the event that its confirmation is."""
    event = authenticator.evidence(event=context.event_id, at=context.now, interaction=context.interaction)
    return Confirmed(authenticator, event)
