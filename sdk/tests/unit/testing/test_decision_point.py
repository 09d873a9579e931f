"""The decision point that applications test with."""

import json

from newel_sdk.testing import AuthorizationServer, Issuer, permit

POST = {"Authorization": "Basic x"}


async def test_it_answers_known_callers_where_it_decides() -> None:
    server = AuthorizationServer(Issuer())
    base = server.issuer.issuer
    metadata = base + "/.well-known/authzen-configuration"
    assert (await server.fetch("GET", metadata)).status == 404
    server.pdp.decide = lambda _question: permit()
    assert (await server.fetch("GET", metadata)).status == 200
    body = json.dumps({"context": {}}).encode()
    evaluation = base + "/access/v1/evaluation"
    assert (await server.fetch("POST", evaluation, body=body)).status == 401
    answer = await server.fetch("POST", evaluation, headers=POST, body=body)
    assert json.loads(answer.body) == permit()
    assert (await server.fetch("POST", base + "/access/v1/search/subject", headers=POST, body=b"{}")).status == 404
    assert (await server.fetch("GET", base + "/jwks")).status == 200
