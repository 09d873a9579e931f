"""Recovery codes: ten on paper, 80 bits each, every one good for one way back in (S14, S24).

Written in Crockford's base32, read without regard to case, spaces, dashes, and with the letters that resemble digits.
Kept as HMAC under a key outside the database, so that a copy of the database alone is worth nothing.
"""

import re

import msgspec

from newel.crypto.hashing import equal
from newel.domain.change import SpendRecoveryCode
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Challenge
from newel.factors import base
from newel.factors.base import Account, Challenged, Confirmed, Context, Enrolment, Rejected, Verified

CODES = 10
CODE_BYTES = 10
GROUP = 4
WRITTEN = "1"
"""The response that confirms the enrolment: the person says that the codes are written down."""
_PURPOSE = "recovery_code"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = str.maketrans("OIL", "011")
_BARE = re.compile(rf"[{_ALPHABET}]{{{CODE_BYTES * 8 // 5}}}")
_LONGEST = 64


class Material(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The codes as kept: the id of the key, and the HMAC of each code under it."""

    key_id: str
    hashes: tuple[bytes, ...]


def written(data: bytes) -> str:
    """10 bytes as a code of four groups of four."""
    number = int.from_bytes(data, "big")
    bare = "".join(_ALPHABET[number >> shift & 31] for shift in range(len(data) * 8 - 5, -1, -5))
    return "-".join(bare[start : start + GROUP] for start in range(0, len(bare), GROUP))


def typed(response: str) -> str | None:
    """The bare code in `response`; None where it is not one."""
    if len(response) > _LONGEST or not response.isascii():
        return None
    bare = re.sub(r"[\s-]", "", response).upper().translate(_READ)
    return bare if _BARE.fullmatch(bare) else None


def code_hashes(material: bytes) -> tuple[bytes, ...]:
    """The hashes (32 bytes each) that storage keeps as unspent when the authenticator is stored."""
    return msgspec.msgpack.decode(material, type=Material).hashes


def _hash(context: Context, authenticator: str, bare: str, key_id: str | None = None) -> bytes:
    return context.vault.mac(_PURPOSE, f"{authenticator}\x00{bare}".encode(), key_id=key_id)


class RecoveryCode:
    """The factor of the codes on paper."""

    method = "recovery_code"
    slow = False
    public = staticmethod(base.nothing_public)
    secret_material = False

    def enrol(self, context: Context, account: Account) -> Enrolment:
        """Ten fresh codes, shown once."""
        drawn = tuple(context.random(CODE_BYTES) for _ in range(CODES))
        return base.begin(context, account, self.method, b"".join(drawn), {"codes": tuple(map(written, drawn))})

    def confirm(
        self, context: Context, account: Account, draft: bytes, response: str, *, authenticator_id: str, name: str
    ) -> Confirmed | Rejected:
        """The person has written them down. That proves nothing, so there is no evidence."""
        kept = base.resume(context, account, self.method, draft)
        if isinstance(kept, Rejected):
            return kept
        if response != WRITTEN or len(kept.secret) != CODES * CODE_BYTES:
            return Rejected("malformed")
        drawn = (kept.secret[start : start + CODE_BYTES] for start in range(0, len(kept.secret), CODE_BYTES))
        hashes = tuple(_hash(context, authenticator_id, written(each).replace("-", "")) for each in drawn)
        authenticator = Authenticator(
            id=authenticator_id,
            subject=account.id,
            method=self.method,
            name=name,
            created_at=context.now,
            material=msgspec.msgpack.encode(Material(context.vault.current, hashes)),
        )
        return Confirmed(authenticator, None)

    def challenge(self, context: Context, authenticators: tuple[Authenticator, ...]) -> Challenged:
        """Ask for one of the codes."""
        return Challenged(base.new_challenge(context, self.method, authenticators), {})

    def verify(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], response: str
    ) -> Verified | Rejected:
        """Check a code; whether it is still unspent is decided by storage, in one statement."""
        refusal = base.refusal(context, challenge, self.method, response)
        if refusal is not None:
            return refusal
        bare = typed(response)
        if bare is None:
            return Rejected("malformed")
        for each in base.asked(challenge, authenticators):
            found = self._found(context, each, bare)
            if found is not None:
                return Verified(base.proof(context, challenge, each), SpendRecoveryCode(each.id, found))
        return Rejected("wrong_code")

    def _found(self, context: Context, authenticator: Authenticator, bare: str) -> bytes | None:
        try:
            kept = msgspec.msgpack.decode(authenticator.material, type=Material)
            mine = _hash(context, authenticator.id, bare, kept.key_id)
        except (msgspec.MsgspecError, ValueError, KeyError):
            return None
        matches = [each for each in kept.hashes if equal(each, mine)]
        return matches[0] if matches else None
