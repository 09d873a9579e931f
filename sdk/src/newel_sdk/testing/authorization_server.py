"""A simulated authorization server: PAR, a person who decides, the token endpoint, a policy decision point; no socket."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from newel_sdk.encoding import base64url
from newel_sdk.errors import FetchFailed
from newel_sdk.fetch.base import Response
from newel_sdk.testing.decision_point import SimulatedPoint
from newel_sdk.testing.issuer import Issuer, down_set

Form = Mapping[str, str]


class AuthorizationServer:
    """Hand `fetch` to a Client and a Guard, then `approve` or `refuse` what the client's redirect asks for.

    `pdp.decide` answers what a guard's DecisionPoint asks.
    """

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.pushed: dict[str, Form] = {}
        self.calls: list[tuple[str, Mapping[str, str], Form]] = []
        self.fail_with: str | None = None
        self.unreachable = False
        self.pdp = SimulatedPoint(issuer.issuer)
        self._codes: dict[str, tuple[Form, dict[str, Any]]] = {}
        self._refresh: dict[str, dict[str, Any]] = {}

    async def fetch(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Serve the issuer's documents, /par, /token, and the decision point where it decides."""
        if self.unreachable:
            raise FetchFailed("unreachable, as the test says")
        decided = self.pdp.answer(method, url.removeprefix(self.issuer.issuer), headers or {}, body or b"")
        if decided is not None:
            return decided
        if method != "POST":
            return await self.issuer.fetch(method, url, headers=headers, body=body)
        path, form = url.removeprefix(self.issuer.issuer), dict(parse_qsl((body or b"").decode("ascii")))
        self.calls.append((path, headers or {}, form))
        if self.fail_with is not None:
            return _answer(400, {"error": self.fail_with, "error_description": "told to fail"})
        if path == "/par":
            request_uri = "urn:ietf:params:oauth:request_uri:" + self.issuer.next_id("request")
            self.pushed[request_uri] = form
            return _answer(201, {"request_uri": request_uri, "expires_in": 60})
        return self._token(form) if path == "/token" else _answer(404, {"error": "not_found"})

    def asked(self, url: str) -> Form:
        """Return the parameters that a redirect asks for, pushed or not."""
        query = dict(parse_qsl(urlsplit(url).query))
        return self.pushed.get(query.get("request_uri", ""), query)

    def approve(
        self, url: str, *, sub: str = "alice", acr: str = "aal1", binding: str = "signed", **claims: Any
    ) -> str:
        """Let a person prove `acr` now and approve what is asked; returns the callback's query string."""
        asked, code = self.asked(url), self.issuer.next_id("code")
        self._codes[code] = (asked, {"sub": sub, "acr": acr, "binding": binding, **claims})
        return urlencode({"code": code, "state": asked["state"], "iss": self.issuer.issuer})

    def refuse(self, url: str, error: str = "access_denied", description: str = "") -> str:
        """Let the request end with a registered error; returns the callback's query string."""
        answer = {"error": error, "error_description": description, "state": self.asked(url)["state"]}
        return urlencode({name: value for name, value in answer.items() if value} | {"iss": self.issuer.issuer})

    def _token(self, form: Form) -> Response:
        if form.get("grant_type") == "refresh_token":
            person = self._refresh.pop(form.get("refresh_token", ""), None)
            return _answer(200, self._issue({}, person)) if person else _answer(400, {"error": "invalid_grant"})
        asked, person = self._codes.pop(form.get("code", ""), ({}, {}))
        made = base64url(hashlib.sha256(form.get("code_verifier", "").encode("ascii")).digest())
        if not person or not hmac.compare_digest(made, asked["code_challenge"]):
            return _answer(400, {"error": "invalid_grant"})
        return _answer(200, self._issue(asked, person))

    def _issue(self, asked: Form, person: dict[str, Any]) -> dict[str, Any]:
        binding, extra = person["binding"], {k: v for k, v in person.items() if k != "binding"}
        now = self.issuer.clock()
        details = [
            self.issuer.elevation(
                person["sub"], f"{entry['type']}:{entry['actions'][0]}", entry["fields"], binding=binding, now=now
            )
            for entry in json.loads(asked.get("authorization_details", "[]"))
        ]
        at = person.setdefault("auth_time", now)
        access_token = self.issuer.token(**extra | {"auth_time": at}, authorization_details=details or None)
        refresh_token = self.issuer.next_id("refresh")
        self._refresh[refresh_token] = person
        return {
            "token_type": "Bearer",
            "access_token": access_token,
            "refresh_token": refresh_token,
            "expires_in": 300,
            "id_token": self._id_token(asked, person, at),
        }

    def _id_token(self, asked: Form, person: dict[str, Any], at: int) -> str:
        now = self.issuer.clock()
        claims = {
            "iss": self.issuer.issuer,
            "sub": person["sub"],
            "aud": self.issuer.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": at,
            "acr": person["acr"],
            "amr": down_set(person["acr"]),
            "sid": person.get("sid", f"session-{person['sub']}"),
        }
        return self.issuer.sign(claims | ({"nonce": asked["nonce"]} if "nonce" in asked else {}), typ="JWT")


def _answer(status: int, document: dict[str, Any]) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(document).encode("utf-8")
    )
