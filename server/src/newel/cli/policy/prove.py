"""`newel policy prove POLICY`: does each invariant hold for every possible request?"""

from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_json
from newel.cli.policy.files import FINDING, HOLDS, add_policy, read_at
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.printing import print_json
from newel.policy.prove.invariants import prove


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_seconds(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Prove; 1 where an invariant does not hold, or could not be proved."""
    document = read_at(options.policy, options).document
    with solver(options) as ask:
        verdicts = prove(document, ask, at=now())
    proved = sum(verdict.state == "proved" for verdict in verdicts)
    if options.json:
        print_json({"holds": proved == len(verdicts), "invariants": [verdict.as_json() for verdict in verdicts]})
    else:
        for verdict in verdicts:
            print("\n".join(verdict.lines()))
        print(f"{proved} of {len(verdicts)} invariants are proved.")
    return HOLDS if proved == len(verdicts) else FINDING
