"""`newel keys`."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newel.cli.arguments import loaded
from newel.cli.opening import Open, opened
from newel.crypto import key_file
from newel.crypto.vault import SealRefused, sealed_under
from newel.domain.evidence import Authenticator
from newel.factors.table import opened as unsealed
from newel.factors.table import sealed
from newel.storage.base import Unit
from newel.storage.sql.authenticators import add_authenticator, authenticators_of
from newel.storage.sql.epoch import epoch
from newel.storage.sql.keys import signing_keys

Newel = Callable[..., Any]


def within(folder: Path, action: Callable[[Open], Any]) -> Any:
    async def running() -> Any:
        async with opened(loaded(folder / "newel.toml").config) as everything:
            return await action(everything)

    return asyncio.run(running())


def states(newel: Newel, alg: str = "ES256") -> list[str]:
    return [key["state"] for key in newel("keys", "list", "--json").json if key["alg"] == alg]


def epoch_of_keys(folder: Path) -> int:
    return int(within(folder, lambda everything: everything.store.one(epoch())).keys)


def test_rotation_publishes_the_next_key_before_it_signs(newel: Newel, folder: Path) -> None:
    before = epoch_of_keys(folder)
    assert newel("keys", "rotate").code == 0
    assert states(newel) == ["signs", "published, signs later"]
    old, new = (key for key in newel("keys", "list", "--json").json if key["alg"] == "ES256")
    assert old["signs_until"] == new["signs_at"] == new["published_at"] + 3600
    assert old["published_until"] == old["signs_until"] + 7200
    assert epoch_of_keys(folder) > before


def test_a_rotation_under_way_is_not_doubled(newel: Newel, folder: Path) -> None:
    newel("keys", "rotate", "--alg", "ES256")
    done = newel("keys", "rotate")
    assert done.code == 1
    assert "published already" in done.err
    assert states(newel, "RS256") == ["signs"]


def test_one_algorithm_may_be_turned_alone(newel: Newel, folder: Path) -> None:
    assert newel("keys", "rotate", "--alg", "RS256").code == 0
    assert states(newel) == ["signs"]
    assert states(newel, "RS256") == ["signs", "published, signs later"]


def test_at_once_signs_now_and_keeps_the_old_key_published(newel: Newel, folder: Path) -> None:
    newel("keys", "rotate", "--at-once", "--alg", "ES256")
    assert states(newel) == ["published", "signs"]


def test_a_compromised_key_is_withdrawn_at_once_and_forgotten_at_the_next_rotation(newel: Newel, folder: Path) -> None:
    newel("keys", "rotate", "--compromised", "--alg", "ES256")
    assert states(newel) == ["retired", "signs"]
    newel("keys", "rotate", "--alg", "ES256")
    assert states(newel) == ["signs", "published, signs later"]


def test_list_as_text_has_a_line_a_key(newel: Newel, folder: Path) -> None:
    assert len(newel("keys", "list").out.splitlines()) == 3


def test_s32_private_keys_are_sealed_for_their_kid(newel: Newel, folder: Path) -> None:
    vault = key_file.load(folder / "newel.key")
    keys = within(folder, lambda everything: everything.store.all(signing_keys()))
    assert keys
    for key in keys:
        assert vault.open("signing-key", key.sealed_private, associated=(key.kid,))
        with pytest.raises(SealRefused):
            vault.open("signing-key", key.sealed_private, associated=("another",))


def test_s32_the_master_key_turns_in_two_steps(newel: Newel, folder: Path) -> None:
    subject = newel("user", "add", "maria", "--json").json["id"]
    old = key_file.load(folder / "newel.key")
    plain = Authenticator(id="t", subject=subject, method="totp", name="App", created_at=1, material=b"seed" * 5)
    held = sealed(replace(plain, last_used_at=7), old, nonce=bytes(12))
    password = Authenticator(
        id="p", subject=subject, method="password", name="Password", created_at=1, material=b"hash"
    )
    statements = (*add_authenticator(held), *add_authenticator(password))
    within(folder, lambda everything: everything.store.commit(Unit(statements)))
    assert newel("keys", "rotate", "--master").code == 0
    new = key_file.load(folder / "newel.key")
    assert new.current != old.current
    assert set(new.keys) == {old.current, new.current}
    done = newel("keys", "rotate", "--reseal")
    assert done.out.startswith("3 values are sealed anew")
    kept, _ = sorted(within(folder, lambda e: e.store.all(authenticators_of(subject))), key=lambda one: one.id != "t")
    assert sealed_under(kept.material) == new.current
    assert unsealed(kept, new).material == plain.material
    assert kept.last_used_at == 7
    for key in within(folder, lambda everything: everything.store.all(signing_keys())):
        assert sealed_under(key.sealed_private) == new.current
    assert newel("keys", "rotate", "--reseal").out.startswith("0 values")
    assert newel("audit", "verify").code == 0


def test_the_master_key_has_no_algorithm_to_choose(newel: Newel, folder: Path) -> None:
    assert newel("keys", "rotate", "--master", "--alg", "ES256").code == 2


def test_another_servers_master_key_is_refused_in_words(newel: Newel, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    newel("init", "--dir", str(other))
    (other / "newel.key").replace(folder / "newel.key")
    newel("keys", "rotate", "--master")
    done = newel("keys", "rotate", "--reseal")
    assert done.code == 3
    assert "does not fit this database" in done.err
