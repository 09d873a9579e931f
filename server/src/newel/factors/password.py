"""Passwords (NIST SP 800-63B-4 section 3.1.1): something known, hashed with Argon2id, never composed by rules.

A password is compared after NFKC, with every kind of space as U+0020, so that one typed on another keyboard is still the
same. This is the preparation of RFC 8265's OpaqueString profile (no case mapping, no control characters) but with NFKC
in place of NFC: input methods differ in full-width and half-width forms, which a person cannot see.
"""

import unicodedata

from newel.crypto.common_passwords import MIN_LENGTH, is_common
from newel.crypto.hashing import SALT_BYTES, hash_password, verify_nothing, verify_password
from newel.domain.change import ReplaceMaterial
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Challenge
from newel.factors import base
from newel.factors.base import Account, Challenged, Confirmed, Context, Enrolment, Reason, Rejected, Verified

LEAST, MOST = MIN_LENGTH, 128
"""Characters after preparation. SP 800-63B-4 asks for 15 where a password stands alone; here it alone reaches aal1."""
_MOST_RAW = 1024
_REFUSED = frozenset({"Cc", "Cs", "Cn", "Co"})
_SHORTEST_NAME = 4


def prepare(password: str) -> str | None:
    """`password` in the form in which passwords are compared; None where it holds what is not text."""
    if len(password) > _MOST_RAW:
        return None
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in password)
    prepared = unicodedata.normalize("NFKC", spaced)
    return None if any(unicodedata.category(character) in _REFUSED for character in prepared) else prepared


def fault(prepared: str, names: tuple[str, ...]) -> Reason | None:
    """Why `prepared` cannot be a new password of somebody called `names`; None where it can."""
    if len(prepared) < LEAST:
        return "too_short"
    if len(prepared) > MOST:
        return "too_long"
    if is_common(prepared):
        return "common"
    return "resembles_name" if _resembles(prepared.casefold(), names) else None


def _resembles(folded: str, names: tuple[str, ...]) -> bool:
    """Whether taking away the names, and their parts, leaves less than a password."""
    parts = {part for name in names for part in (name, *name.replace("@", " ").replace(".", " ").split())}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_NAME:
            folded = folded.replace(part.casefold(), "")
    return len(folded) < LEAST


class Password:
    """The password factor."""

    method = "password"
    slow = True
    public = staticmethod(base.nothing_public)
    secret_material = False

    def enrol(self, context: Context, account: Account) -> Enrolment:
        """Ask for a new password; the public part says how long it may be."""
        return base.begin(context, account, self.method, b"", {"least": LEAST, "most": MOST})

    def confirm(
        self, context: Context, account: Account, draft: bytes, response: str, *, authenticator_id: str, name: str
    ) -> Confirmed | Rejected:
        """The password `response`, hashed."""
        kept = base.resume(context, account, self.method, draft)
        if isinstance(kept, Rejected):
            return kept
        if len(response) > _MOST_RAW:
            return Rejected("too_long")
        prepared = prepare(response)
        if prepared is None:
            return Rejected("not_text")
        reason = fault(prepared, (account.name, account.display, context.rp_name))
        if reason is not None:
            return Rejected(reason)
        encoded = hash_password(prepared, salt=context.random(SALT_BYTES))
        authenticator = Authenticator(
            id=authenticator_id,
            subject=account.id,
            method=self.method,
            name=name,
            created_at=context.now,
            material=encoded.encode(),
            last_used_at=context.now,
        )
        return base.confirmation(context, authenticator)

    def challenge(self, context: Context, authenticators: tuple[Authenticator, ...]) -> Challenged:
        """Ask for the password; nothing about it depends on whether the subject exists."""
        return Challenged(base.new_challenge(context, self.method, authenticators), {})

    def verify(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], response: str
    ) -> Verified | Rejected:
        """Check a password; without an authenticator the same time is spent (S31)."""
        refusal = base.refusal(context, challenge, self.method, response)
        if refusal is not None:
            return refusal
        prepared = prepare(response)
        if prepared is None or len(prepared) > MOST:
            return Rejected("wrong_password")
        known = base.asked(challenge, authenticators)
        if not known:
            verify_nothing(prepared)
        for each in known:
            check = verify_password(each.material.decode("ascii", "replace"), prepared)
            if check.matches:
                change = self._renewed(context, each, prepared) if check.outdated else None
                return Verified(base.proof(context, challenge, each), change)
        return Rejected("wrong_password")

    def _renewed(self, context: Context, authenticator: Authenticator, prepared: str) -> ReplaceMaterial:
        encoded = hash_password(prepared, salt=context.random(SALT_BYTES))
        return ReplaceMaterial(authenticator.id, authenticator.material, encoded.encode())
