"""`newel client resource add|list|remove`: the resources of a client, which searches range over and whose properties
are facts.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from newel.cli.arguments import add_config, add_json
from newel.cli.identifier import IDENTIFIER
from newel.cli.opening import Open
from newel.cli.printing import print_json, print_table
from newel.cli.refusal import USAGE, Refusal
from newel.domain.audit import Entry
from newel.storage.sql.clients import client
from newel.storage.sql.registrations import Registration, all_registrations, register, registrations, unregister

LONGEST_ID, LONGEST_NAME, LONGEST_VALUE, MOST_PROPERTIES = 200, 100, 1_000, 50
LISTED = 1_000_000
"""More of one type than a server is meant to hold."""


def declare(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="resource_command", required=True, metavar="add|list|remove")
    adding = commands.add_parser("add", help="register a resource of a client")
    listing = commands.add_parser("list", help="list the resources of a client")
    removing = commands.add_parser("remove", help="remove a resource of a client")
    for one in (adding, listing, removing):
        one.add_argument("client", help="the client's id")
        add_config(one)
    for one in (adding, removing):
        one.add_argument("type", help="what kind of thing it is, as policies name it (bank.transfer)")
        one.add_argument("id", help="its id at the client")
    listing.add_argument("type", nargs="?", help="only resources of this type")
    adding.add_argument(
        "--property", action="append", default=[], metavar="K=V", help="a property, which policies may read as a fact"
    )
    add_json(listing)


async def run(everything: Open, options: Namespace) -> int:
    """Run the subcommand."""
    return await COMMANDS[options.resource_command](everything, options)


async def add(everything: Open, options: Namespace) -> int:
    """Register a resource."""
    registration = Registration(
        client_id=options.client, type=options.type, id=options.id, properties=read_properties(options.property)
    )
    if not IDENTIFIER.fullmatch(registration.type):
        raise Refusal(f"{registration.type!r} is no type: write for example bank.transfer", code=USAGE)
    if not _fits(registration.id, LONGEST_ID):
        raise Refusal(f"an id has 1 to {LONGEST_ID} printable characters", code=USAGE)
    await _known(everything, options.client)
    await everything.commit(
        register(registration),
        audit=_entry(everything, "resource_registered", options),
        otherwise=f"{options.client} has this {options.type} already. See: newel client resource list {options.client}",
    )
    print(f"{options.type} {options.id} is registered for {options.client}.")
    return 0


def read_properties(given: list[str]) -> Mapping[str, str]:
    """Properties by name. Refusal for what is none, and for names that differ in case only: policies read them alike."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not _fits(name, LONGEST_NAME) or not _fits(value or "-", LONGEST_VALUE):
            raise Refusal(f"--property {text!r}: write for example --property owner=alice", code=USAGE)
        if name.lower() in map(str.lower, found):
            raise Refusal(f"--property {name} is given twice", code=USAGE)
        found[name] = value
    if len(found) > MOST_PROPERTIES:
        raise Refusal(f"a resource has {MOST_PROPERTIES} properties at most", code=USAGE)
    return found


async def list_(everything: Open, options: Namespace) -> int:
    """List a client's resources."""
    await _known(everything, options.client)
    asked = all_registrations(options.client)
    if options.type:
        asked = registrations(options.client, options.type, "", LISTED)
    found = await everything.store.all(asked)
    if options.json:
        print_json([{"type": one.type, "id": one.id, "properties": dict(one.properties)} for one in found])
    else:
        rows = [(one.type, one.id, _words(one.properties)) for one in found]
        print_table(("type", "id", "properties"), rows)
    return 0


async def remove(everything: Open, options: Namespace) -> int:
    """Remove a resource."""
    await everything.commit(
        unregister(options.client, options.type, options.id),
        audit=_entry(everything, "resource_removed", options),
        otherwise=f"there is no such resource. See: newel client resource list {options.client}",
    )
    print(f"{options.type} {options.id} of {options.client} is removed.")
    return 0


async def _known(everything: Open, client_id: str) -> None:
    if await everything.store.one(client(client_id)) is None:
        raise Refusal(f"there is no client {client_id}. See: newel client list")


def _entry(everything: Open, kind: str, options: Namespace) -> Entry:
    return everything.entry(kind, personal={"resource": options.id}, client=options.client, type=options.type)


def _words(properties: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in properties.items())


def _fits(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable()


COMMANDS = {"add": add, "list": list_, "remove": remove}
