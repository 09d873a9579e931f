"""Authentication methods: what each one is, what it costs a person, and how it is named on the wire.

`Method.kind` follows NIST SP 800-63B-4 section 2: two proofs of one kind are one factor (S03).
"""

from enum import StrEnum

from newel.domain.value import dataclass


class Kind(StrEnum):
    """The kind of factor a method is evidence of."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    RECOVERY = "recovery"  # a printed code lets its owner back in and completes nothing


@dataclass(frozen=True, slots=True)
class Method:
    """One way to authenticate.

    `friction` is what a challenge costs the person (1 is least); `amr` are the RFC 8176 values of its events;
    `signs` says that its proof can sign the digest of what was shown (S17).
    """

    name: str
    kind: Kind
    friction: int
    amr: tuple[str, ...]
    phishing_resistant: bool = False
    signs: bool = False


PASSWORD = Method("password", Kind.KNOWLEDGE, 4, ("pwd",))
TOTP = Method("totp", Kind.POSSESSION, 3, ("otp",))
PASSKEY = Method("passkey", Kind.POSSESSION, 1, (), phishing_resistant=True, signs=True)
SECURITY_KEY = Method("security_key", Kind.POSSESSION, 2, (), phishing_resistant=True, signs=True)
RECOVERY_CODE = Method("recovery_code", Kind.RECOVERY, 20, ("otp",))

METHODS = {method.name: method for method in (PASSWORD, TOTP, PASSKEY, SECURITY_KEY, RECOVERY_CODE)}
