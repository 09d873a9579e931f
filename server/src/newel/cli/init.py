"""`newel init`: a new server's folder, complete and ready to serve. It overwrites nothing."""

import asyncio
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from newel.cli.opening import fresh_id, milliseconds, refusals
from newel.cli.refusal import USAGE, Refusal
from newel.cli.signing import first_keys
from newel.config import Config, ConfigError, read
from newel.config.document import toml
from newel.crypto import key_file
from newel.crypto.vault import Vault
from newel.domain.audit import Entry
from newel.services import audit_key
from newel.storage.base import Unit
from newel.storage.sqlite import open_store


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--dir", type=Path, default=Path(), metavar="DIR", help="the folder (default: this one)")
    parser.add_argument(
        "--issuer", default=Config().issuer, metavar="URL", help="the address people and clients will see"
    )
    parser.add_argument("--name", default=Config().organisation.name, help="the organisation's name on pages")


def run(options: Namespace) -> int:
    """Write newel.toml, the master key and the database with its first signing keys."""
    folder: Path = options.dir.absolute()
    text = first_config(options.issuer, options.name)
    try:
        config = read(text, {}, name="newel.toml", folder=folder).config
    except ConfigError as error:
        raise Refusal(str(error), code=USAGE) from error
    file = folder / "newel.toml"
    for existing in (file, config.secrets.master_key_file, config.storage.database, config.storage.checkpoint_file):
        if existing.exists():
            raise Refusal(
                f"{existing} exists already, and nothing is overwritten. Choose another folder: newel init --dir DIR"
            )
    with refusals():
        folder.mkdir(parents=True, exist_ok=True)
        vault = key_file.generate(os.urandom(32), fresh_id())
        key_file.save(config.secrets.master_key_file, vault)
        asyncio.run(make_database(config, vault))
        file.write_text(text, encoding="utf-8")
    print(f"{folder} is ready.\n")
    print(f"  {file.name:12}the configuration; docs/config.md lists every key")
    print(f"  {config.secrets.master_key_file.name:12}the master key: keep a copy apart from the database's backups")
    print(f"  {config.storage.database.name:12}the database\n")
    here = "" if folder == Path.cwd() else f" --config {file}"
    print(f"Next:\n  newel user add NAME{here}\n  newel serve{here}")
    return 0


async def make_database(config: Config, vault: Vault) -> None:
    """Create the database, its owner's alone, with the first signing keys."""
    store = await open_store(config.storage.database, audit_key=audit_key(vault), now_ms=milliseconds())
    try:
        now = milliseconds() // 1000
        audit = Entry(kind="database_created", at=now, body={"by": "command", "issuer": config.issuer})
        await store.commit(Unit(tuple(first_keys(vault, now)), audit=audit))
    finally:
        await store.close()


def first_config(issuer: str, name: str) -> str:
    """The text of a first newel.toml: what differs from the defaults, and where to read on."""
    port = issuer.rpartition(":")[2]
    listening = f"port = {port}\n" if issuer.startswith("http://") and port.isdecimal() else ""
    return (
        "# Every key with its default and safe bounds: docs/config.md. What is in force: newel config show\n\n"
        f"[server]\nissuer = {toml(issuer)}\n{listening}\n"
        f"[organisation]\nname = {toml(name)}\n"
    )
