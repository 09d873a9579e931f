"""`newel user`."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from newel.cli.arguments import loaded
from newel.cli.opening import Open, opened
from newel.crypto.hashing import secret_hash
from newel.domain.evidence import Authenticator
from newel.domain.session import Session
from newel.storage.base import Query, Unit
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.revocations import revoked
from newel.storage.sql.sessions import add_session
from newel.storage.sql.subjects import sign_up, spend_sign_up

Newel = Callable[..., Any]
T = TypeVar("T")
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "MARIA")


def within(folder: Path, action: Callable[[Open], Any]) -> Any:
    async def running() -> Any:
        async with opened(loaded(folder / "newel.toml").config) as everything:
            return await action(everything)

    return asyncio.run(running())


def stored(folder: Path, query: Query[T]) -> T | None:
    found: T | None = within(folder, lambda everything: everything.store.one(query))
    return found


def enrolled(folder: Path, subject: str) -> None:
    held = Authenticator(id="a1", subject=subject, method="password", name="Password", created_at=1, material=b"x")
    within(folder, lambda everything: everything.store.commit(Unit(add_authenticator(held))))


def test_add_prints_a_one_time_sign_up_address(newel: Newel, folder: Path) -> None:
    done = newel("user", "add", "Maria")
    assert done.code == 0
    assert re.search(r"^http://localhost:8400/sign-up/[-_0-9A-Za-z]{27}\.[0-9a-f]{64}$", done.out, re.MULTILINE)


def test_s32_of_a_sign_up_secret_only_the_hash_is_stored(newel: Newel, folder: Path) -> None:
    added = newel("user", "add", "Maria", "--json").json
    id_, secret = added["sign_up"].rpartition("/")[2].split(".")
    kept = stored(folder, sign_up(id_))
    assert kept is not None
    assert (kept.secret_hash, kept.subject, kept.spent_at) == (secret_hash(secret), added["id"], None)
    assert kept.expires_at == added["sign_up_expires_at"] == added["created_at"] + 86400
    assert secret.encode() not in b"".join(file.read_bytes() for file in folder.iterdir())


def test_a_sign_up_address_is_spent_once(newel: Newel, folder: Path) -> None:
    added = newel("user", "add", "Maria", "--json").json
    id_, secret = added["sign_up"].rpartition("/")[2].split(".")
    spending = spend_sign_up(id_, secret_hash(secret), added["created_at"])
    first = within(folder, lambda everything: everything.store.commit(Unit((spending,))))
    second = within(folder, lambda everything: everything.store.commit(Unit((spending,))))
    assert first.rows == (added["id"],)
    assert not hasattr(second, "rows")


def test_groups_and_attributes_are_facts_of_the_directory(newel: Newel, folder: Path) -> None:
    newel(
        "user", "add", "maria", "--display", "Maria Example", "--group", "staff", "--group", "eu", "--attr", "plan=a=b"
    )
    shown = newel("user", "show", "maria", "--json").json
    assert (shown["display"], shown["groups"], shown["attributes"]) == (
        "Maria Example",
        ["eu", "staff"],
        {"plan": "a=b"},
    )
    text = newel("user", "show", "maria").out
    assert "eu, staff" in text
    assert "plan=a=b" in text


def test_s11_a_name_is_taken_in_every_spelling(newel: Newel, folder: Path) -> None:
    newel("user", "add", "maria")
    done = newel("user", "add", WIDE)
    assert done.code == 1
    assert "newel user invite" in done.err


def test_one_person_may_have_several_accounts(newel: Newel, folder: Path) -> None:
    first = newel("user", "add", "maria", "--json").json
    second = newel("user", "add", "maria-admin", "--person", "MARIA", "--json").json
    assert first["person"] == first["id"]
    assert second["person"] == first["id"]
    assert newel("user", "add", "x", "--person", "nobody").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (" ",),
        ("x" * 101,),
        ("a\nb",),
        ("a", "--display", " "),
        ("a", "--display", "a\u202eb"),
        ("a", "--group", "a b"),
        ("a", "--group", ""),
        ("a", "--attr", "plan"),
        ("a", "--attr", "=x"),
        ("a", "--attr", "k=1", "--attr", "k=2"),
        ("a", "--attr", "k=\x00"),
    ],
)
def test_what_cannot_be_stored_is_a_usage_error(newel: Newel, folder: Path, arguments: tuple[str, ...]) -> None:
    assert newel("user", "add", *arguments).code == 2
    assert newel("user", "list", "--json").json == []


def test_invite_prints_another_address_until_something_is_enrolled(newel: Newel, folder: Path) -> None:
    added = newel("user", "add", "maria", "--json").json
    again = newel("user", "invite", "maria", "--json").json
    assert again["sign_up"] != added["sign_up"]
    enrolled(folder, added["id"])
    done = newel("user", "invite", "maria")
    assert done.code == 1
    assert "take the account over" in done.err


def test_show_lists_authenticators(newel: Newel, folder: Path) -> None:
    enrolled(folder, newel("user", "add", "maria", "--json").json["id"])
    assert "password 'Password'" in newel("user", "show", "maria").out
    assert newel("user", "show", "maria", "--json").json["authenticators"][0]["method"] == "password"


def test_s29_disabling_ends_every_session(newel: Newel, folder: Path) -> None:
    subject = newel("user", "add", "maria", "--json").json["id"]
    session = Session(lineage="l1", subject=subject, created_at=1, active_at=1, expires_at=2**40, evidence=())
    within(folder, lambda everything: everything.store.commit(Unit((add_session(session, b"h" * 32),))))
    done = newel("user", "disable", "maria")
    assert done.code == 0
    assert "1 sessions ended" in done.out
    assert newel("user", "show", "maria", "--json").json["disabled"] is True
    assert stored(folder, revoked("l1")) is not None
    assert newel("user", "enable", "maria").code == 0
    assert newel("user", "show", "maria", "--json").json["disabled"] is False


def test_list_has_everybody_as_text_and_json(newel: Newel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newel.cli.user.PAGE", 2)
    names = ["ada", "bert", "cleo", "dora", "emil"]
    for name in names:
        newel("user", "add", name)
    assert [one["name"] for one in newel("user", "list", "--json").json] == names
    assert [line.split()[0] for line in newel("user", "list").out.splitlines()] == ["name", *names]


@pytest.mark.parametrize("command", ["show", "invite", "enable", "disable"])
def test_an_unknown_name_is_refused_in_words(newel: Newel, folder: Path, command: str) -> None:
    done = newel("user", command, "nobody")
    assert done.code == 1
    assert "newel user list" in done.err
