"""The composition root: a configuration becomes services, and services an ASGI application.

Whatever opens a file opens it at startup, so that a worker that cannot do its work never answers.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from datetime import tzinfo
from functools import partial
from logging import Logger, getLogger
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.routing import Route, Router

from newel.config.tree import Config
from newel.crypto import key_file
from newel.crypto.hashing import PasswordPool
from newel.domain.value import dataclass
from newel.flows.policies import PolicyWatch
from newel.flows.registrations import StoreRegistry
from newel.flows.velocity import StoreCounters
from newel.http.adapter import Adapter, Failed, Failure, json_failure
from newel.http.assets import load_assets, static
from newel.http.errors import RequestError
from newel.http.page_views import PageViews
from newel.http.pages import House, Renderer, failure_page
from newel.http.ratelimit import retry_after
from newel.http.request import Request
from newel.http.responses import Response
from newel.i18n.catalogue import read_catalogues
from newel.i18n.wording import Wording
from newel.oauth.authorize import Front, NotRedirectable, authorize_endpoint
from newel.oauth.table import ENDPOINTS
from newel.pdp.endpoint import failure as pdp_failure
from newel.pdp.point import Point
from newel.pdp.table import ENDPOINTS as PDP
from newel.policy.base import Policy
from newel.policy.shipped import shipped
from newel.services import ActivePolicy, Services, audit_key
from newel.storage.checkpoints import Checkpoints
from newel.storage.sqlite import open_store
from newel.storage.sweep import sweep
from newel.web.desk import Desk
from newel.web.first_page import first_page
from newel.web.refusals import request_over, unknown_application, unreadable
from newel.web.table import HEALTH, PAGES
from newel.web.views import Frame

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ASGI = Callable[[Any, Any, Any], Awaitable[None]]

CHECKPOINT_EVERY = 30
SWEEP_EVERY = 60
POLICY_LOOKS = 0.25
"""Seconds after which a worker knows of another policy at the latest."""


def milliseconds() -> int:
    """The Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Application:
    """An ASGI application that opens its store at startup and closes it at shutdown."""

    config: Config
    policy: Policy | None
    log: Logger
    clock: Callable[[], int]
    _router: ASGI | None = None
    _services: Services | None = None
    _checkpoints: Checkpoints | None = None
    _watch: PolicyWatch | None = None
    _duties: list[asyncio.Task[None]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._router is not None:
            await self._router(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except BaseException as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Open the store and take up the duties."""
        config = self.config
        vault = key_file.load(config.secrets.master_key_file)
        key = audit_key(vault)
        store = await open_store(config.storage.database, audit_key=key, now_ms=self.clock())
        catalogues, zone = read_catalogues(), ZoneInfo(config.organisation.zone)
        self._services = Services(
            config=config,
            store=store,
            vault=vault,
            active=ActivePolicy(self.policy or shipped()),
            pool=PasswordPool(threads=config.passwords.threads, waiting=config.passwords.queue),
            clock=self.clock,
            random=os.urandom,
            log=self.log,
            wordings={name: Wording(name, catalogue, zone) for name, catalogue in catalogues.items()},
        )
        self._router = router(self._services, vault.mac("form", b""), zone)
        if self.policy is None:
            self._watch = PolicyWatch(self._services)
            await self._watch.look()
        self._checkpoints = Checkpoints(config.storage.checkpoint_file, key)
        await self._checkpoint()
        self._duties = [
            asyncio.create_task(self._every(CHECKPOINT_EVERY, self._checkpoint)),
            asyncio.create_task(self._every(SWEEP_EVERY, self._sweeper())),
        ]
        if self._watch is not None:
            self._duties.append(asyncio.create_task(self._every(POLICY_LOOKS, self._watch.look)))

    async def stop(self) -> None:
        """Write a last checkpoint and close the store."""
        for duty in self._duties:
            duty.cancel()
        if self._services is not None:
            await self._checkpoint()
            await self._services.store.close()
            self._services.pool.close()

    async def _checkpoint(self) -> None:
        if self._checkpoints is not None and self._services is not None:
            await self._checkpoints.write(self._services.store, self._services.now())

    def _sweeper(self) -> Callable[[], Awaitable[None]]:
        cursors: dict[str, str] = {}

        async def once() -> None:
            if self._services is not None:
                cursors.update(await sweep(self._services.store, self._services.now(), cursors))

        return once

    async def _every(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await duty()
            except Exception:
                self.log.exception("a duty failed")


def build(
    config: Config,
    *,
    policy: Policy | None = None,
    log: Logger | None = None,
    clock: Callable[[], int] = milliseconds,
) -> Application:
    """The application for a configuration, deciding by `policy`, or by the one that is in force in its database.

    `clock` gives Unix milliseconds.
    """
    return Application(config, policy, log or getLogger("newel"), clock)


def router(services: Services, form_key: bytes, zone: tzinfo) -> ASGI:
    """Every route: protocol endpoints answer in JSON, pages in the person's language."""
    config, assets = services.config, load_assets()
    house = House(config.organisation.name, urlsplit(config.issuer).netloc, config.organisation.help_address or None)
    renderer = Renderer(house, catalogues=read_catalogues(), zone=zone, assets=assets)
    desk = Desk(services, renderer, form_key)
    front = Front(services, partial(_not_redirectable, desk), partial(first_page, desk))
    page_failed = failure_page(renderer)

    point = Point(
        services=services,
        registry=StoreRegistry(services.store),
        counters=StoreCounters(services.store, lambda: services.policy),
    )

    def adapter(context: Any, endpoint: Any, methods: tuple[str, ...], failed: Failed) -> Adapter[Any]:
        return Adapter(
            context, endpoint, methods=methods, limit=config.limits.body_bytes, failed=failed, log=services.log
        )

    views = PageViews(config.guessing.pages_per_address, config.guessing.window)
    counted = _counted(services, views)
    routes = [Route("/authorize", adapter(front, counted(authorize_endpoint), ("GET", "POST"), page_failed))]
    routes += [Route(path, adapter(services, endpoint, methods, json_failure)) for path, endpoint, methods in ENDPOINTS]
    routes += [Route(path, adapter(point, endpoint, methods, pdp_failure)) for path, endpoint, methods in PDP]
    routes += [Route(path, Methods(desk, page, page_failed, services)) for path, page in HEALTH]
    for path, page in PAGES:
        limited = {method: counted(endpoint) for method, endpoint in page.items()}
        routes.append(Route(path, Methods(desk, limited, page_failed, services)))
    routes.append(Route("/static/{hash}/{name}", adapter(assets, static, ("GET",), page_failed)))
    return by_address(routes, _not_found(page_failed))


def by_address(routes: list[Route], default: ASGI) -> ASGI:
    """Route by the whole address where it has no parts that vary, else by pattern, in order."""
    exact: dict[str, ASGI] = {route.path: route.app for route in routes if "{" not in route.path}
    patterns = Router([route for route in routes if "{" in route.path], default=default)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await exact.get(scope["path"], patterns)(scope, receive, send)

    return application


class Methods:
    """One page's address: GET shows, POST acts."""

    def __init__(self, desk: Desk, page: Mapping[str, Any], failed: Failed, services: Services) -> None:
        limit, allowed = services.config.limits.body_bytes, tuple(page)
        self._adapters = {
            method: Adapter(desk, endpoint, methods=allowed, limit=limit, failed=failed, log=services.log)
            for method, endpoint in page.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the method's endpoint; one that has none is refused by any of them."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        adapter = self._adapters.get(method) or next(iter(self._adapters.values()))
        await adapter(scope, receive, send)


def _counted(services: Services, views: PageViews) -> Callable[[Any], Any]:
    """Count each use of a page under its address before it is answered."""

    def counted(endpoint: Any) -> Any:
        async def limited(context: Any, request: Request) -> Response:
            wait = views.wait(request.client_address, services.now())
            if wait is not None:
                raise RequestError(429, "too many pages from this address", headers=(retry_after(wait),))
            return await endpoint(context, request)  # type: ignore[no-any-return]  # an endpoint answers a Response

        return limited

    return counted


def _not_redirectable(desk: Desk, request: Request, what: NotRedirectable) -> Response:
    refusal = {"application": unknown_application, "over": request_over, "unreadable": unreadable}[what]
    return desk.page(refusal(Frame()), request, status=400)


def _not_found(failed: Failed) -> Callable[[Any, Any, Any], Awaitable[None]]:
    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = failed(headers, Failure(404, "not_found", "there is nothing at this address"))
        raw = [(name.encode(), value.encode()) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        await send({"type": "http.response.body", "body": response.body})

    return answer
