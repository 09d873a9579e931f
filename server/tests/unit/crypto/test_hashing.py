import asyncio
import hashlib
import json
import threading
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto import hashing
from newel.crypto.hashing import BUSY, PasswordCheck, PasswordPool, hash_password, pkce_matches, verify_password

VECTORS = Path(__file__).parents[4] / "tests" / "vectors"
ENCODED = hash_password("correct horse", salt=b"s" * 16)


def test_a_hash_is_argon2id_with_19_mib_two_passes_one_lane() -> None:
    assert ENCODED.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_matches_its_own_hash_only() -> None:
    assert verify_password(ENCODED, "correct horse") == PasswordCheck(matches=True)
    assert verify_password(ENCODED, "correct horsf") == PasswordCheck(matches=False)
    assert verify_password("no hash", "correct horse") == PasswordCheck(matches=False)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert verify_password(weaker, "correct horse") == PasswordCheck(matches=True, outdated=True)


def test_a_salt_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        hash_password("correct horse", salt=b"short")


def test_s31_the_decoy_costs_what_a_present_hash_costs() -> None:
    assert extract_parameters(hashing._DECOY) == extract_parameters(ENCODED)
    hashing.verify_nothing("anything")


def test_the_hash_of_a_secret_is_its_sha_256() -> None:
    assert hashing.secret_hash("abc") == hashlib.sha256(b"abc").digest()


def test_rfc_7636_appendix_b() -> None:
    known = json.loads((VECTORS / "oauth" / "rfc-known-answers.json").read_text())["pkce_rfc7636_appB"]
    assert hashing.pkce_s256(known["verifier"]) == known["challenge_S256"]
    assert pkce_matches(known["verifier"], known["challenge_S256"])
    assert not pkce_matches(known["verifier"][:-1] + "Y", known["challenge_S256"])


@pytest.mark.parametrize("verifier", ["", "a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "é", "a" * 43 + "\n"])
def test_a_verifier_outside_rfc_7636_section_4_1_never_matches(verifier: str) -> None:
    assert not pkce_matches(verifier, hashing.pkce_s256(verifier))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_texts_break_the_comparison_of_a_verifier(verifier: str, challenge: str) -> None:
    assert pkce_matches(verifier, challenge) is False or hashing.pkce_s256(verifier) == challenge


async def test_a_full_pool_is_busy_and_takes_work_again_once_there_is_room() -> None:
    pool, gate = PasswordPool(threads=1, waiting=1), threading.Event()
    try:
        running = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        assert await pool.run(gate.wait) is BUSY
        gate.set()
        assert await asyncio.gather(*running) == [True, True]
        assert await pool.run(len, "abc") == 3
    finally:
        gate.set()
        pool.close()
    assert await pool.run(len, "abc") is BUSY


async def test_a_caller_that_goes_away_keeps_its_place_until_the_work_ends() -> None:
    pool, gate, begun = PasswordPool(threads=1, waiting=0), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait()

    try:
        gone = asyncio.ensure_future(pool.run(work))
        await asyncio.to_thread(begun.wait)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert await pool.run(work) is BUSY
    finally:
        gate.set()
        pool.close()


async def test_what_the_work_raises_reaches_its_caller() -> None:
    pool = PasswordPool(threads=1, waiting=0)
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)
    pool.close()
