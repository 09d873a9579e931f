"""`newel config validate|show`."""

import json
import sys
from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_config, add_json, config_file, loaded
from newel.config.check import value, warnings
from newel.config.document import toml
from newel.config.key import places
from newel.config.tree import Config


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="validate|show")
    validate = commands.add_parser("validate", help="say whether it can be used, and every fault if not")
    show = commands.add_parser("show", help="print every value in force and where it came from")
    add_config(validate)
    add_config(show)
    add_json(show)


def run(options: Namespace) -> int:
    """Run the subcommand."""
    return COMMANDS[options.command](options)


def validate(options: Namespace) -> int:
    """Check the configuration as a start would."""
    config = loaded(options.config).config
    for warning in warnings(config):
        print(warning, file=sys.stderr)
    print(f"{config_file(options.config)} is good. Issuer: {config.issuer}")
    return 0


def show(options: Namespace) -> int:
    """Print every effective value with its source. There are no secrets in it: they stand in files of their own."""
    result = loaded(options.config)
    if options.json:
        values = {
            place.path: {"value": _plain(value(result.config, place)), "from": result.sources[place.path]}
            for place in places(Config)
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
        return 0
    section = ""
    for place in places(Config):
        if place.section != section:
            section = place.section
            print(f"{'' if place.path == 'server.issuer' else chr(10)}[{section}]")
        print(f"{f'{place.name} = {toml(value(result.config, place))}':50} # {result.sources[place.path]}")
    return 0


def _plain(member: object) -> object:
    return list(member) if isinstance(member, tuple) else member if isinstance(member, int) else str(member)


COMMANDS = {"validate": validate, "show": show}
