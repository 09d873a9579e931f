"""`newel policy activate POLICY --reason …`: check, test, prove, compare with the one in force, and bring it into force."""

from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import run_open
from newel.cli.policy.admit import Wanted, add_admission, admit
from newel.cli.policy.files import add_policy, read_sources, sources_of
from newel.policy.engine import Snapshot


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_admission(parser)
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Read the policy before anything is opened, then activate it."""
    sources = sources_of(options.policy)
    made = Snapshot(read_sources(sources, options).document)
    made.compile_all()
    return run_open(options.config, lambda everything: admit(everything, Wanted(made, sources), options))
