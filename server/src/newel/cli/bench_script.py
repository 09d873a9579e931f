"""The requests of one measured flow, as bytes: what a browser and its client send for a step-up with an app's code."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from newel.cli.bench_accounts import Account, Accounts
from newel.crypto import base64url
from newel.factors import totp
from newel.http.browser import BROWSER_COOKIE, SESSION_COOKIE

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64url.encode(hashlib.sha256(VERIFIER.encode()).digest())
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
)
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "


@dataclass(frozen=True, slots=True)
class Script:
    """The requests of a flow as bytes, made of the parts that change."""

    host: str
    origin: str
    query: str
    basic: str
    redirect: str
    pushes: bool
    client_id: str

    def first(self, account: Account) -> bytes:
        """What a flow begins with."""
        return self.push() if self.pushes else self.get(f"/authorize?{self.query}", account)

    def push(self) -> bytes:
        """The client's pushed authorization request (RFC 9126)."""
        return self._call("/par", self.query)

    def pushed(self, request_uri: str, account: Account) -> bytes:
        """The browser's authorization request by reference."""
        asked = urlencode({"client_id": self.client_id, "request_uri": request_uri})
        return self.get(f"/authorize?{asked}", account)

    def get(self, path: str, account: Account) -> bytes:
        """A browser's request for a page."""
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{BROWSER}{_cookies(account)}\r\n".encode()

    def answer(self, path: str, account: Account, csrf: str, now: float) -> bytes:
        """The page's form with the app's present code."""
        body = f"csrf={csrf}&way=totp&otp={totp.code(account.seed, totp.step_at(int(now)))}"
        head = f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nOrigin: {self.origin}\r\n{BROWSER}{_cookies(account)}"
        return f"{head}{FORM}{len(body)}\r\n\r\n{body}".encode()

    def redeem(self, code: str) -> bytes:
        """The client's exchange of a code."""
        body = f"grant_type=authorization_code&code={code}&redirect_uri={self.redirect}&code_verifier={VERIFIER}"
        return self._call("/token", body)

    def _call(self, path: str, body: str) -> bytes:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: application/json\r\nAuthorization: {self.basic}\r\n"
        )
        return f"{head}{FORM}{len(body)}\r\n\r\n{body}".encode()


def script(issuer: str, accounts: Accounts, *, pushes: bool) -> Script:
    """The requests at one issuer; `pushes` sends the authorization request through /par."""
    asked = {
        "response_type": "code",
        "client_id": accounts.client_id,
        "redirect_uri": accounts.redirect_uri,
        "scope": "openid payments",
        "state": "af0ifjsldkj29xk",
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "acr_values": "aal2",
    }
    return Script(
        host=urlsplit(issuer).netloc,
        origin=issuer,
        query=urlencode(asked),
        basic="Basic " + b64encode(f"{accounts.client_id}:{accounts.client_secret}".encode()).decode(),
        redirect=quote(accounts.redirect_uri, safe=""),
        pushes=pushes,
        client_id=accounts.client_id,
    )


def _cookies(account: Account) -> str:
    return f"Cookie: {SESSION_COOKIE}={account.session}; {BROWSER_COOKIE}={account.browser}\r\n"
