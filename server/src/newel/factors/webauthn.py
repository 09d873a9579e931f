"""WebAuthn (Level 3 sections 7.1 and 7.2): passkeys and security keys, one factor under two methods.

For a bound action the challenge commits to the digest of what is shown (S17), so the signature covers it. Attestation is
not asked for, not relied on, and never counted: what comes without being asked is checked only where the key signed it
itself. Algorithms, flags and counter are checked here; bytes are read in `crypto.ceremony`.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from newel.crypto import base64url, cose
from newel.crypto.ceremony import (
    AuthenticatorData,
    CeremonyRefused,
    ClientData,
    Registration,
    read_assertion,
    read_registration,
    self_attested,
)
from newel.crypto.hashing import equal
from newel.crypto.jwk import KeyRefused
from newel.domain import action
from newel.domain.change import AdvanceCounter
from newel.domain.evidence import Authenticator
from newel.domain.interaction import Challenge
from newel.domain.value import dataclass, replace
from newel.factors import base
from newel.factors.base import Account, Challenged, Confirmed, Context, Enrolment, Rejected, Verified

CHALLENGE_BYTES = 32
_METHODS = frozenset({"passkey", "security_key"})
_INSIDE = frozenset({"internal", "hybrid"})
_SELECTION: Mapping[str, Mapping[str, object]] = {
    "passkey": {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"},
    "security_key": {
        "authenticatorAttachment": "cross-platform",
        "residentKey": "discouraged",
        "requireResidentKey": False,
        "userVerification": "preferred",
    },
}


class Credential(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An authenticator's material: nothing in it is secret. `public_key` is an encoded COSE_Key."""

    credential_id: bytes
    public_key: bytes
    transports: tuple[str, ...]
    aaguid: bytes
    backup_eligible: bool
    backed_up: bool


def credential(authenticator: Authenticator) -> Credential | None:
    """The credential of a WebAuthn authenticator; None for any other."""
    if authenticator.method not in _METHODS:
        return None
    try:
        return msgspec.msgpack.decode(authenticator.material, type=Credential)
    except (msgspec.MsgspecError, ValueError):
        return None


def credential_id(material: bytes) -> bytes:
    """The credential id inside a WebAuthn authenticator's material."""
    return msgspec.msgpack.decode(material, type=Credential).credential_id


def unverified_credential_id(response: str) -> bytes | None:
    """The credential an assertion says it is of, by which storage finds the subject; None where it says nothing."""
    try:
        return read_assertion(response).credential_id
    except CeremonyRefused:
        return None


def unverified_subject(response: str) -> str | None:
    """The subject an assertion says it is of (its user handle); None where it says nothing."""
    try:
        handle = read_assertion(response).user_handle
        return None if handle is None else handle.decode()
    except ValueError:
        return None


def _descriptors(authenticators: tuple[Authenticator, ...]) -> list[dict[str, object]]:
    known = (each for each in map(credential, authenticators) if each is not None)
    return [
        {"type": "public-key", "id": base64url.encode(each.credential_id), "transports": each.transports}
        for each in known
    ]


def _json(options: Mapping[str, object]) -> str:
    return msgspec.json.encode(options).decode()


def _client_fault(context: Context, client: ClientData, kind: str, expected: bytes) -> Rejected | None:
    """What is wrong with what the browser says (section 7.1 steps 7 to 12, section 7.2 steps 10 to 15)."""
    if client.type != kind:
        return Rejected("malformed")
    if not equal(client.challenge, expected):
        return Rejected("wrong_challenge")
    if client.origin not in {context.origin, *context.further_origins} or client.embedded:
        return Rejected("wrong_origin")
    return None


def _data_fault(context: Context, data: AuthenticatorData, *, verify_user: bool) -> Rejected | None:
    """What is wrong with what the authenticator says (section 7.1 steps 13 to 18, section 7.2 steps 16 to 19)."""
    if not equal(data.rp_id_hash, hashlib.sha256(context.rp_id.encode()).digest()):
        return Rejected("wrong_origin")
    if not data.present:
        return Rejected("not_present")
    return Rejected("not_verified") if verify_user and not data.verified else None


