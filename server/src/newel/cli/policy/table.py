"""`newel policy table POLICY [RESOURCE:ACTION …]`: everything that can be demanded, by which rules."""

from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_json
from newel.cli.policy.files import BAD_INPUT, FINDING, HOLDS, add_policy, read_at
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.policy.message import suggest
from newel.policy.prove.table import table, tables


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    parser.add_argument("targets", nargs="*", metavar="RESOURCE:ACTION", help="these targets only")
    add_seconds(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Print the tables; 1 where one of them is not complete."""
    document = read_at(options.policy, options).document
    for target in options.targets:
        if not document.declared(target):
            raise Refusal(f"there is no target {target!r}; {suggest(target, document.targets)}", code=BAD_INPUT)
    with solver(options) as ask:
        if options.targets:
            found = tuple(table(document, target, ask, at=now()) for target in options.targets)
        else:
            found = tables(document, ask, at=now())
    complete = not any(each.incomplete for each in found)
    if options.json:
        print_json({"complete": complete, "tables": [each.as_json() for each in found]})
    else:
        print("\n\n".join("\n".join(each.lines()) for each in found))
    return HOLDS if complete else FINDING
