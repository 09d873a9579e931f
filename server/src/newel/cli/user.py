"""`newel user add|invite|list|show|enable|disable`: the directory's people (subjects, in the code's words)."""

import os
import re
from argparse import ArgumentParser, Namespace
from dataclasses import replace

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, fresh_id, run_open
from newel.cli.printing import moment, print_json, print_pairs, print_table
from newel.cli.refusal import USAGE, Refusal
from newel.crypto.hashing import secret_hash
from newel.domain.subject import Subject
from newel.http.ratelimit import name_key
from newel.storage.base import Statement
from newel.storage.sql.authenticators import authenticators_of
from newel.storage.sql.revocations import revoke_session
from newel.storage.sql.sessions import sessions_of
from newel.storage.sql.subjects import add_sign_up, add_subject, replace_subject, subject_by_name, subjects

LONGEST_NAME = 100
FACT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
PAGE = 500


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="add|invite|list|show|enable|disable")
    adding = commands.add_parser("add", help="add a person and print the one-time address at which they sign up")
    adding.add_argument("name", help="what they type at sign-in")
    adding.add_argument("--display", metavar="TEXT", help="what pages show (default: the name)")
    adding.add_argument(
        "--group", action="append", default=[], metavar="G", help="a group they are in (may be repeated)"
    )
    adding.add_argument("--attr", action="append", default=[], metavar="K=V", help="an attribute (may be repeated)")
    adding.add_argument("--person", metavar="NAME", help="the same human as this existing one, under another account")
    inviting = commands.add_parser("invite", help="print a new sign-up address for somebody who has not signed up")
    listing = commands.add_parser("list", help="list everybody")
    showing = commands.add_parser("show", help="show one person with authenticators and sessions")
    enabling = commands.add_parser("enable", help="let somebody who was disabled sign in again")
    disabling = commands.add_parser("disable", help="end somebody's sessions and refuse new ones")
    for one in (inviting, showing, enabling, disabling):
        one.add_argument("name")
    for one in (adding, inviting, listing, showing, enabling, disabling):
        add_config(one)
    for one in (adding, inviting, listing, showing):
        add_json(one)


def run(options: Namespace) -> int:
    """Run the subcommand."""
    command = COMMANDS[options.command]
    return run_open(options.config, lambda everything: command(everything, options))


