"""Revoke: a client takes back a token (RFC 7009). A refresh token takes its family along (S29)."""

from newel.domain.audit import Entry
from newel.domain.client import Client
from newel.flows.bearer import standing_token
from newel.services import Services, split_token
from newel.storage.base import Statement, Unit
from newel.storage.sql.grants import family
from newel.storage.sql.revocations import revoke_family, revoke_token


async def revoke(services: Services, client: Client, token: str) -> None:
    """End a token of this client; unknown tokens and other clients' change nothing and are not told apart."""
    now = services.now()
    statements = await _of_refresh(services, client, token, now) or await _of_access(services, client, token, now)
    if statements:
        await services.store.commit(
            Unit(statements, audit=Entry(kind="token.revoked", at=now, body={"client": client.id}))
        )


async def _of_refresh(services: Services, client: Client, token: str, now: int) -> tuple[Statement, ...]:
    parts = split_token(token)
    row = await services.store.one(family(parts[0])) if parts else None
    if parts is None or row is None or row.grant.client_id != client.id:
        return ()
    if parts[1] not in {row.refresh_hash, row.previous_hash}:
        return ()
    return revoke_family(row.grant.family, now)


async def _of_access(services: Services, client: Client, token: str, now: int) -> tuple[Statement, ...]:
    found = await standing_token(services, token)
    if found is None or found.claims.get("client_id") != client.id:
        return ()
    return revoke_token(str(found.claims["jti"]), now, int(found.claims["exp"]))
