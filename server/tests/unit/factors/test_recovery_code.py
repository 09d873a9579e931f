import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.tests.unit.factors.moment import ALEX, NOW, VAULT, moment

from newel.crypto.key_file import rotated
from newel.crypto.vault import Vault
from newel.domain.assurance import reached
from newel.domain.change import SpendRecoveryCode
from newel.domain.evidence import Authenticator
from newel.factors.base import LIVES, Confirmed, Rejected, Verified
from newel.factors.recovery_code import RecoveryCode, code_hashes, typed, written

FACTOR = RecoveryCode()
BEGUN = FACTOR.enrol(moment(), ALEX)
CODES: tuple[str, ...] = BEGUN.public["codes"]


def confirmed(authenticator_id: str = "r1") -> Authenticator:
    done = FACTOR.confirm(moment(), ALEX, BEGUN.draft, "1", authenticator_id=authenticator_id, name="Recovery codes")
    assert isinstance(done, Confirmed)
    assert done.evidence is None
    return done.authenticator


PAPER = confirmed()


def answer(response: str, paper: Authenticator = PAPER, vault: Vault = VAULT) -> Verified | Rejected:
    challenge = FACTOR.challenge(moment(), (paper,)).challenge
    return FACTOR.verify(moment(vault=vault), challenge, (paper,), response)


def test_there_are_ten_different_codes_of_80_bits_in_readable_groups() -> None:
    assert len(set(CODES)) == 10
    assert {tuple(map(len, code.split("-"))) for code in CODES} == {(4, 4, 4, 4)}
    assert not set("".join(CODES)) & set("ILOU")


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_verified_and_names_its_own_row_to_spend(code: str) -> None:
    verified = answer(code)
    assert isinstance(verified, Verified)
    assert isinstance(verified.change, SpendRecoveryCode)
    assert verified.change.authenticator == "r1"
    assert verified.change.code_hash == code_hashes(PAPER.material)[CODES.index(code)]


def test_s14_codes_are_kept_as_hmac_under_a_key_of_the_vault_and_for_their_authenticator() -> None:
    bare = [code.replace("-", "").encode() for code in CODES]
    assert not any(code in PAPER.material for code in bare)
    assert len(set(code_hashes(PAPER.material)) | set(code_hashes(confirmed("r2").material))) == 20
    assert answer(CODES[0], dataclasses.replace(PAPER, id="r2")) == Rejected("wrong_code")
    assert answer(CODES[0], vault=Vault({"k1": b"x" * 32}, "k1")) == Rejected("wrong_code")


def test_s32_codes_outlive_a_rotation_of_the_vault_until_its_old_key_is_gone() -> None:
    assert isinstance(answer(CODES[0], vault=rotated(VAULT, b"x" * 32, "k2")), Verified)
    assert answer(CODES[0], vault=Vault({"k2": b"x" * 32}, "k2")) == Rejected("wrong_code")


@given(st.binary(min_size=10, max_size=10))
def test_what_is_written_is_read_however_it_is_typed(drawn: bytes) -> None:
    code = written(drawn)
    bare = code.replace("-", "")
    for form in (code, code.lower(), code.replace("-", " "), f" {bare} ", bare.replace("0", "O").replace("1", "l")):
        assert typed(form) == bare
    number = 0
    for character in bare:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert number.to_bytes(10, "big") == drawn


@pytest.mark.parametrize(
    "response", ["", "AAAA-BBBB-CCCC", "AAAA-BBBB-CCCC-DDDU", "\uff21AAA-BBBB-CCCC-DDDD", "A" * 100]
)
def test_what_is_not_a_code_is_malformed(response: str) -> None:
    assert answer(response) == Rejected("malformed")


def test_a_code_of_nobody_is_wrong() -> None:
    assert answer("0000-0000-0000-0000") == Rejected("wrong_code")
    assert answer(CODES[0], dataclasses.replace(PAPER, material=b"garbage")) == Rejected("wrong_code")


@pytest.mark.parametrize("response", ["", "0", "yes"])
def test_an_enrolment_needs_the_word_that_the_codes_are_written_down(response: str) -> None:
    done = FACTOR.confirm(moment(), ALEX, BEGUN.draft, response, authenticator_id="r1", name="")
    assert done == Rejected("malformed")


def test_s24_a_code_is_evidence_of_recovery_and_completes_nothing() -> None:
    verified = answer(CODES[3])
    assert isinstance(verified, Verified)
    classes = reached([verified.evidence], {"r1": PAPER}, now=NOW, active_at=NOW)
    assert set(classes) == {"recovery", "aal1"}


def test_an_old_challenge_is_not_answered() -> None:
    made = FACTOR.challenge(moment(), (PAPER,)).challenge
    assert FACTOR.verify(moment(now=NOW + LIVES), made, (PAPER,), CODES[0]) == Rejected("expired")
