"""Evidence: verified authentication events, and the authenticators that made them."""

from typing import Literal

from newel.domain.method import METHODS, Method
from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What ties an event to one action (S17).

    `digest` is SHA-256 over the canonical object A (32 bytes). `kind` is "signed" where the proof's signature covers
    the digest, "confirmed" where the person typed a code or pressed a button beside it.
    """

    digest: bytes
    kind: Literal["signed", "confirmed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One verified authentication event.

    `at` is in Unix seconds; `interaction` names the interaction in which the person proved it; `authenticator` the
    record whose present state (removed, unsettled) still limits what the event counts as. `rested` is the longest
    time in seconds for which the session lay idle since: a class does not come back when its session wakes up.
    """

    id: str
    authenticator: str
    method: str
    at: int
    interaction: str
    user_verified: bool = False
    hardware: bool = False
    attested: bool = False
    binding: Binding | None = None
    rested: int = 0

    @property
    def how(self) -> Method:
        """The method's row in the table of methods."""
        return METHODS[self.method]

    @property
    def amr(self) -> tuple[str, ...]:
        """Authentication method references of this event (RFC 8176): user presence, key kind, more than one factor."""
        if not self.how.signs:
            return self.how.amr
        key = "hwk" if self.hardware else "swk"
        return (key, "user", "mfa") if self.user_verified else (key, "user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """Something a subject proves control of, after its enrolment was confirmed.

    `ceiling` is the class its evidence counts as at most until it has settled (S25), None once it has. `counter` is
    the last TOTP step or WebAuthn signature count. `material` is what its factor verifies with, opaque here.
    """

    id: str
    subject: str
    method: str
    name: str
    created_at: int
    material: bytes
    counter: int = 0
    ceiling: str | None = None
    last_used_at: int = 0
    user_verifying: bool = False
    device_bound: bool = False
    attested: bool = False

    @property
    def how(self) -> Method:
        """The method's row in the table of methods."""
        return METHODS[self.method]

    @property
    def settled(self) -> bool:
        """Whether its evidence counts as all it proves (S25)."""
        return self.ceiling is None

    def evidence(self, *, event: str, at: int, interaction: str, digest: bytes | None = None) -> Evidence:
        """The event that a successful challenge of this authenticator at `at` would be."""
        kind: Literal["signed", "confirmed"] = "signed" if self.how.signs else "confirmed"
        return Evidence(
            id=event,
            authenticator=self.id,
            method=self.method,
            at=at,
            interaction=interaction,
            user_verified=self.user_verifying,
            hardware=self.device_bound,
            attested=self.attested,
            binding=None if digest is None else Binding(digest=digest, kind=kind),
        )
