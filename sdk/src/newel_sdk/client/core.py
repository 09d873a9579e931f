"""The client: authorization code flow with PAR, PKCE S256, state, nonce and `iss` (RFC 9126, 7636, 9207, 9470).

Session-free: what must survive the redirect is the PendingAuthorization, which the application stores.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from newel_sdk.challenge import Challenge, parse_challenge
from newel_sdk.client.authentication import ClientAuthentication, Public
from newel_sdk.client.id_token import verify_id_token
from newel_sdk.client.pending import PendingAuthorization, Redirect
from newel_sdk.client.tokens import INVALID, Tokens, text_member, unverified_evidence
from newel_sdk.clock import unix_time
from newel_sdk.encoding import base64url, parse_object
from newel_sdk.errors import AuthorizationFailed, ChallengeMalformed, FetchFailed, NothingChanged, SubjectChanged
from newel_sdk.fetch.base import Fetch
from newel_sdk.fetch.discovery import Metadata, discover
from newel_sdk.jwks.remote import RemoteKeys
from newel_sdk.verify.jws import unverified_kid

PENDING_LIFE = 3600
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Client:
    """One registered client of one issuer; `resource` is the audience its access tokens are for (RFC 8707)."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        authentication: ClientAuthentication | None = None,
        scope: str = "openid",
        resource: str | None = None,
        fetch: Fetch | None = None,
        keys: RemoteKeys | None = None,
        clock: Callable[[], int] = unix_time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.issuer, self.client_id, self.redirect_uri = issuer, client_id, redirect_uri
        self._authentication = authentication or Public()
        self._scope, self._resource = scope, resource
        self._keys = keys or RemoteKeys(issuer, fetch=fetch, clock=clock)
        self._fetch = fetch or self._keys.fetch
        self._clock, self._random = clock, random
        self._metadata: Metadata | None = None

    async def begin(
        self,
        *,
        acr_values: Sequence[str] = (),
        max_age: int | None = None,
        prompt: str | None = None,
        login_hint: str | None = None,
        then: str = "",
    ) -> Redirect:
        """Begin a sign-in; raises FetchFailed or AuthorizationFailed."""
        asked = {"acr_values": " ".join(acr_values), "prompt": prompt or "", "login_hint": login_hint or ""}
        return await self._begin(asked, then=then, max_age=max_age)

    async def step_up(
        self, challenge: Challenge | str, *, tokens: Tokens, then: str = "", intent: str = "", title: str = ""
    ) -> Redirect:
        """Turn a challenge (or the WWW-Authenticate header that carries one) into a request for exactly that.

        The subject is pinned: another person coming back is an error (S08). Raises ChallengeMalformed, FetchFailed or
        AuthorizationFailed.
        """
        asked = parse_challenge(challenge) if isinstance(challenge, str) else challenge
        if asked is None:
            raise ChallengeMalformed("the answer asks for no step-up")
        details = asked.authorization_details
        parameters = {
            "acr_values": " ".join(asked.acr_values),
            "authorization_details": json.dumps(details, ensure_ascii=False, separators=(",", ":")) if details else "",
            "id_token_hint": tokens.id_token,
        }
        return await self._begin(
            parameters,
            then=then,
            intent=intent,
            title=title,
            subject=tokens.subject,
            before=tokens.evidence,
            max_age=asked.max_age,
            because=asked.because,
        )

    async def complete(self, pending: PendingAuthorization, query: str) -> Tokens:
        """Exchange what the browser brought back; `query` is the callback's query string, `pending` is used up.

        Raises AuthorizationFailed (the server's own error code), SubjectChanged, NothingChanged, TokenRefused or
        FetchFailed.
        """
        code = self._code(pending, query)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": pending.verifier,
        }
        document = await self._token_call(form)
        tokens = await self._read(document, nonce=pending.nonce, max_age=pending.max_age)
        if pending.subject and tokens.subject != pending.subject:
            raise SubjectChanged
        if pending.before and tokens.evidence == pending.before:
            raise NothingChanged(pending.because)
        return tokens

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Use the refresh token (RFC 6749 section 6); raises AuthorizationFailed when the session is over."""
        if tokens.refresh_token is None:
            raise AuthorizationFailed("invalid_grant", "there is no refresh token")
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        document = await self._token_call(form)
        if "id_token" in document:
            renewed = await self._read(document, nonce=None, max_age=None)
            if renewed.subject != tokens.subject:
                raise SubjectChanged
            renewed = replace(renewed, lineage=renewed.lineage or tokens.lineage)
        else:
            access_token = self._access_token(document)
            renewed = replace(
                tokens,
                access_token=access_token,
                expires_at=self._expiry(document),
                evidence=unverified_evidence(access_token, tokens.id_token),
                refresh_token=document.get("refresh_token"),
            )
        return renewed if renewed.refresh_token else replace(renewed, refresh_token=tokens.refresh_token)

    async def _begin(
        self,
        asked: dict[str, str],
        *,
        then: str,
        intent: str = "",
        title: str = "",
        subject: str = "",
        before: str = "",
        max_age: int | None = None,
        because: str = "",
    ) -> Redirect:
        metadata = await self._discover()
        pending = PendingAuthorization(
            state=base64url(self._random(16)),
            nonce=base64url(self._random(16)),
            verifier=base64url(self._random(32)),
            issued_at=self._clock(),
            then=then,
            intent=intent,
            title=title,
            subject=subject,
            before=before,
            max_age=max_age,
            because=because,
        )
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self._scope,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64url(hashlib.sha256(pending.verifier.encode("ascii")).digest()),
            "code_challenge_method": "S256",
            "resource": self._resource or "",
            "max_age": "" if max_age is None else str(max_age),
        } | asked
        sent = {name: value for name, value in parameters.items() if value}
        if metadata.pushed_authorization_request_endpoint:
            sent = await self._push(metadata.pushed_authorization_request_endpoint, sent)
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        return Redirect(url=metadata.authorization_endpoint + separator + urlencode(sent), pending=pending)

    async def _push(self, endpoint: str, parameters: Mapping[str, str]) -> dict[str, str]:
        document = await self._call(endpoint, parameters)
        return {"client_id": self.client_id, "request_uri": text_member(document, "request_uri")}

    def _code(self, pending: PendingAuthorization, query: str) -> str:
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=32)
        except ValueError as problem:
            raise AuthorizationFailed("invalid_request", "the answer cannot be read") from problem
        answer = dict(pairs)
        if len(answer) != len(pairs):
            raise AuthorizationFailed("invalid_request", "the answer repeats a parameter")
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise AuthorizationFailed("invalid_request", "the answer belongs to another request (state)")
        if answer.get("iss") != self.issuer:
            raise AuthorizationFailed("invalid_request", "the answer is from another issuer (iss)")
        if self._clock() >= pending.issued_at + PENDING_LIFE:
            raise AuthorizationFailed("invalid_request", "the request is too old")
        if "error" in answer:
            raise AuthorizationFailed(answer["error"], answer.get("error_description", ""))
        if not answer.get("code"):
            raise AuthorizationFailed("invalid_request", "the answer holds no code")
        return answer["code"]

    async def _token_call(self, form: Mapping[str, str]) -> dict[str, Any]:
        return await self._call((await self._discover()).token_endpoint, form)

    async def _call(self, endpoint: str, form: Mapping[str, str]) -> dict[str, Any]:
        proof = self._authentication.prove(
            client_id=self.client_id, issuer=self.issuer, now=self._clock(), jti=base64url(self._random(16))
        )
        body = urlencode({**form, **proof.parameters}).encode("ascii")
        answer = await self._fetch("POST", endpoint, headers={**FORM, **proof.headers}, body=body)
        try:
            document = parse_object(answer.body)
        except ValueError as problem:
            raise FetchFailed(f"{endpoint}: status {answer.status}, {problem}") from problem
        if answer.status not in {200, 201}:
            raise AuthorizationFailed(
                str(document.get("error", "server_error")), str(document.get("error_description", ""))
            )
        return document

    async def _discover(self) -> Metadata:
        if self._metadata is None:
            self._metadata = await discover(self._fetch, self.issuer)
        return self._metadata

    def _access_token(self, document: dict[str, Any]) -> str:
        if text_member(document, "token_type").lower() != "bearer":
            raise AuthorizationFailed(INVALID, "not a bearer token")
        return text_member(document, "access_token")

    def _expiry(self, document: dict[str, Any]) -> int:
        lives = document.get("expires_in", 0)
        return self._clock() + (lives if type(lives) is int and lives > 0 else 0)

    async def _read(self, document: dict[str, Any], *, nonce: str | None, max_age: int | None) -> Tokens:
        access_token, id_token = self._access_token(document), text_member(document, "id_token")
        await self._keys.ensure(unverified_kid(id_token))
        verified = verify_id_token(
            id_token,
            keys=self._keys.current,
            issuer=self.issuer,
            client_id=self.client_id,
            now=self._clock(),
            nonce=nonce,
            access_token=access_token,
            max_age=max_age,
        )
        refresh_token = document.get("refresh_token")
        return Tokens(
            access_token=access_token,
            refresh_token=refresh_token if isinstance(refresh_token, str) else None,
            id_token=id_token,
            subject=verified.subject,
            lineage=verified.lineage,
            evidence=unverified_evidence(access_token, id_token),
            expires_at=self._expiry(document),
        )
