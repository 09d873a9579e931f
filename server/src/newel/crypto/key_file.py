"""The file of master keys: text, one key a line as `id base64url`, the first line's key current, `#` for remarks.

It stands outside the database and is readable by its owner alone; a file that others can read is refused.
"""

import os
import stat
from pathlib import Path

from newel.crypto import base64url
from newel.crypto.vault import KEY_BYTES, KEY_ID, Vault

OWNER_ONLY = 0o600
_REMARK = "# Master keys of this Newel. The first one seals, all of them open. Keep this file apart from the database."
_MOST_BYTES = 65_536


class KeyFileRefused(ValueError):
    """A key file with other permissions than 0600, or with lines that are not keys; the message never quotes one."""


def load(path: Path) -> Vault:
    """The vault of the keys in `path`. KeyFileRefused as its class says; OSError where the file cannot be read."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or stat.S_IMODE(mode) != OWNER_ONLY:
            raise KeyFileRefused(
                f"{path}: a key file is a plain file of mode 0600, this one is {stat.S_IMODE(mode):04o}"
            )
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise KeyFileRefused(f"{path}: too large for a key file")
    return parse(content, str(path))


def parse(content: bytes, where: str = "key file") -> Vault:
    """The vault that `content` describes. KeyFileRefused, naming the line, for anything but keys and remarks."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        try:
            key_id, encoded = line.decode("ascii").split()
            key = base64url.decode(encoded)
        except ValueError:
            raise KeyFileRefused(f"{where}, line {number}: expected a key id and a key in base64url") from None
        if not KEY_ID.fullmatch(key_id) or len(key) != KEY_BYTES or key_id in keys:
            raise KeyFileRefused(f"{where}, line {number}: a key has {KEY_BYTES} bytes and an id of its own")
        keys[key_id] = key
    if not keys:
        raise KeyFileRefused(f"{where}: there is no key in it")
    return Vault(keys, next(iter(keys)))


def text(vault: Vault) -> str:
    """The content of a key file for `vault`, its current key first."""
    order = [vault.current, *(key_id for key_id in vault.keys if key_id != vault.current)]
    return "\n".join((_REMARK, *(f"{key_id} {base64url.encode(vault.keys[key_id])}" for key_id in order), ""))


def save(path: Path, vault: Vault) -> None:
    """Write `vault` to `path` in one step: a reader sees the old file or the new one, with mode 0600 from its birth."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="ascii") as file:
        file.write(text(vault))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def generate(key: bytes, key_id: str) -> Vault:
    """A vault of the one `key` (32 random bytes)."""
    return Vault({key_id: key}, key_id)


def rotated(vault: Vault, key: bytes, key_id: str) -> Vault:
    """`vault` with the new current `key` (32 random bytes); the older keys still open. ValueError for an id in use."""
    if key_id in vault.keys:
        raise ValueError("a new key needs an id of its own")
    return Vault({key_id: key, **vault.keys}, key_id)
