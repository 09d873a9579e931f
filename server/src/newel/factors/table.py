"""The factors by method, and which of them keep secrets that are sealed at rest."""

from collections.abc import Mapping

from newel.crypto.vault import Vault
from newel.domain.evidence import Authenticator
from newel.domain.value import replace
from newel.factors.base import Factor
from newel.factors.password import Password
from newel.factors.recovery_code import RecoveryCode
from newel.factors.totp import Totp
from newel.factors.webauthn import WebAuthn

FACTORS: Mapping[str, Factor] = {
    "password": Password(),
    "totp": Totp(),
    "passkey": WebAuthn("passkey"),
    "security_key": WebAuthn("security_key"),
    "recovery_code": RecoveryCode(),
}
_PURPOSE = "authenticator"


def sealed(authenticator: Authenticator, vault: Vault, *, nonce: bytes) -> Authenticator:
    """`authenticator` as it is stored: secret material sealed for this subject and authenticator alone (S32).

    `nonce` is 12 random bytes.
    """
    if not FACTORS[authenticator.method].secret_material:
        return authenticator
    material = vault.seal(_PURPOSE, authenticator.material, nonce=nonce, associated=_associated(authenticator))
    return replace(authenticator, material=material)


def opened(authenticator: Authenticator, vault: Vault) -> Authenticator:
    """`authenticator` as its factor verifies with it. SealRefused where the material was sealed for another."""
    if not FACTORS[authenticator.method].secret_material:
        return authenticator
    material = vault.open(_PURPOSE, authenticator.material, associated=_associated(authenticator))
    return replace(authenticator, material=material)


def _associated(authenticator: Authenticator) -> tuple[str, ...]:
    return (authenticator.subject, authenticator.id, authenticator.method)
