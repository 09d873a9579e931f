import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto.vault import SealRefused, Vault, sealed_under

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
NONCE = b"n" * 12
VAULT = Vault({"k1": OLD}, "k1")
ROTATED = Vault({"k2": NEW, "k1": OLD}, "k2")
SEALED = VAULT.seal("totp", b"seed", nonce=NONCE, associated=("alex", "a1"))


@given(st.text(max_size=8), st.binary(max_size=64), st.lists(st.text(max_size=8), max_size=3))
def test_open_is_the_inverse_of_seal(purpose: str, plaintext: bytes, associated: list[str]) -> None:
    sealed = VAULT.seal(purpose, plaintext, nonce=NONCE, associated=tuple(associated))
    assert VAULT.open(purpose, sealed, associated=tuple(associated)) == plaintext


@pytest.mark.parametrize(
    ("purpose", "associated"),
    [
        ("intent", ("alex", "a1")),
        ("totp", ("alex",)),
        ("totp", ("a1", "alex")),
        ("totp", ("alexa1",)),
        ("totp", ("alex", "a1", "")),
        ("totp", ()),
    ],
)
def test_s32_a_seal_opens_for_its_purpose_and_associated_data_only(purpose: str, associated: tuple[str, ...]) -> None:
    with pytest.raises(SealRefused):
        VAULT.open(purpose, SEALED, associated=associated)


@given(st.integers(min_value=0, max_value=len(SEALED) - 1), st.integers(min_value=1, max_value=255))
def test_a_seal_with_one_changed_byte_does_not_open(place: int, change: int) -> None:
    altered = bytearray(SEALED)
    altered[place] ^= change
    with pytest.raises(SealRefused):
        VAULT.open("totp", bytes(altered), associated=("alex", "a1"))


@given(st.binary(max_size=40))
def test_bytes_that_are_no_seal_are_refused(data: bytes) -> None:
    with pytest.raises(SealRefused):
        VAULT.open("totp", data)


def test_s32_after_rotation_old_seals_open_and_new_ones_name_the_new_key() -> None:
    assert ROTATED.open("totp", SEALED, associated=("alex", "a1")) == b"seed"
    resealed = ROTATED.seal("totp", b"seed", nonce=NONCE)
    assert (sealed_under(SEALED), sealed_under(resealed)) == ("k1", "k2")
    with pytest.raises(SealRefused):
        VAULT.open("totp", resealed)


def test_a_mac_depends_on_key_purpose_and_data_and_survives_rotation() -> None:
    mac = VAULT.mac("recovery", b"code")
    assert len(mac) == 32
    assert ROTATED.mac("recovery", b"code", key_id="k1") == mac
    others = {ROTATED.mac("recovery", b"code"), VAULT.mac("audit", b"code"), VAULT.mac("recovery", b"Code")}
    assert mac not in others
    assert len(others) == 3
    with pytest.raises(KeyError):
        VAULT.mac("recovery", b"code", key_id="k2")


def test_a_vault_shows_no_key() -> None:
    assert repr(ROTATED) == "Vault(k2, k1; current k2)"


@pytest.mark.parametrize(
    ("keys", "current"), [({}, "a"), ({"a": OLD}, "b"), ({"a": OLD[1:]}, "a"), ({"a b": OLD}, "a b"), ({"": OLD}, "")]
)
def test_a_vault_needs_whole_keys_and_plain_ids(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Vault(keys, current)


def test_a_nonce_has_twelve_bytes() -> None:
    with pytest.raises(ValueError, match="12"):
        VAULT.seal("totp", b"seed", nonce=b"short")


def test_a_seal_cut_off_inside_its_nonce_is_refused() -> None:
    long_id = Vault({"k" * 32: OLD}, "k" * 32)
    sealed = long_id.seal("totp", b"seed", nonce=NONCE)
    with pytest.raises(SealRefused):
        long_id.open("totp", sealed[: 2 + 32 + 5])


def test_a_seal_whose_key_id_is_no_text_is_refused() -> None:
    with pytest.raises(SealRefused):
        sealed_under(b"\x01\x02\xff\xff" + bytes(40))
