"""The command line: one literal table from a command's name to its module, imported when the command is called.

A command's module has `configure(parser)`, which declares its arguments, and `run(options) -> int`, the exit code. What
cannot be done is raised as `Refusal` and printed to standard error in words.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from newel.cli.refusal import USAGE, Refusal


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is written, and what it does in words; without words it is the server's own."""

    module: str
    says: str


COMMANDS: dict[str, Command] = {
    "init": Command("newel.cli.init", "make a new server's folder: configuration, master key, database, signing keys"),
    "serve": Command("newel.cli.serve", "answer requests until a signal comes"),
    "worker": Command("newel.cli.worker", ""),
    "demo": Command("newel.demo", "run a bank and its authorization server on this machine, to try things out"),
    "config": Command("newel.cli.config", "check the configuration, or show what is in force and where it came from"),
    "user": Command("newel.cli.user", "add, list, show and disable people"),
    "client": Command("newel.cli.client", "register, list, show and remove applications"),
    "keys": Command("newel.cli.keys", "list and rotate signing keys; rotate the master key"),
    "audit": Command("newel.cli.audit", "verify that the audit chains are whole"),
    "bench": Command("newel.cli.bench", "measure what a complete step-up costs on this machine"),
}

EPILOGUE = "newel COMMAND --help says more. The whole list: docs/commands.md."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process by default. Exit codes: docs/commands.md."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in {"-h", "--help", "help"}:
        print(overview())
        return 0 if given else USAGE
    try:
        options, module = _parse(given)
        return int(module.run(options))
    except Refusal as refusal:
        print(f"newel: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def load(name: str) -> ModuleType:
    """The module of a command. This is the project's only dynamic import."""
    return import_module(COMMANDS[name].module)


def overview() -> str:
    """What `newel --help` prints, from the table alone."""
    width = max(len(name) for name in COMMANDS) + 2
    lines = [f"  {name:{width}}{command.says}" for name, command in COMMANDS.items() if command.says]
    return "\n".join(["usage: newel COMMAND …", "", *lines, "", EPILOGUE])


def parser(name: str) -> ArgumentParser:
    """The parser of one command."""
    made = ArgumentParser(
        prog=f"newel {name}", description=f"{COMMANDS[name].says[:1].upper()}{COMMANDS[name].says[1:]}."
    )
    load(name).configure(made)
    return made


def _parse(given: list[str]) -> tuple[Namespace, ModuleType]:
    name = given[0]
    if name not in COMMANDS:
        raise Refusal(
            f"there is no command {name!r}. There are: {', '.join(name for name in COMMANDS if COMMANDS[name].says)}",
            code=USAGE,
        )
    return parser(name).parse_args(given[1:]), load(name)
