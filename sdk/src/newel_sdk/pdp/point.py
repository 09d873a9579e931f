"""The policy decision point of a resource server: every question goes there, no answer is remembered (S27).

Unreachable, slow, malformed or refusing: DecisionFailed, and whoever asked allows nothing.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from newel_sdk.clock import unix_time
from newel_sdk.encoding import base64url, parse_object
from newel_sdk.errors import DecisionFailed, FetchFailed, Misconfigured
from newel_sdk.fetch.base import Fetch, Response
from newel_sdk.fetch.standard import StandardFetch, check_address
from newel_sdk.pdp.decision import Decision, parse_decision
from newel_sdk.pdp.question import Question

OK, NOT_FOUND = 200, 404
JSON = {"Accept": "application/json"}
RELEASE_PATH = "/access/v1/reservations/release"
MOST_REASON = 500


class CallerProof(Protocol):
    """What an authentication gives for one call."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, client_secret_basic's among them."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """What a form would carry: private_key_jwt's `client_assertion`."""


class CallerAuthentication(Protocol):
    """How the resource server proves itself: `newel_sdk.client` has `ClientSecret` and `PrivateKey`."""

    def prove(self, *, client_id: str, issuer: str, now: int, jti: str) -> CallerProof:
        """Return the proof for one call; `jti` is unique, `now` in seconds."""


class DecisionPoint:
    """Asks the decision point at `pdp` (its own address, https) as the client `client_id`.

    `timeout` in seconds is for a whole answer. An assertion of private_key_jwt goes into `Authorization: Bearer`, since
    the body is JSON. Raises Misconfigured for an authentication that proves nothing, or an address without https.
    """

    def __init__(
        self,
        *,
        pdp: str,
        client_id: str,
        authentication: CallerAuthentication,
        fetch: Fetch | None = None,
        timeout: float = 2.0,
        clock: Callable[[], int] = unix_time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        try:
            check_address(pdp)
        except (FetchFailed, ValueError) as problem:
            raise Misconfigured(str(problem)) from problem
        self.pdp, self.client_id = pdp, client_id
        self._authentication, self._fetch, self._timeout = authentication, fetch or StandardFetch(), timeout
        self._clock, self._random = clock, random
        self._evaluation_endpoint = ""
        self._authorization()

    def new_key(self) -> str:
        """Make an idempotency key, of 128 random bits."""
        return base64url(self._random(16))

    async def evaluate(self, question: Question) -> Decision:
        """Ask one question. With a `reservation` it is the enforcement's, and what it counts is kept.

        Raises DecisionFailed; ActionRefused, InputRefused or Misconfigured for values that cannot be asked about.
        """
        body = question.to_json()
        endpoint = await self._endpoint()
        answer = await self._exchange("POST", endpoint, body)
        if answer.status != OK:
            raise DecisionFailed(_refusal(endpoint, answer))
        return parse_decision(answer.body, reservation=question.reservation)

    async def release(self, reservation: str, reason: str) -> bool:
        """Give a reservation back because nothing was executed; once. False where there is none to give back.

        Whoever is not certain that nothing was executed does not call it. Raises DecisionFailed.
        """
        endpoint = self.pdp.rstrip("/") + RELEASE_PATH
        asked = {"reservation": reservation, "reason": reason[:MOST_REASON]}
        answer = await self._exchange("POST", endpoint, json.dumps(asked, separators=(",", ":")).encode("utf-8"))
        if answer.status not in {OK, NOT_FOUND}:
            raise DecisionFailed(_refusal(endpoint, answer))
        return answer.status == OK

    async def _endpoint(self) -> str:
        """The address of evaluations, from the metadata (section 9): looked up once, and only on the decision point's own host."""
        if self._evaluation_endpoint:
            return self._evaluation_endpoint
        url = self.pdp.rstrip("/") + "/.well-known/authzen-configuration"
        answer = await self._exchange("GET", url, None)
        if answer.status != OK:
            raise DecisionFailed(_refusal(url, answer))
        try:
            self._evaluation_endpoint = _own_endpoint(self.pdp, answer.body)
        except ValueError as problem:
            raise DecisionFailed(f"{url}: {problem}") from problem
        return self._evaluation_endpoint

    async def _exchange(self, method: str, url: str, body: bytes | None) -> Response:
        headers = JSON if body is None else {**JSON, "Content-Type": "application/json", **self._authorization()}
        try:
            return await asyncio.wait_for(self._fetch(method, url, headers=headers, body=body), self._timeout)
        except (FetchFailed, OSError) as problem:
            raise DecisionFailed(f"{url}: {problem or type(problem).__name__}") from problem

    def _authorization(self) -> dict[str, str]:
        proof = self._authentication.prove(
            client_id=self.client_id, issuer=self.pdp, now=self._clock(), jti=base64url(self._random(16))
        )
        assertion = proof.parameters.get("client_assertion")
        headers = dict(proof.headers) if assertion is None else {"Authorization": f"Bearer {assertion}"}
        if "Authorization" not in headers:
            raise Misconfigured("a decision point is asked with client_secret_basic or private_key_jwt")
        return headers


def _refusal(url: str, answer: Response) -> str:
    """A line for developers: the status, and what the decision point says of it (RFC 6749 section 5.2) where it does."""
    try:
        said = parse_object(answer.body).get("error_description")
    except ValueError:
        said = None
    why = f": {said[:MOST_REASON]}" if isinstance(said, str) and said.isascii() and said.isprintable() else ""
    return f"{url}: status {answer.status}{why}"


def _own_endpoint(pdp: str, metadata: bytes) -> str:
    document = parse_object(metadata)
    endpoint = document.get("access_evaluation_endpoint")
    if document.get("policy_decision_point") != pdp:
        raise ValueError("names another decision point")
    if not isinstance(endpoint, str) or _origin(endpoint) != _origin(pdp):
        raise ValueError("names no endpoint of its own for evaluations")
    return endpoint


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