async def add(everything: Open, options: Namespace) -> int:
    """Add a subject and its sign-up address in one unit."""
    name = options.name.strip()
    if not name_key(name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal(f"a name has 1 to {LONGEST_NAME} printable characters", code=USAGE)
    id_ = fresh_id()
    subject = Subject(
        id=id_,
        name=name,
        display=display_name(options.display or name),
        person=(await named(everything, options.person)).person if options.person else id_,
        created_at=everything.now,
        groups=frozenset(checked_groups(options.group)),
        attributes=attributes(options.attr),
    )
    address, sign_up = sign_up_address(everything, id_)
    await everything.commit(
        add_subject(subject, name_key(name)),
        sign_up,
        audit=everything.entry("subject_added", subject=id_, groups=sorted(subject.groups), personal={"name": name}),
        otherwise=f"there is somebody named {name} already. For a new sign-up address: newel user invite {name}",
    )
    return print_address(everything, options, subject, address)


async def invite(everything: Open, options: Namespace) -> int:
    """Print another sign-up address, only while nothing is enrolled: what is enrolled there counts at once (S25)."""
    subject = await named(everything, options.name)
    if await everything.store.all(authenticators_of(subject.id)):
        raise Refusal(f"{subject.name} has signed up already; a new address would let its holder take the account over")
    address, sign_up = sign_up_address(everything, subject.id)
    audit = everything.entry("subject_invited", subject=subject.id)
    await everything.commit(sign_up, audit=audit, otherwise="the address could not be made; try again")
    return print_address(everything, options, subject, address)


async def list_(everything: Open, options: Namespace) -> int:
    """List every subject."""
    found: list[Subject] = []
    while page := await everything.store.all(subjects(after=found[-1].id if found else "", limit=PAGE)):
        found.extend(page)
    if options.json:
        print_json([plain(subject) for subject in found])
    else:
        heads = ("name", "display", "groups", "added", "state")
        rows = [
            (one.name, one.display, ",".join(sorted(one.groups)), moment(one.created_at), state(one)) for one in found
        ]
        print_table(heads, rows)
    return 0


async def show(everything: Open, options: Namespace) -> int:
    """Show a subject, its authenticators and its sessions."""
    subject = await named(everything, options.name)
    held = await everything.store.all(authenticators_of(subject.id))
    sessions = await everything.store.all(sessions_of(subject.id))
    if options.json:
        shown = [{"id": one.id, "method": one.method, "name": one.name, "enrolled_at": one.created_at} for one in held]
        print_json({**plain(subject), "authenticators": shown, "sessions": len(sessions)})
        return 0
    facts = ", ".join(f"{name}={value}" for name, value in subject.attributes.items())
    print_pairs(
        {
            "name": subject.name,
            "display": subject.display,
            "id": subject.id,
            "person": subject.person,
            "groups": ", ".join(sorted(subject.groups)) or "none",
            "attributes": facts or "none",
            "added": moment(subject.created_at),
            "state": state(subject),
            "sessions": str(len(sessions)),
            "authenticators": "; ".join(f"{one.method} {one.name!r}" for one in held) or "none yet",
        }
    )
    return 0


async def enable(everything: Open, options: Namespace) -> int:
    """Let a disabled subject sign in again."""
    subject = await named(everything, options.name)
    await switched(everything, subject, disabled=False)
    print(f"{subject.name} can sign in again.")
    return 0


async def disable(everything: Open, options: Namespace) -> int:
    """Disable a subject and end its sessions, and what was issued from them, in one unit (S29)."""
    subject = await named(everything, options.name)
    sessions = await everything.store.all(sessions_of(subject.id))
    endings = [statement for one in sessions for statement in revoke_session(one.lineage, everything.now)]
    await switched(everything, subject, *endings, disabled=True)
    print(f"{subject.name} cannot sign in any more; {len(sessions)} sessions ended.")
    return 0


async def switched(everything: Open, subject: Subject, *more: Statement, disabled: bool) -> None:
    """Store whether a subject is disabled."""
    audit = everything.entry("subject_disabled" if disabled else "subject_enabled", subject=subject.id)
    changed = replace_subject(replace(subject, disabled=disabled))
    await everything.commit(changed, *more, audit=audit, otherwise=f"{subject.name} is gone")


async def named(everything: Open, name: str) -> Subject:
    """The subject with this name, however it is written (S11). Refusal if there is none."""
    subject = await everything.store.one(subject_by_name(name_key(name)))
    if subject is None:
        raise Refusal(f"there is nobody named {name}. See: newel user list")
    return subject


def sign_up_address(everything: Open, subject: str) -> tuple[str, Statement]:
    """A one-time address for `subject`, and the statement that stores it; of its secret only SHA-256 is kept."""
    id_, secret = fresh_id(), os.urandom(32).hex()
    stored = add_sign_up(id_, secret_hash(secret), subject, everything.now + everything.config.lives.sign_up)
    return f"{everything.config.issuer}/sign-up/{id_}.{secret}", stored


def print_address(everything: Open, options: Namespace, subject: Subject, address: str) -> int:
    """Print the sign-up address, the only time that it is known."""
    until = everything.now + everything.config.lives.sign_up
    if options.json:
        print_json({**plain(subject), "sign_up": address, "sign_up_expires_at": until})
    else:
        print(
            f"{subject.name} signs up at this address, once, until {moment(until)}. Hand it to nobody else:\n{address}"
        )
    return 0


def display_name(text: str) -> str:
    """A name to show. Refusal where it is empty, too long, or holds what cannot be seen."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise Refusal(f"--display takes 1 to {LONGEST_NAME} printable characters", code=USAGE)
    return text.strip()


def checked_groups(groups: list[str]) -> list[str]:
    """Groups as policies can name them. Refusal for any other."""
    for group in groups:
        if not FACT.fullmatch(group):
            raise Refusal(f"--group {group!r}: letters, digits and . _ : - only, at most 64", code=USAGE)
    return groups


def attributes(written: list[str]) -> dict[str, str]:
    """Attributes from `name=value` texts. Refusal for any other form, and for a name twice."""
    found: dict[str, str] = {}
    for text in written:
        name, equals, value = text.partition("=")
        if not equals or not FACT.fullmatch(name) or name in found or not value.isprintable():
            raise Refusal(f"--attr {text!r}: write name=value, each name once", code=USAGE)
        found[name] = value
    return found


def plain(subject: Subject) -> dict[str, object]:
    """A subject as JSON."""
    return {
        "id": subject.id,
        "name": subject.name,
        "display": subject.display,
        "person": subject.person,
        "groups": sorted(subject.groups),
        "attributes": dict(subject.attributes),
        "created_at": subject.created_at,
        "disabled": subject.disabled,
    }


def state(subject: Subject) -> str:
    """Whether a subject may sign in, in a word."""
    return "disabled" if subject.disabled else "active"


COMMANDS = {"add": add, "invite": invite, "list": list_, "show": show, "enable": enable, "disable": disable}
