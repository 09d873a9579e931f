"""Keeping and taking intents (S16, S32)."""

import sqlite3
from typing import Any

import pytest

from newel_sdk.encoding import base64url
from newel_sdk.errors import Misconfigured, ResumeRefused
from newel_sdk.resume import Intent, IntentCookie, Intents, MemoryIntentStore, SqliteIntentStore, same_origin

CHECKED = same_origin({"origin": "https://bank.example"}, "https://bank.example")
INTENT = Intent(
    route="/transfers",
    content_type="application/json",
    fields={"amount": 500_000},
    title="Send money",
    bound=True,
    subject="alice",
    lineage="l",
)


class World:
    def __init__(self, store: Any = None) -> None:
        self.now = 1000
        self.store = store or MemoryIntentStore()
        self.intents = self.made(bytes(32))

    def made(self, key: bytes) -> Intents:
        return Intents(store=self.store, key=key, application="bank", clock=lambda: self.now)

    def keep(self) -> IntentCookie:
        return self.intents.keep(INTENT, checked=CHECKED)

    def take(self, cookie: IntentCookie, intents: Intents | None = None, **changed: Any) -> Intent:
        who = {"secret": cookie.value, "subject": "alice", "lineage": "l"} | changed
        return (intents or self.intents).take(cookie.intent_id, **who)


def test_the_cookie_carries_the_application_and_256_bits_for_ten_minutes() -> None:
    cookie = World().keep()
    assert cookie.name == f"__Host-bank-intent-{cookie.intent_id}"
    assert (len(cookie.value), cookie.max_age) == (43, 600)


def test_an_intent_is_taken_once_within_ten_minutes() -> None:
    world = World()
    cookie = world.keep()
    world.now += 599
    assert world.take(cookie) == INTENT
    with pytest.raises(ResumeRefused):
        world.take(cookie)
    late = world.keep()
    world.now += 600
    with pytest.raises(ResumeRefused):
        world.take(late)


@pytest.mark.parametrize("changed", [{"subject": "mallory"}, {"lineage": "m"}])
def test_s16_another_person_or_session_with_the_secret_discards_the_intent(changed: dict[str, Any]) -> None:
    world = World()
    cookie = world.keep()
    with pytest.raises(ResumeRefused):
        world.take(cookie, **changed)
    with pytest.raises(ResumeRefused):
        world.take(cookie)


@pytest.mark.parametrize("secret", [None, "", "x", base64url(bytes(31)), base64url(bytes(32))])
def test_s16_a_browser_without_the_secret_neither_takes_nor_discards(secret: str | None) -> None:
    world = World()
    cookie = world.keep()
    with pytest.raises(ResumeRefused):
        world.take(cookie, secret=secret)
    assert world.take(cookie) == INTENT


def test_s16_an_intent_is_discarded_only_with_its_secret() -> None:
    world = World()
    kept, gone = world.keep(), world.keep()
    for secret in (None, "x", gone.value):
        world.intents.discard(kept.intent_id, secret=secret)
    world.intents.discard(gone.intent_id, secret=gone.value)
    assert world.take(kept) == INTENT
    with pytest.raises(ResumeRefused):
        world.take(gone)


def test_s32_at_rest_nothing_of_the_request_is_readable_and_another_key_opens_nothing() -> None:
    connection = sqlite3.connect(":memory:")
    world = World(SqliteIntentStore(connection))
    cookie = world.keep()
    row = b"|".join(str(value).encode() for value in connection.execute("SELECT * FROM newel_intents").fetchone())
    assert b"500000" not in row
    assert cookie.value.encode() not in row
    with pytest.raises(ResumeRefused):
        world.take(cookie, world.made(bytes([1]) * 32))
    connection.close()


def test_s32_a_row_moved_to_another_person_opens_nothing() -> None:
    connection = sqlite3.connect(":memory:")
    world = World(SqliteIntentStore(connection))
    cookie = world.keep()
    connection.execute("UPDATE newel_intents SET subject = 'mallory'")
    with pytest.raises(ResumeRefused):
        world.take(cookie, subject="mallory")
    connection.close()


@pytest.mark.parametrize("wrong", [{"key": bytes(16)}, {"application": "Bank"}, {"application": "a;b"}])
def test_a_short_key_and_a_name_that_is_no_cookie_s_stop_the_start(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"store": MemoryIntentStore(), "key": bytes(32), "application": "bank"}
    with pytest.raises(Misconfigured):
        Intents(**good | wrong)
