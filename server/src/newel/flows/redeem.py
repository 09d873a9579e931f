"""Redeem: a code or a refresh token against tokens. The client was authenticated before anything is consumed (S13)."""

from newel.crypto.hashing import equal, pkce_matches, secret_hash
from newel.domain.audit import Entry
from newel.domain.client import Client
from newel.domain.errors import InvalidGrant, InvalidScope, InvalidTarget
from newel.domain.grant import CodeGrant, Grant
from newel.domain.value import dataclass, replace
from newel.flows.decide import Person
from newel.flows.issue import Issued, Proven, demanded_life, granted_scope, issue, proven
from newel.flows.known import known_person
from newel.flows.meanwhile import elevation_now
from newel.flows.refresh_secret import new_secret, was_issued
from newel.services import Services, split_token
from newel.storage.base import Refused, Statement, Unit
from newel.storage.sql.codes import CodeRow, consume_code
from newel.storage.sql.codes import code as code_query
from newel.storage.sql.grants import PREVIOUS_LIVES, FamilyRow, add_family, check_refresh, family, rotate_refresh
from newel.storage.sql.revocations import revoke_family

GONE = "the code or token is unknown, used, expired or belongs to someone else"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint answers with."""

    issued: Issued
    refresh_token: str | None


async def redeem_code(
    services: Services,
    client: Client,
    code: str,
    redirect_uri: str | None,
    verifier: str | None,
    resources: tuple[str, ...],
) -> Tokens:
    """Exchange a code. InvalidGrant for anything wrong; a code that comes again ends what it issued.

    What the code is bound to is checked first; then it is consumed and its family stored in one transaction. A wrong
    redirect or verifier burns it, so that nothing is left for a second guess.
    """
    now = services.now()
    parts = split_token(code)
    if parts is None:
        raise InvalidGrant(GONE)
    row = await services.store.one(code_query(parts[0]))
    consume = consume_code(parts[0], parts[1], client.id, now)
    if row is None or row.client_id != client.id or not equal(row.secret_hash, parts[1]) or row.used_at is not None:
        await _replayed(services, row, parts[1], client, now)
        raise InvalidGrant(GONE)
    waiting = row.grant
    if fault := _mismatch(waiting, redirect_uri, verifier):
        await services.store.commit(
            Unit((consume,), audit=_entry("code.burnt", client, waiting.grant, now, reason=fault))
        )
        raise InvalidGrant(fault)
    grant = waiting.grant
    if resources:
        grant = replace(grant, audience=_narrowed(grant.audience, resources))
    person, proof = await _still(services, grant, now)
    grant = replace(grant, elevation=elevation_now(services, waiting, person, proof))
    scope = granted_scope(services, grant, person, proof, waiting.facts)
    secret = new_secret(services, grant.family) if "offline_access" in scope else None
    issued = await issue(
        services,
        grant,
        person,
        proof,
        scope=scope,
        audience=grant.audience,
        nonce=waiting.nonce,
        now=now,
        elevated=True,
        most=demanded_life(services, grant, person, proof, scope, waiting),
        id_signing=client.id_signing,
    )
    keep = replace(grant, elevation=None, audience=waiting.grant.audience)
    stored = add_family(keep, secret_hash(secret) if secret else None, now + services.config.lives.refresh_token)
    entry = _entry("token.issued", client, grant, now, acr=proof.acr, elevated=issued.elevation is not None)
    if isinstance(await services.store.commit(Unit((consume, stored), audit=entry)), Refused):
        await _replayed(services, await services.store.one(code_query(parts[0])), parts[1], client, now)
        raise InvalidGrant(GONE)
    return Tokens(issued, f"{grant.family}.{secret}" if secret else None)


async def _still(services: Services, grant: Grant, now: int) -> tuple[Person, Proven]:
    """The person of a grant and what its evidence still proves. InvalidGrant where nothing is left of either."""
    person = await known_person(services, grant.subject)
    proof = proven(services, grant, person, now) if person else None
    if person is None or proof is None:
        raise InvalidGrant(GONE)
    return person, proof


async def _replayed(services: Services, row: CodeRow | None, presented: bytes, client: Client, now: int) -> None:
    """A code that was used before came again, with its secret and from its client: what it issued ends (RFC 6749 4.1.2)."""
    statements: tuple[Statement, ...] = ()
    if row is not None and row.used_at is not None and equal(row.secret_hash, presented) and row.client_id == client.id:
        statements = revoke_family(row.family, now)
    body = {"client": client.id, "revoked": bool(statements)}
    await services.store.commit(Unit(statements, audit=Entry(kind="code.replayed", at=now, body=body)))


def _mismatch(waiting: CodeGrant, redirect_uri: str | None, verifier: str | None) -> str | None:
    """Why a consumed code may not be exchanged; None where all fits (RFC 6749 4.1.3, RFC 7636 4.6)."""
    if redirect_uri != waiting.redirect_uri:
        return "redirect_uri differs from the authorization request's"
    if waiting.code_challenge is None:
        return None if verifier is None else "a code_verifier without a code_challenge"
    if verifier is None or not pkce_matches(verifier, waiting.code_challenge):
        return "the code_verifier does not match"
    return None


async def refresh(
    services: Services, client: Client, token: str, scope: str | None, resources: tuple[str, ...]
) -> Tokens:
    """Exchange a refresh token (S29). acr and auth_time never move up; what was revoked or has lapsed is gone (S06)."""
    now = services.now()
    parts = split_token(token)
    if parts is None:
        raise InvalidGrant(GONE)
    grant = await _standing_grant(services, client, token, parts, now)
    person, proof = await _still(services, grant, now)
    kept, audience = (
        _narrow_scope(granted_scope(services, grant, person, proof), scope),
        _narrowed(grant.audience, resources),
    )
    successor = await _rotated(services, client, parts, now) if client.public else None
    issued = await issue(
        services,
        grant,
        person,
        proof,
        scope=kept,
        audience=audience,
        nonce=None,
        now=now,
        elevated=False,
        most=demanded_life(services, grant, person, proof, kept),
        id_signing=client.id_signing,
    )
    await services.store.commit(Unit(audit=_entry("token.refreshed", client, grant, now, acr=proof.acr)))
    return Tokens(issued, f"{grant.family}.{successor}" if successor else token)


async def _standing_grant(services: Services, client: Client, token: str, parts: tuple[str, bytes], now: int) -> Grant:
    """The grant of a refresh token; nothing turns before a request is known to be answered."""
    if not client.public:
        grant = await services.store.one(check_refresh(parts[0], client.id, parts[1], now))
    else:
        row = await services.store.one(family(parts[0]))
        grant = row.grant if row is not None and _rotates(row, client, parts[1], now) else None
        if grant is None and was_issued(services, parts[0], token.partition(".")[2]):
            await _reused(services, client, parts[0], now)
    if grant is None:
        raise InvalidGrant(GONE)
    return grant


def _rotates(row: FamilyRow, client: Client, presented: bytes, now: int) -> bool:
    """Whether `rotate_refresh` would take this token: the current one, or the one before it for a while."""
    if row.grant.client_id != client.id or row.revoked_at is not None or row.expires_at <= now:
        return False
    forgiven = row.rotated_at > now - PREVIOUS_LIVES and equal(row.previous_hash or b"", presented)
    return forgiven or equal(row.refresh_hash or b"", presented)


async def _rotated(services: Services, client: Client, parts: tuple[str, bytes], now: int) -> str:
    """The secret of the successor: only public clients' tokens rotate."""
    successor = new_secret(services, parts[0])
    rotate = rotate_refresh(parts[0], client.id, parts[1], secret_hash(successor), now)
    if isinstance(await services.store.commit(Unit((rotate,))), Refused):
        await _reused(services, client, parts[0], now)
        raise InvalidGrant(GONE)
    return successor


async def _reused(services: Services, client: Client, family_id: str, now: int) -> None:
    """An issued token of the family that is neither the current nor a forgivable previous one ends the family."""
    row = await services.store.one(family(family_id))
    if row is None or row.grant.client_id != client.id or row.revoked_at is not None or row.expires_at <= now:
        return
    entry = _entry("refresh.reused", client, row.grant, now)
    await services.store.commit(Unit(revoke_family(family_id, now), audit=entry))


def _narrowed(audience: tuple[str, ...], resources: tuple[str, ...]) -> tuple[str, ...]:
    if any(each not in audience for each in resources):
        raise InvalidTarget("resource was not part of the grant")
    return resources or audience


def _narrow_scope(granted: tuple[str, ...], asked: str | None) -> tuple[str, ...]:
    if asked is None:
        return granted
    wanted = asked.split()
    if any(each not in granted for each in wanted):
        raise InvalidScope("scope was not granted or is no longer met")
    return tuple(each for each in granted if each in wanted)


def _entry(kind: str, client: Client, grant: Grant, now: int, **body: object) -> Entry:
    return Entry(
        kind=kind,
        at=now,
        body={"client": client.id, "family": grant.family, **body},
        personal={"subject": grant.subject},
    )
