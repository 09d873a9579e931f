"""Two applications written with other people's clients, behind one face: openid-client (Node) and Authlib (Python).

`ask` makes an authorization request and gives its address; `answered` takes the address the browser came back to and
gives what the client made of it, with the ID token validated by the client itself.
"""

import asyncio
import json
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from starlette.requests import Request
from tests.simulators.running import Relying

HERE = Path(__file__).parent
Answer = Mapping[str, Any]


class Application(Protocol):
    """What a client library does for an application."""

    def ask(self, **parameters: str) -> str:
        """The address of a new authorization request with PKCE."""

    def push(self, **parameters: str) -> str:
        """The same for a request that is pushed first (RFC 9126)."""

    def answered(self, address: str) -> Answer:
        """`claims`, `person`, `access_token` and `refresh_token`, or `error`."""

    def refresh(self, token: str) -> Answer:
        """`access_token`, or `error`."""

    def introspect(self, token: str) -> Answer:
        """What the server says of a token."""

    def revoke(self, token: str) -> None:
        """Take a token back."""

    def close(self) -> None:
        """End."""


class OpenidClient:
    """npm openid-client, in its own process."""

    def __init__(self, client: Relying, algorithm: str = "ES256") -> None:
        program = [
            *("node", "openid_client.mjs"),
            *(client.server.issuer, client.id, client.secret, client.redirect_uri, algorithm),
        ]
        self._process = subprocess.Popen(
            program, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, **parameters: str) -> str:
        return self._address({"ask": parameters, "pushed": False})

    def push(self, **parameters: str) -> str:
        return self._address({"ask": parameters, "pushed": True})

    def answered(self, address: str) -> Answer:
        return self._say({"callback": address})

    def refresh(self, token: str) -> Answer:
        return self._say({"refresh": token})

    def introspect(self, token: str) -> Answer:
        return self._say({"introspect": token})

    def revoke(self, token: str) -> None:
        assert self._say({"revoke": token}) == {"revoked": True}

    def _address(self, command: Mapping[str, Any]) -> str:
        answer = self._say(command)
        assert "url" in answer, answer
        return str(answer["url"])

    def _say(self, command: Mapping[str, Any]) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Authlib:
    """Authlib's client for Starlette, with its own session."""

    def __init__(self, client: Relying) -> None:
        self._client = client
        self._session: dict[str, Any] = {}
        self._app = OAuth().register(
            "newel",
            client_id=client.id,
            client_secret=client.secret,
            server_metadata_url=f"{client.server.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
        )

    def ask(self, **parameters: str) -> str:
        async def begin() -> str:
            answer = await self._app.authorize_redirect(self._request(""), self._client.redirect_uri, **parameters)
            return str(answer.headers["location"])

        return asyncio.run(begin())

    def push(self, **parameters: str) -> str:
        """Authlib knows no PAR: its request is posted to the endpoint that its discovery found."""
        form = dict(parse_qsl(urlsplit(self.ask(**parameters)).query))
        metadata = self._app.server_metadata
        answer = self._client.server.http.post(
            metadata["pushed_authorization_request_endpoint"], data=form, headers=self._client.basic
        )
        short = {"client_id": self._client.id, "request_uri": answer.json()["request_uri"]}
        return f"{metadata['authorization_endpoint']}?{urlencode(short)}"

    def answered(self, address: str) -> Answer:
        async def end() -> Answer:
            token = await self._app.authorize_access_token(self._request(urlsplit(address).query))
            person = await self._app.userinfo(token=token)
            return {"claims": token["userinfo"], "person": person, "refresh_token": None, **token}

        issuer = parse_qs(urlsplit(address).query).get("iss")
        assert issuer == [self._client.server.issuer]  # Authlib leaves RFC 9207 to the application
        return self._outcome(end())

    def refresh(self, token: str) -> Answer:
        async def renewed() -> Answer:
            fetched = await self._app.fetch_access_token(grant_type="refresh_token", refresh_token=token)
            return dict(fetched)

        return self._outcome(renewed())

    def introspect(self, token: str) -> Answer:
        return self._direct("introspection_endpoint", token).json()  # type: ignore[no-any-return]  # JSON

    def revoke(self, token: str) -> None:
        assert self._direct("revocation_endpoint", token).status_code == 200

    def _direct(self, name: str, token: str) -> Any:
        credentials = b64encode(f"{self._client.id}:{self._client.secret}".encode()).decode()
        return self._client.server.http.post(
            self._app.server_metadata[name], data={"token": token}, headers={"authorization": f"Basic {credentials}"}
        )

    def _outcome(self, work: Any) -> Answer:
        try:
            return dict(asyncio.run(work))
        except OAuthError as error:
            return {"error": error.error}

    def _request(self, query: str) -> Request:
        scope = {"type": "http", "method": "GET", "query_string": query.encode(), "headers": [], "path": "/callback"}
        return Request({**scope, "session": self._session})

    def close(self) -> None:
        self._session.clear()