def _statement_holds(registration: Registration, key: cose.CoseKey) -> bool:
    """Whether an attestation says nothing false that can be checked: none says nothing, self-signed says what it signs."""
    if registration.format == "none":
        return not registration.statement
    if registration.format == "packed" and "x5c" not in registration.statement:
        return self_attested(registration, key)
    return True


def _method(registration: Registration) -> str:
    """A roaming key that cannot be backed up and did not verify its user is a security key, all others are passkeys."""
    data = registration.data
    roaming = _INSIDE.isdisjoint(registration.transports)
    return "security_key" if roaming and not data.backup_eligible and not data.verified else "passkey"


@dataclass(frozen=True, slots=True)
class WebAuthn:
    """The factor of passkeys or of security keys, as `method` says."""

    method: Literal["passkey", "security_key"]

    @property
    def slow(self) -> bool:
        """Checking a signature takes well below a millisecond."""
        return False

    @property
    def secret_material(self) -> bool:
        """Public keys."""
        return False

    def enrol(self, context: Context, account: Account) -> Enrolment:
        """Options for `navigator.credentials.create` as JSON; credentials the account has are excluded."""
        secret = context.random(CHALLENGE_BYTES)
        options = {
            "rp": {"id": context.rp_id, "name": context.rp_name},
            "user": {
                "id": base64url.encode(account.id.encode()),
                "name": account.name,
                "displayName": account.display,
            },
            "challenge": base64url.encode(secret),
            "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in cose.ALLOWED],
            "timeout": base.LIVES * 1000,
            "excludeCredentials": _descriptors(account.authenticators),
            "authenticatorSelection": _SELECTION[self.method],
            "attestation": "none",
            "extensions": {"credProps": True},
        }
        return base.begin(context, account, self.method, secret, {"options": _json(options)})

    def confirm(
        self, context: Context, account: Account, draft: bytes, response: str, *, authenticator_id: str, name: str
    ) -> Confirmed | Rejected:
        """The new credential of a registration (section 7.1). What it turned out to be decides its method."""
        kept = base.resume(context, account, self.method, draft)
        if isinstance(kept, Rejected):
            return kept
        registration = self._registration(context, kept.secret, response)
        if isinstance(registration, Rejected):
            return registration
        held = {each.credential_id for each in map(credential, account.authenticators) if each is not None}
        if registration.credential_id in held:
            return Rejected("already_enrolled")
        return base.confirmation(
            context, _authenticator(context, account, registration, authenticator_id=authenticator_id, name=name)
        )

    def _registration(self, context: Context, secret: bytes, response: str) -> Registration | Rejected:
        if len(response) > base.MAX_RESPONSE:
            return Rejected("malformed")
        try:
            registration = read_registration(response)
        except CeremonyRefused:
            return Rejected("malformed")
        fault = _client_fault(context, registration.client, "webauthn.create", secret) or _data_fault(
            context, registration.data, verify_user=self.method == "passkey"
        )
        if fault is not None:
            return fault
        try:
            key = cose.load(registration.attested.public_key)
        except KeyRefused:
            return Rejected("unsupported")
        return registration if _statement_holds(registration, key) else Rejected("bad_signature")

    def challenge(self, context: Context, authenticators: tuple[Authenticator, ...]) -> Challenged:
        """A fresh challenge, which for a bound action is made of its digest and a nonce (S17)."""
        nonce = b"" if context.digest is None else context.random(action.NONCE_BYTES)
        secret = context.random(CHALLENGE_BYTES) if context.digest is None else action.challenge(context.digest, nonce)
        challenge = base.new_challenge(context, self.method, authenticators, secret=secret, nonce=nonce)
        return Challenged(challenge, self.public(context, challenge, authenticators))

    def public(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...]
    ) -> Mapping[str, Any]:
        """Options for `navigator.credentials.get` as JSON, from the kept challenge.

        User verification is required unless a key is asked that did not verify its user when it was enrolled.
        """
        named = base.asked(challenge, authenticators) if challenge.authenticators else ()
        verifying = all(each.user_verifying for each in named)
        options = {
            "challenge": base64url.encode(challenge.secret),
            "timeout": base.LIVES * 1000,
            "rpId": context.rp_id,
            "allowCredentials": _descriptors(named),
            "userVerification": "required" if verifying else "preferred",
        }
        return {"options": _json(options)}

    def verify(
        self, context: Context, challenge: Challenge, authenticators: tuple[Authenticator, ...], response: str
    ) -> Verified | Rejected:
        """Check an assertion (section 7.2)."""
        refusal = base.refusal(context, challenge, self.method, response)
        if refusal is not None:
            return refusal
        try:
            assertion = read_assertion(response)
        except CeremonyRefused:
            return Rejected("malformed")
        found = [
            (each, held)
            for each in base.asked(challenge, authenticators)
            if (held := credential(each)) is not None and held.credential_id == assertion.credential_id
        ]
        if not found:
            return Rejected("unknown_credential")
        authenticator, held = found[0]
        if not _names(assertion.user_handle, authenticator.subject, required=not challenge.authenticators):
            return Rejected("wrong_subject")
        if not _committed(challenge):
            return Rejected("wrong_challenge")
        fault = _client_fault(context, assertion.client, "webauthn.get", challenge.secret) or _data_fault(
            context, assertion.data, verify_user=authenticator.user_verifying
        )
        if fault is not None:
            return fault
        try:
            key = cose.load(held.public_key)
        except KeyRefused:
            return Rejected("unsupported")
        if not cose.signed_by(key, assertion.signature, assertion.signed):
            return Rejected("bad_signature")
        return _counted(context, challenge, authenticator, held, assertion.data)


