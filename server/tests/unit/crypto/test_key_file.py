from pathlib import Path

import pytest

from newel.crypto.key_file import KeyFileRefused, generate, load, parse, rotated, save, text
from newel.crypto.vault import Vault

FIRST, SECOND = generate(bytes(32), "2026-01"), bytes(range(32))


def test_a_saved_vault_is_loaded_again_current_key_first(tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    save(path, FIRST)
    save(path, rotated(load(path), SECOND, "2026-02"))
    loaded = load(path)
    assert (loaded.current, dict(loaded.keys)) == ("2026-02", {"2026-02": SECOND, "2026-01": bytes(32)})
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["master.keys"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700, 0o400, 0o666, 0o4600])
def test_s32_a_key_file_of_another_mode_than_0600_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.keys"
    save(path, FIRST)
    path.chmod(mode)
    with pytest.raises(KeyFileRefused, match="0600"):
        load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# nothing but a remark\n",
        b"a\n",
        b"a AAAA\n",
        b"a !!!!\n",
        b"a " + b"A" * 43 + b" more\n",
        b"a/b " + b"A" * 43 + b"\n",
        b"a " + b"A" * 43 + b"=\n",
        b"a " + b"A" * 43 + b"\na " + b"A" * 43 + b"\n",
        b"\xff\xfe",
    ],
)
def test_a_file_with_anything_but_keys_and_remarks_is_refused_without_quoting_it(content: bytes) -> None:
    with pytest.raises(KeyFileRefused) as refused:
        parse(content)
    assert "AAAA" not in str(refused.value)


def test_a_file_too_large_for_keys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    path.touch(0o600)
    path.chmod(0o600)
    path.write_bytes(b"#" * 70_000)
    with pytest.raises(KeyFileRefused, match="large"):
        load(path)


def test_the_text_of_a_vault_says_what_it_is_and_reads_back() -> None:
    vault = Vault({"a": bytes(32), "b": SECOND}, "b")
    written = text(vault)
    assert written.startswith("# ")
    assert written.splitlines()[1].startswith("b ")
    assert parse(written.encode()).current == "b"


def test_a_new_key_needs_an_id_of_its_own() -> None:
    with pytest.raises(ValueError, match="own"):
        rotated(FIRST, SECOND, "2026-01")
