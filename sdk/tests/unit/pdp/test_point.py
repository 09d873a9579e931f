"""The decision point, asked over the network; whatever goes wrong there is a failure (S27)."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from newel_sdk.action import Target
from newel_sdk.client import ClientSecret, PrivateKey
from newel_sdk.client.authentication import Public
from newel_sdk.errors import ActionRefused, DecisionFailed, FetchFailed, InputRefused, Misconfigured
from newel_sdk.fetch import Fetch, Response
from newel_sdk.pdp import DecisionPoint, Question
from newel_sdk.testing import AuthorizationServer, Issuer, deny, permit

NOW = 1_790_000_000
SECRET = ClientSecret("s3cret")


class World:
    def __init__(self) -> None:
        self.server = AuthorizationServer(Issuer(clock=lambda: NOW))
        self.server.pdp.decide = lambda _question: permit()

    def point(self, fetch: Fetch | None = None, **more: Any) -> DecisionPoint:
        made: dict[str, Any] = {
            "authentication": SECRET,
            "client_id": "bank",
            "clock": lambda: NOW,
            "random": bytes,
        } | more
        return DecisionPoint(pdp=self.server.issuer.issuer, fetch=fetch or self.server.fetch, **made)


def question(**changed: Any) -> Question:
    members: dict[str, Any] = {
        "target": Target.parse("bank.transfer:send"),
        "resource_id": "t1",
        "subject": "alice",
        "access_token": "token",
        "fields": {"amount": {"minor": 5, "currency": "EUR"}, "notes": ["a"]},
        "facts": {"known": True, "groups": frozenset({"b", "a"}), "tries": (1, 2), "nothing": None},
        "reservation": "key",
    }
    return Question(**members | changed)


async def test_authzen_6_1_the_question_has_the_shape_of_the_specification() -> None:
    world = World()
    decision = await world.point().evaluate(question())
    assert decision.permitted
    assert world.server.pdp.asked == [
        {
            "subject": {"type": "person", "id": "alice", "properties": {"access_token": "token"}},
            "resource": {
                "type": "bank.transfer",
                "id": "t1",
                "properties": {"amount": {"minor": 5, "currency": "EUR"}, "notes": ["a"]},
            },
            "action": {"name": "send"},
            "context": {"known": True, "groups": ["a", "b"], "tries": [1, 2], "nothing": None, "reservation": "key"},
        }
    ]


async def test_without_a_reservation_none_is_sent_and_every_question_is_asked_anew() -> None:
    world = World()
    point = world.point()
    for _ in range(3):
        await point.evaluate(question(reservation=None))
    assert [each["context"].get("reservation") for each in world.server.pdp.asked] == [None] * 3
    world.server.pdp.decide = lambda _question: deny("no")
    assert (await point.evaluate(question())).denied


async def test_the_caller_proves_itself_by_its_secret_or_by_an_assertion_in_the_header() -> None:
    world = World()
    await world.point().evaluate(question())
    key = ECKey.generate_key("P-256", parameters={"kid": "k"})
    await world.point(authentication=PrivateKey(key.as_dict(private=True))).evaluate(question())
    basic, bearer = world.server.pdp.callers
    assert basic == "Basic YmFuazpzM2NyZXQ="
    claims = jwt.decode(bearer.removeprefix("Bearer "), key).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("bank", "bank", world.server.issuer.issuer)


def test_an_authentication_that_proves_nothing_or_an_open_line_stops_the_start() -> None:
    with pytest.raises(Misconfigured):
        World().point(authentication=Public())
    for pdp in ("http://pdp.example", "pdp.example", "https://[/", ""):
        with pytest.raises(Misconfigured):
            DecisionPoint(pdp=pdp, client_id="c", authentication=SECRET)


@pytest.mark.parametrize(
    "changed", [{"resource_id": ""}, {"reservation": "x" * 201}, {"reservation": ""}, {"resource_id": "a\nb"}]
)
async def test_a_key_or_an_id_that_cannot_be_sent_is_the_request_s_fault(changed: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        await World().point().evaluate(question(**changed))


async def test_values_that_cannot_be_stated_are_refused() -> None:
    with pytest.raises(ActionRefused):
        await World().point().evaluate(question(fields={"amount": 1.5}))
    for facts in ({"reservation": "mine"}, {"rate": 1.5}):
        with pytest.raises(Misconfigured):
            await World().point().evaluate(question(facts=facts))


def answering(path: str, status: int = 200, body: bytes = b"{}") -> Fetch:
    """The network, with one answer of the decision point replaced."""
    world = World()

    async def fetch(
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body_: bytes = body,
        body: bytes | None = None,
    ) -> Response:
        if url.endswith(path):
            return Response(status=status, headers={}, body=body_)
        return await world.server.fetch(method, url, headers=headers, body=body)

    return fetch


METADATA = "/.well-known/authzen-configuration"


@pytest.mark.parametrize("status", [201, 301, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("path", [METADATA, "/access/v1/evaluation"])
async def test_s27_any_status_but_200_is_a_failure(path: str, status: int) -> None:
    body = json.dumps(permit()).encode()
    with pytest.raises(DecisionFailed):
        await World().point(answering(path, status, body)).evaluate(question())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b'{"error": "unauthorized_client", "error_description": "newel client change bank --states bank.transfer"}',
            ": newel client change bank --states bank.transfer",
        ),
        (b'{"error_description": "two\\nlines"}', ""),
        (b'{"error_description": 7}', ""),
        (b"<html>", ""),
        (b"\xff", ""),
    ],
)
async def test_what_a_decision_point_says_of_a_refusal_is_told_in_one_line(body: bytes, told: str) -> None:
    with pytest.raises(DecisionFailed) as failed:
        await World().point(answering("/access/v1/evaluation", 403, body)).evaluate(question())
    assert str(failed.value).endswith(f"/access/v1/evaluation: status 403{told}")


@pytest.mark.parametrize(
    "changed",
    [
        {"policy_decision_point": "https://other.example"},
        {"access_evaluation_endpoint": "https://other.example/access/v1/evaluation"},
        {"access_evaluation_endpoint": "http://issuer.example/access/v1/evaluation"},
        {"access_evaluation_endpoint": "https://[/"},
        {"access_evaluation_endpoint": 5},
        {"access_evaluation_endpoint": None},
    ],
)
async def test_s27_metadata_of_another_or_that_leads_elsewhere_is_a_failure(changed: dict[str, Any]) -> None:
    body = json.dumps(World().server.pdp.metadata() | changed).encode()
    with pytest.raises(DecisionFailed):
        await World().point(answering(METADATA, 200, body)).evaluate(question())


async def test_s27_an_unreadable_answer_is_a_failure() -> None:
    for path in (METADATA, "/access/v1/evaluation"):
        with pytest.raises(DecisionFailed):
            await World().point(answering(path, 200, b"<html>")).evaluate(question())


async def test_s27_a_decision_point_out_of_reach_or_slow_is_a_failure() -> None:
    world = World()
    world.server.unreachable = True
    with pytest.raises(DecisionFailed):
        await world.point().evaluate(question())

    async def broken(*_: Any, **__: Any) -> Response:  # ruff: ignore[unused-async] - a Fetch is awaited
        raise ConnectionResetError

    async def silent(*_: Any, **__: Any) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    for fetch in (broken, silent):
        with pytest.raises(FetchFailed):
            await world.point(fetch, timeout=0.01).evaluate(question())


async def test_a_failure_of_the_metadata_is_not_remembered() -> None:
    world = World()
    point = world.point()
    world.server.unreachable = True
    with pytest.raises(DecisionFailed):
        await point.evaluate(question())
    world.server.unreachable = False
    assert (await point.evaluate(question())).permitted


async def test_a_reservation_is_given_back_once_with_a_reason() -> None:
    world = World()
    point = world.point()
    await point.evaluate(question())
    assert await point.release("key", "the ledger was closed")
    assert not await point.release("key", "again")
    assert not await point.release("other", "unknown")
    assert world.server.pdp.released == {"key": "the ledger was closed"}
    with pytest.raises(DecisionFailed):
        await world.point(answering("/release", 500)).release("key", "x")


def test_a_new_key_is_128_random_bits() -> None:
    assert DecisionPoint(pdp="https://pdp.example", client_id="c", authentication=SECRET).new_key() != ""
    assert World().point().new_key() == "A" * 22
