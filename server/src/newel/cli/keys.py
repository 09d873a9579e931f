"""`newel keys list|rotate`: signing keys, and the master key that seals them at rest."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, fresh_id, run_open
from newel.cli.printing import moment, print_json, print_table
from newel.cli.refusal import USAGE, Refusal
from newel.cli.reseal import reseal
from newel.cli.signing import ALGORITHMS, rotation, state
from newel.crypto import key_file
from newel.storage.base import Unit
from newel.storage.sql.keys import signing_keys

Action = Callable[[Open, Namespace], Awaitable[int]]


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|rotate")
    listing = commands.add_parser("list", help="list signing keys and what each does now")
    rotating = commands.add_parser(
        "rotate",
        help="publish the next signing key; it signs once it was announced for keys.announce",
        epilog="The master key turns in two steps, because a running server knows only the keys it started with: "
        "rotate --master, restart the server, rotate --reseal.",
    )
    rotating.add_argument("--alg", choices=ALGORITHMS, action="append", help="only this algorithm (default: each)")
    way = rotating.add_mutually_exclusive_group()
    way.add_argument("--at-once", action="store_true", help="sign with the new key now, without announcing it first")
    way.add_argument("--compromised", action="store_true", help="at once, and withdraw the old key and all it signed")
    way.add_argument("--master", action="store_true", help="put a new master key into its file; older ones still open")
    way.add_argument("--reseal", action="store_true", help="seal everything under the newest master key")
    add_config(listing)
    add_config(rotating)
    add_json(listing)


def run(options: Namespace) -> int:
    """Run the subcommand."""
    command = list_ if options.command == "list" else chosen(options)
    return run_open(options.config, lambda everything: command(everything, options))


def chosen(options: Namespace) -> Action:
    """What `rotate` turns."""
    if (options.master or options.reseal) and options.alg:
        raise Refusal("--alg is for signing keys, not for the master key", code=USAGE)
    return rotate_master if options.master else reseal_all if options.reseal else rotate


async def list_(everything: Open, options: Namespace) -> int:
    """List the signing keys."""
    overlap, now = everything.config.keys.overlap, everything.now
    stored = await everything.store.all(signing_keys())
    found = sorted(stored, key=lambda key: (key.alg, key.active_at, key.retire_at is None))
    if options.json:
        print_json(
            [
                {
                    "kid": key.kid,
                    "alg": key.alg,
                    "state": state(key, now, overlap),
                    "published_at": key.created_at,
                    "signs_at": key.active_at,
                    "signs_until": key.retire_at,
                    "published_until": None if key.retire_at is None else key.retire_at + overlap,
                }
                for key in found
            ]
        )
        return 0
    rows = [
        (
            key.kid,
            key.alg,
            state(key, now, overlap),
            moment(key.active_at),
            moment(key.retire_at),
            moment(None if key.retire_at is None else key.retire_at + overlap),
        )
        for key in found
    ]
    print_table(("kid", "alg", "state", "signs from", "signs until", "published until"), rows)
    return 0


async def rotate(everything: Open, options: Namespace) -> int:
    """Publish the next key of each algorithm and end its predecessors."""
    now, overlap = everything.now, everything.config.keys.overlap
    urgent = options.at_once or options.compromised
    active_at = now if urgent else now + everything.config.keys.announce
    retire_at = now - overlap if options.compromised else active_at
    found = await everything.store.all(signing_keys())
    for alg in options.alg or ALGORITHMS:
        waiting = [key for key in found if key.alg == alg and key.active_at > now and key.retire_at is None]
        if waiting and not urgent:
            raise Refusal(f"the next {alg} key is published already; it signs from {moment(waiting[0].active_at)}")
        turned = rotation(
            found, alg, everything.vault, now=now, active_at=active_at, retire_at=retire_at, forget=now - overlap
        )
        audit = everything.entry("key_rotated", kid=turned.key.kid, alg=alg, compromised=options.compromised)
        await everything.commit(*turned.statements, audit=audit, otherwise="another rotation came first; look again")
        print(f"{alg} {turned.key.kid} is published and signs {'now' if urgent else f'from {moment(active_at)}'}.")
    return 0


async def rotate_master(everything: Open, _: Namespace) -> int:
    """Put a new current master key into the file; whoever starts from now on seals under it."""
    turned = key_file.rotated(everything.vault, os.urandom(32), fresh_id())
    await everything.store.commit(Unit(audit=everything.entry("master_key_added", key=turned.current)))
    key_file.save(everything.config.secrets.master_key_file, turned)
    print(f"{everything.config.secrets.master_key_file} has a new master key, {turned.current}.")
    print("Back the file up, restart the server, then run: newel keys rotate --reseal")
    return 0


async def reseal_all(everything: Open, _: Namespace) -> int:
    """Seal what older master keys sealed under the current one. May be repeated, also while the server runs."""
    done, raced = await reseal(everything)
    await everything.store.commit(Unit(audit=everything.entry("resealed", count=done, key=everything.vault.current)))
    print(f"{done} values are sealed anew under {everything.vault.current}.")
    if raced:
        raise Refusal(f"{raced} values changed meanwhile; run the command again")
    print("Older master keys stay in the file: audit chains begun under them are verified with them.")
    return 0
