"""The guard and its static check."""

import pytest

from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.errors import ActionRefused, FetchFailed, Misconfigured
from newel_sdk.guard import Allowed, Guard, MemorySpentStore
from newel_sdk.jwks import RemoteKeys
from newel_sdk.testing import Issuer

NOW = 1_790_000_000


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.issuer = Issuer(clock=lambda: self.now)
        self.guard = Guard(
            issuer=self.issuer.issuer,
            audience=self.issuer.audience,
            keys=self.issuer.keys,
            spent=MemorySpentStore(lambda: self.now),
            clock=lambda: self.now,
        )


@pytest.fixture
def world() -> World:
    return World()


def test_enough_evidence_is_allowed_with_its_claims(world: World) -> None:
    outcome = world.guard.require(acr="aal2", max_age=60).decide(world.issuer.token(acr="phr"), {"a": 1})
    assert isinstance(outcome, Allowed)
    assert (outcome.claims.acr, outcome.fields, outcome.elevation) == ("phr", {"a": 1}, None)
    assert outcome.spend(MemorySpentStore())


def test_too_little_is_challenged_with_the_up_set_and_the_age(world: World) -> None:
    check = world.guard.require(acr="aal2", max_age=60, because="The vault")
    expected = Challenge(acr_values=("aal2", "phr", "aal3"), max_age=60, because="The vault")
    assert check.decide(world.issuer.token()) == expected
    assert check.decide(world.issuer.token(acr="aal3", auth_time=NOW - 61)) == expected
    assert not check.reads_input


def test_s27_age_is_checked_on_every_call_of_a_remembered_token(world: World) -> None:
    check, token = world.guard.require(acr="aal2", max_age=60), world.issuer.token(acr="aal2")
    assert isinstance(check.decide(token), Allowed)
    assert isinstance(check.decide(token, now=NOW + 60), Allowed)
    assert isinstance(check.decide(token, now=NOW + 61), Challenge)
    assert isinstance(check.decide(token, now=NOW + 305), Unauthorized)


def test_a_stranger_learns_nothing_of_the_policy(world: World) -> None:
    check = world.guard.require(acr="aal3", max_age=1, because="secret")
    assert check.decide(None) == Unauthorized(error="", because="no access token")
    assert check.decide("") == Unauthorized(error="", because="no access token")
    for token in ("x", Issuer().token(), world.issuer.token(aud="x"), world.issuer.token(now=NOW - 400)):
        outcome = check.decide(token)
        assert isinstance(outcome, Unauthorized)
        assert outcome.error == "invalid_token"


def test_s28_a_key_bound_token_is_refused_each_time(world: World) -> None:
    token = world.issuer.token(cnf={"jkt": "x"})
    for _ in range(2):
        assert isinstance(world.guard.require().decide(token), Unauthorized)


def test_what_cannot_work_stops_the_start(world: World) -> None:
    with pytest.raises(Misconfigured):
        Guard(issuer="", audience="x")
    with pytest.raises(Misconfigured):
        Guard(issuer="x", audience="x").require_action("a:b", fields={})
    with pytest.raises(Misconfigured):
        world.guard.require(acr="aal9")
    with pytest.raises(ActionRefused):
        world.guard.require_action("a", fields={})


async def test_keys_are_fetched_when_a_token_names_an_unknown_one(world: World) -> None:
    keys = RemoteKeys(world.issuer.issuer, fetch=world.issuer.fetch, clock=lambda: world.now)
    guard = Guard(issuer=world.issuer.issuer, audience=world.issuer.audience, keys=keys, clock=lambda: world.now)
    check, token = guard.require(), world.issuer.token()
    assert isinstance(check.decide(token), Unauthorized)
    await check.prepare(None)
    await check.prepare("nonsense")
    assert keys.generation == 0
    await check.prepare(token)
    assert isinstance(check.decide(token), Allowed)
    await check.prepare(token)
    assert keys.generation == 1
    assert not isinstance(check.authenticate(token), Unauthorized)


async def test_without_any_keys_nothing_is_allowed(world: World) -> None:
    guard = Guard(issuer="http://localhost:1", audience="x")
    with pytest.raises(FetchFailed):
        await guard.prepare(world.issuer.token())
    assert isinstance(guard.authenticate(world.issuer.token(), NOW), Unauthorized)
    await world.guard.prepare(world.issuer.token())
