"""A person's browser as a plain HTTP client: cookies by hand (Secure ones over http too), no redirects followed."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypedDict
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2


class Form(TypedDict):
    """A form of a page: where it goes, its fields with what stands in them, and the attributes of its element."""

    action: str
    fields: dict[str, str]
    data: dict[str, str | None]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.title = ""
        self._in_title = False
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.forms.append({"action": values.get("action") or "", "fields": {}, "data": values})
        elif tag == "input" and self.forms and (name := values.get("name")):
            self.forms[-1]["fields"][name] = values.get("value") or ""
        elif tag == "title":
            self._in_title = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        self.text.append(data)


@dataclass
class Page:
    """One answer, with its forms read."""

    status: int
    url: str
    headers: httpx2.Headers
    body: str

    @property
    def parsed(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.body)
        return parser

    @property
    def title(self) -> str:
        return self.parsed.title

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.parsed.text))

    @property
    def location(self) -> str | None:
        found = self.headers.get("location")
        return urljoin(self.url, found) if found else None

    @property
    def answer(self) -> dict[str, str]:
        """The parameters of a redirect to a client."""
        return dict(parse_qsl(urlsplit(self.location or "").query))

    def form(self, *names: str) -> Form:
        """The first form that has all these fields."""
        return next(f for f in self.parsed.forms if all(name in f["fields"] for name in names))


def _shown_at(url: str, body: str) -> str:
    """The address the page's script puts into the bar: the interaction's own."""
    here = re.search(r'<body[^>]* data-here="([^"]+)"', body)
    return urljoin(url, here[1]) if here and urlsplit(url).path == "/authorize" else url


@dataclass
class Browser:
    """A browser at one issuer; `origin` is what it sends as Origin with a POST."""

    issuer: str
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self._http = httpx2.Client(follow_redirects=False, timeout=30)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        content: str | bytes | None = None,
    ) -> Page:
        sent = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **(headers or {})}
        if method == "POST":
            sent.setdefault("origin", self.issuer)
        response = self._http.request(method, urljoin(self.issuer, url), headers=sent, data=data, content=content)
        for raw in response.headers.get_list("set-cookie"):
            name, _, rest = raw.partition("=")
            value = rest.partition(";")[0]
            if "max-age=0" in raw.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return Page(response.status_code, _shown_at(str(response.url), response.text), response.headers, response.text)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Page:
        return self.request("GET", url, headers=headers)

    def follow(self, page: Page) -> Page:
        """Follow redirects as long as they stay at the issuer."""
        while page.location and page.location.startswith(self.issuer + "/"):
            page = self.get(page.location)
        return page

    def post(self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Page:
        return self.request("POST", url, data=fields, headers=headers)

    def submit(self, page: Page, *, has: tuple[str, ...] = (), **values: str) -> Page:
        """Fill in the form that has these fields and send it."""
        form = page.form(*(has or tuple(values)))
        fields = {**form["fields"], **values}
        return self.post(form["action"], fields)

    def close(self) -> None:
        self._http.close()


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize_url(client_id: str, redirect_uri: str, **more: str) -> str:
    """An authorization request with PKCE."""
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return "/authorize?" + urlencode({k: v for k, v in parameters.items() if v != ""})
