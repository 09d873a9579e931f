"""The code flow of a client against a simulated authorization server."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from newel_sdk.challenge import Challenge, www_authenticate
from newel_sdk.client import Client, ClientSecret, PendingAuthorization, Tokens
from newel_sdk.errors import (
    AuthorizationFailed,
    ChallengeMalformed,
    FetchFailed,
    NothingChanged,
    SubjectChanged,
    TokenRefused,
)
from newel_sdk.fetch import Response
from newel_sdk.testing import AuthorizationServer, Issuer

NOW = 1_790_000_000
DETAIL = {"type": "bank.transfer", "actions": ["send"], "fields": {"minor": 1, "name": "Müller"}}


class World:
    def __init__(self, **client: Any) -> None:
        self.now = NOW
        self.issuer = Issuer(clock=lambda: self.now)
        self.server = AuthorizationServer(self.issuer)
        self.changed: dict[str, Any] = {}
        told: dict[str, Any] = {"authentication": ClientSecret("s"), "resource": "https://rs.example"}
        self.client = Client(
            issuer=self.issuer.issuer,
            client_id="client",
            redirect_uri="https://rp.example/callback",
            fetch=self.fetch,
            clock=lambda: self.now,
            **told | client,
        )

    async def fetch(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        answer = await self.server.fetch(method, url, headers=headers, body=body)
        path = url.removeprefix(self.issuer.issuer)
        if path not in self.changed:
            return answer
        change = self.changed[path]
        if isinstance(change, bytes):
            return Response(status=answer.status, headers={}, body=change)
        merged = {name: value for name, value in (json.loads(answer.body) | change).items() if value is not None}
        return Response(status=answer.status, headers={}, body=json.dumps(merged).encode())

    async def sign_in(self, **person: Any) -> Tokens:
        redirect = await self.client.begin(then="/home")
        return await self.client.complete(redirect.pending, self.server.approve(redirect.url, **person))


async def test_rfc9126_the_browser_carries_nothing_but_the_request_uri() -> None:
    world = World()
    redirect = await world.client.begin(acr_values=["aal2", "phr"], max_age=60, prompt="login", login_hint="a@b")
    query = dict(parse_qsl(urlsplit(redirect.url).query))
    assert query.keys() == {"client_id", "request_uri"}
    asked = world.server.asked(redirect.url)
    assert asked["code_challenge_method"] == "S256"
    assert (asked["acr_values"], asked["max_age"], asked["prompt"], asked["login_hint"]) == (
        "aal2 phr",
        "60",
        "login",
        "a@b",
    )
    assert (asked["resource"], asked["state"]) == ("https://rs.example", redirect.pending.state)
    path, headers, _ = world.server.calls[0]
    assert (path, headers["Authorization"]) == ("/par", "Basic Y2xpZW50OnM=")


async def test_without_par_the_parameters_ride_on_the_redirect() -> None:
    world = World(resource=None)
    world.changed["/.well-known/openid-configuration"] = {
        "pushed_authorization_request_endpoint": None,
        "authorization_endpoint": world.issuer.issuer + "/authorize?tenant=1",
    }
    redirect = await world.client.begin()
    assert redirect.url.startswith(world.issuer.issuer + "/authorize?tenant=1&response_type=code&")
    assert "resource" not in world.server.asked(redirect.url)


async def test_sign_in_gives_tokens_of_a_believed_person_and_state_survives_as_text() -> None:
    world = World()
    redirect = await world.client.begin(then="/home")
    pending = PendingAuthorization.from_text(redirect.pending.to_text())
    tokens = await world.client.complete(pending, world.server.approve(redirect.url))
    assert (tokens.subject, tokens.lineage, tokens.expires_at, pending.then) == (
        "alice",
        "session-alice",
        NOW + 300,
        "/home",
    )


async def test_rfc9470_a_challenge_becomes_par_with_exactly_what_it_asks() -> None:
    world = World()
    tokens = await world.sign_in()
    challenge = Challenge(acr_values=("aal2", "phr"), max_age=300, authorization_details=(DETAIL,), because="Large")
    for given in (challenge, www_authenticate(challenge)):
        redirect = await world.client.step_up(given, tokens=tokens, then="/t", intent="i", title="Send money")
        asked = world.server.asked(redirect.url)
        assert (asked["acr_values"], asked["max_age"]) == ("aal2 phr", "300")
        assert json.loads(asked["authorization_details"]) == [DETAIL]
        assert asked["id_token_hint"] == tokens.id_token
        assert (redirect.pending.intent, redirect.pending.title) == ("i", "Send money")
        climbed = await world.client.complete(redirect.pending, world.server.approve(redirect.url, acr="aal2"))
        assert climbed.evidence != tokens.evidence
    plain = await world.client.step_up(Challenge(acr_values=("phr",)), tokens=tokens)
    assert "authorization_details" not in world.server.asked(plain.url)
    with pytest.raises(ChallengeMalformed):
        await world.client.step_up("Bearer", tokens=tokens)


async def test_s08_another_subject_coming_back_is_an_error() -> None:
    world = World()
    tokens = await world.sign_in()
    redirect = await world.client.step_up(Challenge(acr_values=("aal2",)), tokens=tokens)
    with pytest.raises(SubjectChanged):
        await world.client.complete(redirect.pending, world.server.approve(redirect.url, sub="mallory", acr="aal2"))


async def test_a_round_trip_that_changed_nothing_stops_with_the_reason() -> None:
    world = World()
    tokens = await world.sign_in()
    redirect = await world.client.step_up(Challenge(acr_values=("aal2",), because="The vault"), tokens=tokens)
    with pytest.raises(NothingChanged, match="The vault"):
        await world.client.complete(redirect.pending, world.server.approve(redirect.url))


async def test_the_server_s_refusal_is_passed_on_with_its_code() -> None:
    world = World()
    redirect = await world.client.begin()
    with pytest.raises(AuthorizationFailed) as refused:
        await world.client.complete(
            redirect.pending, world.server.refuse(redirect.url, "unmet_authentication_requirements", "no passkey")
        )
    assert (refused.value.code, refused.value.description) == ("unmet_authentication_requirements", "no passkey")
    world.server.fail_with = "invalid_client"
    with pytest.raises(AuthorizationFailed, match="invalid_client"):
        await world.client.begin()


@pytest.mark.parametrize(
    "changed",
    [{"state": "x"}, {"state": None}, {"iss": "https://evil.example"}, {"iss": None}, {"code": None}, {"code": ""}],
)
async def test_rfc9207_a_mixed_up_answer_is_refused_before_any_code_is_sent(changed: dict[str, str | None]) -> None:
    world = World()
    redirect = await world.client.begin()
    answer: dict[str, str | None] = {**dict(parse_qsl(world.server.approve(redirect.url))), **changed}
    query = urlencode({name: value for name, value in answer.items() if value is not None})
    with pytest.raises(AuthorizationFailed):
        await world.client.complete(redirect.pending, query)
    assert [path for path, _, _ in world.server.calls] == ["/par"]


async def test_a_repeated_unreadable_or_late_answer_is_refused() -> None:
    world = World()
    redirect = await world.client.begin()
    query = world.server.approve(redirect.url)
    for wrong in (query + "&code=x", "a", query + "&" + "&".join(f"x{n}=1" for n in range(40))):
        with pytest.raises(AuthorizationFailed):
            await world.client.complete(redirect.pending, wrong)
    world.now += 3600
    with pytest.raises(AuthorizationFailed, match="too old"):
        await world.client.complete(redirect.pending, query)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (b"not json", FetchFailed),
        ({"token_type": "DPoP"}, AuthorizationFailed),
        ({"token_type": None}, AuthorizationFailed),
        ({"access_token": None}, AuthorizationFailed),
        ({"id_token": None}, AuthorizationFailed),
        ({"id_token": "a.b.c"}, TokenRefused),
    ],
)
async def test_a_token_response_that_is_not_whole_is_refused(change: Any, error: type[Exception]) -> None:
    world = World()
    world.changed["/token"] = change
    with pytest.raises(error):
        await world.sign_in()


async def test_a_response_without_life_or_refresh_token_is_still_one() -> None:
    world = World(authentication=None)
    world.changed["/token"] = {"expires_in": None, "refresh_token": 1}
    tokens = await world.sign_in()
    assert (tokens.expires_at, tokens.refresh_token) == (NOW, None)
    with pytest.raises(AuthorizationFailed, match="no refresh token"):
        await world.client.refresh(tokens)
    assert world.server.calls[-1][2]["client_id"] == "client"


async def test_refreshing_keeps_the_person_and_what_the_answer_leaves_out() -> None:
    world = World()
    tokens = await world.sign_in()
    world.now += 400
    renewed = await world.client.refresh(tokens)
    assert renewed.access_token != tokens.access_token
    assert renewed.refresh_token != tokens.refresh_token
    assert (renewed.evidence, renewed.expires_at) == (tokens.evidence, NOW + 700)
    world.changed["/token"] = {"id_token": None, "refresh_token": None}
    again = await world.client.refresh(renewed)
    assert (again.id_token, again.refresh_token, again.subject) == (renewed.id_token, renewed.refresh_token, "alice")


async def test_s08_a_refresh_never_changes_the_person() -> None:
    world = World()
    alice, bob = await world.sign_in(), await world.sign_in(sub="bob")
    mixed = Tokens.from_text(alice.to_text().replace(str(alice.refresh_token), str(bob.refresh_token)))
    with pytest.raises(SubjectChanged):
        await world.client.refresh(mixed)


async def test_a_refresh_keeps_the_lineage_where_the_new_id_token_names_none() -> None:
    world = World()
    tokens = await world.sign_in(sid="")
    assert (
        await world.client.refresh(Tokens.from_text(tokens.to_text().replace('"lineage":""', '"lineage":"l"')))
    ).lineage == "l"
