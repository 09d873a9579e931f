"""The command line: one literal table from a command's name to its module, imported when the command is called.

A command's module has `configure(parser)`, which declares its arguments, and `run(options) -> int`, the exit code. What
cannot be done is raised as `Refusal` and printed to standard error in words.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from newel.cli.extra import NotInstalled, loaded
from newel.cli.printing import print_json
from newel.cli.refusal import REFUSED, USAGE, Refusal
from newel.cli.usage import Parser


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is written, and what it does in words; without words it is the server's own.

    `extra` is the part of the distribution that it needs beside what everybody installs.
    """

    module: str
    says: str
    extra: str = ""


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
    "policy check": Command("newel.cli.policy.check", "read a policy and say every fault, or what it declares"),
    "policy test": Command("newel.cli.policy.test", "run the tests that stand in a policy"),
    "policy fmt": Command("newel.cli.policy.fmt", "write a policy in its one layout, or print its canonical form"),
    "policy prove": Command("newel.cli.policy.prove", "prove a policy's invariants for every possible request"),
    "policy diff": Command("newel.cli.policy.diff", "what a change makes weaker, and where it asks for more"),
    "policy table": Command("newel.cli.policy.table", "everything that can be demanded, by which rules"),
    "policy audit": Command("newel.cli.policy.audit", "rules that do nothing, demands that nobody can meet"),
    "policy replay": Command("newel.cli.policy.replay", "run a policy over the decisions that were recorded", "replay"),
    "policy simulate": Command("newel.cli.policy.simulate", "make up a log of decisions, to try a replay", "replay"),
    "policy log": Command("newel.cli.policy.log", "write the decisions that were recorded as Parquet", "replay"),
    "policy activate": Command("newel.cli.policy.activate", "check, prove, compare and bring a policy into force"),
    "policy rollback": Command("newel.cli.policy.rollback", "bring an older policy into force again"),
    "policy watch": Command("newel.cli.policy.watch", "bring a file into force whenever it changes, for development"),
    "policy list": Command("newel.cli.policy.list", "which policies came into force, by whom and why"),
    "policy show": Command("newel.cli.policy.show", "print the policy in force, or an older one, as it was written"),
    "policy explain": Command("newel.cli.policy.explain", "what a request is asked, by which rules, and without each"),
    "bench": Command("newel.cli.bench", "measure what a complete step-up costs on this machine"),
}

GROUPS = frozenset(name.partition(" ")[0] for name in COMMANDS if " " in name)
"""First words that take a second one."""
EPILOGUE = "newel COMMAND --help says more. The whole list: docs/commands.md."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process by default. Exit codes: docs/commands.md."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _flushed(_run(given))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _silence()
        return 0
    except OSError as error:
        if error.filename is not None:
            raise
        return _unwritten(error)


def _run(given: list[str]) -> int:
    """Run a command, or say which there are; a refusal is printed, with `--json` for programs too."""
    group = given[0] if given and given[0] in GROUPS else ""
    asked = given[1:] if group else given
    if not asked or asked[0] in {"-h", "--help", "help"}:
        print(overview(group))
        return 0 if asked else USAGE
    try:
        options, module = _parse(given)
        return int(module.run(options))
    except Refusal as refusal:
        if "--json" in given and not refusal.told:
            print_json({"error": str(refusal)})
        print(f"newel: {refusal}", file=sys.stderr)
        return refusal.code


def _flushed(code: int) -> int:
    """The exit code, once what was printed is out; another one where it cannot be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        return code or _unwritten(error)
    return code


def _unwritten(error: OSError) -> int:
    """Say that what is printed cannot be written; the exit code."""
    _silence()
    print(f"newel: cannot write: {error.strerror}", file=sys.stderr)
    return REFUSED


def _silence() -> None:
    """What is printed from here on goes nowhere: nobody reads it, and the interpreter's end would try again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def load(name: str) -> ModuleType:
    """The module of a command. Refusal where its extra is not installed."""
    command = COMMANDS[name]
    try:
        return loaded(command.module, command.extra)
    except NotInstalled as why:
        raise Refusal(f"newel {name} needs {why}", code=USAGE) from why


def overview(group: str = "") -> str:
    """What `newel --help` prints, or `newel GROUP --help`, from the table alone."""
    names = [name for name in said() if not group or name.startswith(f"{group} ")]
    width = max(map(len, names)) + 2
    lines = [f"  {name:{width}}{COMMANDS[name].says}" for name in names]
    return "\n".join(["usage: newel COMMAND …", "", *lines, "", EPILOGUE])


def said() -> tuple[str, ...]:
    """The commands that people call."""
    return tuple(name for name, command in COMMANDS.items() if command.says)


def parser(name: str) -> ArgumentParser:
    """The parser of one command."""
    made = Parser(prog=f"newel {name}", description=f"{COMMANDS[name].says[:1].upper()}{COMMANDS[name].says[1:]}.")
    load(name).configure(made)
    return made


def _parse(given: list[str]) -> tuple[Namespace, ModuleType]:
    words = 2 if given[0] in GROUPS else 1
    name = " ".join(given[:words])
    if name not in COMMANDS:
        raise Refusal(f"there is no command {name!r}. There are: {', '.join(said())}", code=USAGE)
    return parser(name).parse_args(given[words:]), load(name)
