"""Composition: settings become the parts, the parts become one application."""

import os
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import Response

from bank import customers
from bank.api import api, problem
from bank.asking import Asking
from bank.desk import Desk
from bank.keys import derived
from bank.looking import entrance, statements
from bank.naming import Naming
from bank.paying import payee_list, payments
from bank.rendering import Renderer
from bank.sessions import BankSessions
from bank.transfer import Refused, Sending
from newel_sdk import Client, ClientSecret, DecisionPoint, Guard, Intents, SqliteSpentStore
from newel_sdk.asgi import polling
from newel_sdk.client import Tokens
from newel_sdk.clock import unix_time
from newel_sdk.fastapi import Pages
from newel_sdk.fetch.base import Fetch
from newel_sdk.jwks.remote import RemoteKeys
from newel_sdk.resume import SqliteIntentStore
from newel_sdk.verify.epoch import EpochWatch

SCOPE = "openid profile offline_access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the bank must be told: its own origin, its authorization server, its credentials and its key (32 bytes)."""

    origin: str
    issuer: str
    client_id: str
    client_secret: str
    key: bytes


def build(
    settings: Settings,
    db: sqlite3.Connection,
    *,
    fetch: Fetch | None = None,
    clock: Callable[[], int] = unix_time,
    random: Callable[[int], bytes] = os.urandom,
) -> FastAPI:
    """The bank over one database; `fetch`, `clock` and `random` are replaced in tests."""
    keys = RemoteKeys(settings.issuer, fetch=fetch, clock=clock)
    pdp = DecisionPoint(
        pdp=settings.issuer,
        client_id=settings.client_id,
        authentication=ClientSecret(settings.client_secret),
        fetch=keys.fetch,
        clock=clock,
        random=random,
    )
    guard = Guard(
        issuer=settings.issuer,
        audience=settings.origin,
        keys=keys,
        epoch=EpochWatch(keys, clock=clock),
        pdp=pdp,
        clock=clock,
    )
    SqliteSpentStore(db, clock)  # makes its table
    asking = Asking.of(guard, pdp, Sending(db, clock))
    desk, pages = _front(settings, db, guard, keys, clock=clock, random=random)

    async def not_made(request: Request, error: Exception) -> Response:  # ruff: ignore[unused-async] - else it runs in a thread
        assert isinstance(error, Refused)
        return problem(error) if request.url.path.startswith("/api/") else desk.not_made(request, error)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        async with polling(guard):
            yield

    app = FastAPI(title="Acme Bank", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refused, not_made)
    pages.install(app)
    app.include_router(entrance(desk, guard, pages))
    app.include_router(statements(desk, guard, pages))
    app.include_router(payments(desk, guard, pages, asking))
    app.include_router(payee_list(desk, guard, pages))
    app.include_router(api(guard, asking=asking))
    return app


def _front(
    settings: Settings,
    db: sqlite3.Connection,
    guard: Guard,
    keys: RemoteKeys,
    *,
    clock: Callable[[], int],
    random: Callable[[int], bytes],
) -> tuple[Desk, Pages]:
    """The desk, and the pages that ask the guard and lead to the authorization server."""
    client = Client(
        issuer=settings.issuer,
        client_id=settings.client_id,
        redirect_uri=f"{settings.origin}/callback",
        authentication=ClientSecret(settings.client_secret),
        scope=SCOPE,
        resource=settings.origin,
        fetch=keys.fetch,
        keys=keys,
        clock=clock,
        random=random,
    )
    intents = Intents(
        store=SqliteIntentStore(db),
        key=derived(settings.key, "intents"),
        application="bank",
        clock=clock,
        random=random,
    )
    naming = Naming(keys.fetch, settings.issuer)

    async def greet(tokens: Tokens) -> None:
        name = await naming(tokens)
        customers.welcome(db, subject=tokens.subject, name=name, now=clock())

    sessions = BankSessions(db, key=derived(settings.key, "sessions"), clock=clock, random=random, greet=greet)
    desk = Desk(db=db, renderer=Renderer(settings.issuer), sessions=sessions, intents=intents)
    pages = Pages(
        guard=guard, client=client, sessions=sessions, intents=intents, origin=settings.origin, refused=desk.refused
    )
    return desk, pages
