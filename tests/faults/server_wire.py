"""What a browser and its client send to a server and keep of the answers: the requests of a sign-in and a step-up."""

import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from newel.factors import totp
from newel.storage.base import Store
from tests.faults.course import Fault
from tests.simulators.person import CHALLENGE, VERIFIER

ISSUER = "https://id.example"
NAME, PASSWORD, SEED = "alex", "copper lantern 58", bytes(range(20))
CLIENT, REDIRECT = "bank", "https://bank.example/callback"
MOST_PAGES = 8
HERE = re.compile(r'data-here="([^"]+)"')
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
ASKS = re.compile(r'name="(password|otp)"')
LEFT = re.compile(r"(\d+) (?:try|tries) left")


@dataclass(frozen=True)
class Knows:
    """What browser and client know: cookies, pages (address, csrf, what is asked), codes, tokens (access, refresh)."""

    cookies: dict[str, str] = field(default_factory=dict)
    pages: tuple[tuple[str, str, str], ...] = ()
    codes: tuple[str, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()


@dataclass
class Wire:
    """A server without a socket, the store under it, and the time at which it is spoken to, in Unix seconds."""

    http: httpx2.AsyncClient
    store: Store
    now: int

    def code(self, drift: int = 0) -> str:
        """What the person's app shows, `drift` steps from now."""
        return totp.code(SEED, totp.step_at(self.now) + drift)

    def wrong_code(self) -> str:
        """Six digits that the app does not show now."""
        shown = {self.code(drift) for drift in (-1, 0, 1)}
        return next(each for each in ("111111", "222222", "333333", "444444") if each not in shown)

    async def get(self, knows: Knows, address: str) -> tuple[Knows, httpx2.Response]:
        """Get a page."""
        return _kept(knows, await self.http.get(address, headers=_cookies(knows)))

    async def post(self, knows: Knows, page: tuple[str, str, str], **form: str) -> tuple[Knows, httpx2.Response]:
        """Send a page's form."""
        address, csrf, _ = page
        headers = {**_cookies(knows), "origin": ISSUER}
        return _kept(knows, await self.http.post(address, data={"csrf": csrf, **form}, headers=headers))

    async def client(self, path: str, **form: str) -> httpx2.Response:
        """A request of the client."""
        return await self.http.post(path, data={**form, "client_id": CLIENT})

    async def ask(self, knows: Knows, **more: str) -> Knows:
        """Come with an authorization request; the page that asks, or the code where nothing is asked."""
        knows, response = await self.get(knows, authorization(**more))
        return await self.arrived(knows, response)

    async def answer(self, knows: Knows, **form: str) -> Knows:
        """Answer the page one is at; the code it leads to, or the page that asks on."""
        knows, response = await self.post(knows, knows.pages[-1], **form)
        return await self.arrived(knows, response)

    async def arrived(self, knows: Knows, response: httpx2.Response) -> Knows:
        """Follow the server's redirects to its page, or to the client with a code."""
        for _ in range(MOST_PAGES):
            location = response.headers.get("location", "")
            if location.startswith(REDIRECT):
                return _with_code(knows, location)
            if not location:
                return _with_page(knows, response)
            knows, response = await self.get(knows, location)
        raise Fault("redirects without an end")

    async def redeem(self, knows: Knows, code: str) -> Knows:
        """Exchange a code."""
        response = await self.redeeming(code)
        return replace(knows, tokens=(*knows.tokens, _tokens(response)))

    async def redeeming(self, code: str) -> httpx2.Response:
        """The answer to a code, whatever it is."""
        return await self.client(
            "/token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER
        )

    async def refresh(self, knows: Knows, token: str) -> Knows:
        """Exchange a refresh token."""
        return replace(knows, tokens=(*knows.tokens, _tokens(await self.refreshing(token))))

    async def refreshing(self, token: str) -> httpx2.Response:
        """The answer to a refresh token, whatever it is."""
        return await self.client("/token", grant_type="refresh_token", refresh_token=token)

    async def revoke(self, token: str) -> None:
        """Take back a token."""
        expect(await self.client("/revoke", token=token), 200)

    async def stands(self, access: str) -> bool:
        """Whether an access token stands: the server tells who it is about."""
        response = await self.http.get("/userinfo", headers={"authorization": f"Bearer {access}"})
        return expect(response, 200, 401).status_code == 200


def authorization(**more: str) -> str:
    """The address of an authorization request."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": "openid offline_access",
        "state": "state",
        "nonce": "nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return "/authorize?" + urlencode(asked)


def expect(response: httpx2.Response, *statuses: int) -> httpx2.Response:
    """The answer, where it has one of these statuses. Fault for any other."""
    if response.status_code not in statuses:
        raise Fault(
            f"{response.request.url.path} answered {response.status_code}, not {statuses}: {response.text[:300]}"
        )
    return response


def tries_left(page: str) -> int | None:
    """How many tries a page says are left; None where it says nothing of them."""
    said = LEFT.search(page)
    return int(said[1]) if said else None


def _cookies(knows: Knows) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in knows.cookies.items()), "accept": "text/html"}


def _kept(knows: Knows, response: httpx2.Response) -> tuple[Knows, httpx2.Response]:
    cookies = dict(knows.cookies)
    for raw in response.headers.get_list("set-cookie"):
        name, _, rest = raw.partition("=")
        cookies[name] = rest.partition(";")[0]
    return replace(knows, cookies=cookies), response


def _with_code(knows: Knows, location: str) -> Knows:
    answer = dict(parse_qsl(urlsplit(location).query))
    if "code" not in answer:
        raise Fault(f"the client was told {answer}")
    return replace(knows, codes=(*knows.codes, answer["code"]))


def _with_page(knows: Knows, response: httpx2.Response) -> Knows:
    page = expect(response, 200).text
    here, csrf, asks = HERE.search(page), CSRF.search(page), ASKS.search(page)
    if here is None or csrf is None or asks is None:
        raise Fault(f"{response.request.url.path} is no page that asks: {page[:300]}")
    return replace(knows, pages=(*knows.pages, (here[1], csrf[1], asks[1])))


def _tokens(response: httpx2.Response) -> tuple[str, str]:
    members: dict[str, Any] = expect(response, 200).json()
    return members["access_token"], members["refresh_token"]