def _authenticator(
    context: Context, account: Account, registration: Registration, *, authenticator_id: str, name: str
) -> Authenticator:
    data, attested = registration.data, registration.attested
    material = Credential(
        attested.credential_id,
        attested.public_key,
        registration.transports,
        attested.aaguid,
        data.backup_eligible,
        data.backed_up,
    )
    return Authenticator(
        id=authenticator_id,
        subject=account.id,
        method=_method(registration),
        name=name,
        created_at=context.now,
        material=msgspec.msgpack.encode(material),
        counter=data.count,
        last_used_at=context.now,
        user_verifying=data.verified,
        device_bound=not data.backup_eligible,
    )


def _names(user_handle: bytes | None, subject: str, *, required: bool) -> bool:
    """Whether the user handle is the subject's (section 7.2 step 6); keys that are not discoverable may send none."""
    return not required if user_handle is None else equal(user_handle, subject.encode())


def _committed(challenge: Challenge) -> bool:
    """Whether the kept challenge is the one its digest and nonce make; one that is bound to nothing has no nonce."""
    if challenge.digest is None:
        return len(challenge.secret) == CHALLENGE_BYTES and not challenge.nonce
    try:
        return equal(challenge.secret, action.challenge(challenge.digest, challenge.nonce))
    except action.ActionRefused:
        return False


def _counted(
    context: Context, challenge: Challenge, authenticator: Authenticator, held: Credential, data: AuthenticatorData
) -> Verified | Rejected:
    """The event of a signed assertion, unless flags or counter show a copy (section 6.1.1; section 6.1.3, BE is fixed).

    A key that verifies its user now but did not when it was enrolled counts as not verifying: whoever stole it could
    have set the PIN (section 7.2, note on uvInitialized).
    """
    stale = data.count <= authenticator.counter and (data.count or authenticator.counter)
    if stale or data.backup_eligible != held.backup_eligible:
        return Rejected("cloned")
    event = base.proof(context, challenge, authenticator)
    verified = data.verified and authenticator.user_verifying
    change = AdvanceCounter(authenticator.id, data.count) if data.count else None
    return Verified(replace(event, user_verified=verified), change)
