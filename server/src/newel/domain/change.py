"""Conditional updates that a verified proof demands. Storage applies each as one statement; if the row moved, the
proof is refused (S13).
"""

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class AdvanceCounter:
    """Set an authenticator's counter to `to` only while it is below: TOTP steps, WebAuthn signature counts."""

    authenticator: str
    to: int


@dataclass(frozen=True, slots=True)
class SpendRecoveryCode:
    """Mark one unspent recovery code, known by its keyed hash (32 bytes), as spent."""

    authenticator: str
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class ReplaceMaterial:
    """Replace an authenticator's material only while it is still `old` (a password hash under better parameters)."""

    authenticator: str
    old: bytes
    new: bytes


Change = AdvanceCounter | SpendRecoveryCode | ReplaceMaterial
