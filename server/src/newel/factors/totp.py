"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, one step of drift, one use a step."""

import hashlib
import hmac
import re
from base64 import b32encode
from urllib.parse import quote

from newel.crypto.hashing import equal
from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Challenge
from newel.factors import base
from newel.factors.base import Account, Challenged, Confirmed, Context, Enrolment, Rejected, Verified

SECRET_BYTES = 20
"""RFC 4226 section 4, requirement R6: 160 bits."""
DIGITS = 6
STEP = 30
DRIFT = 1
"""Steps before and after the present one that are accepted (RFC 6238 section 5.2)."""
_SEPARATORS = re.compile(r"[ \u00a0\u2009\u202f-]")
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")
_LONGEST = 32
"""Modules of margin around a QR code (ISO/IEC 18004)."""


def code(secret: bytes, step: int) -> str:
    """The code of `secret` for the counter `step` (RFC 4226 section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(now: int) -> int:
    """The time step at `now` (RFC 6238 section 4.2)."""
    return now // STEP


def typed(response: str) -> str | None:
    """The code in `response` without the spaces and dashes people put in; None where it is not six ASCII digits."""
    bare = _SEPARATORS.sub("", response.strip()) if len(response) <= _LONGEST else ""
    return bare if _CODE.fullmatch(bare) else None


def matching_steps(secret: bytes, given: str, now: int) -> tuple[int, ...]:
    """The accepted steps at `now` whose code is `given`, the latest first; every one is compared."""
    present = step_at(now)
    window = range(present + DRIFT, max(present - DRIFT, 0) - 1, -1)
    return tuple(step for step in window if equal(code(secret, step).encode(), given.encode()))


def address(issuer: str, account: str, secret: bytes) -> str:
    """The otpauth address that apps read (Key Uri Format): issuer and account percent-encoded, no plus for a space.

    A colon would end the issuer early, so it becomes a space in either part.
    """
    issuer, account = (part.replace(":", " ").strip() for part in (issuer, account))
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    values = f"secret={base32(secret)}&issuer={quote(issuer, safe='')}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    return f"otpauth://totp/{label}?{values}"


def base32(secret: bytes) -> str:
    """`secret` in base32 without padding, as apps take it."""
    return b32encode(secret).rstrip(b"=").decode()


class Totp:
    """The factor of an authenticator app."""

    method = "totp"
    slow = False
    public = staticmethod(base.nothing_public)
    secret_material = True

    def enrol(self, context: Context, account: Account) -> Enrolment:
        """A fresh secret: `uri` for the QR code, `secret` in groups of four for typing."""
        secret = context.random(SECRET_BYTES)
        text = base32(secret)
        public = {
            "uri": address(context.rp_name, account.name, secret),
            "secret": tuple(text[start : start + 4] for start in range(0, len(text), 4)),
        }
        return base.begin(context, account, self.method, secret, public)

    def confirm(
        self, context: Context, account: Account, draft: bytes, response: str, *, authenticator_id: str, name: str
    ) -> Confirmed | Rejected:
        """The app is there once it shows a right code; that code's step is used up."""
        kept = base.resume(context, account, self.method, draft)
        if isinstance(kept, Rejected):
            return kept
        given = typed(response)
        steps = matching_steps(kept.secret, given, context.now) if given is not None else ()
        if not steps:
            return Rejected("malformed" if given is None else "wrong_code")
        authenticator = Authenticator(
            id=authenticator_id,
            subject=account.id,
            method=self.method,
            name=name,
            created_at=context.now,
            material=kept.secret,
            counter=steps[0],
            last_used_at=context.now,
        )
        return base.confirmation(context, authenticator)

    def challenge(self, context: Context, authenticators: tuple[Authenticator, ...]) -> Challenged:
        """Ask for a code from any of `authenticators`."""
        return Challenged(base.new_challenge(context, self.method, authenticators), {})

    def verify(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], response: str
    ) -> Verified | Rejected:
        """Check a code; it counts for one step, above the last one that was used."""
        refusal = base.refusal(context, challenge, self.method, response)
        if refusal is not None:
            return refusal
        given = typed(response)
        if given is None:
            return Rejected("malformed")
        used = False
        for each in base.asked(challenge, authenticators):
            for step in matching_steps(each.material, given, context.now):
                if step > each.counter:
                    return Verified(base.proof(context, challenge, each), AdvanceCounter(each.id, step))
                used = True
        return Rejected("code_used" if used else "wrong_code")
