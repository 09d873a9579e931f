"""`newel policy show [VERSION]`: the text of a policy that came into force, as it was written."""

import sys
from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.files import HOLDS
from newel.cli.policy.versions import kept_snapshot
from newel.cli.printing import print_json
from newel.domain.snapshot import KeptSnapshot
from newel.flows.policies import kept, last_activation
from newel.policy import shipped
from newel.policy.message import Source


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("version", nargs="?", help="the first digits of its version; the one in force by default")
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Print the policy."""
    return run_open(options.config, lambda everything: show(everything, options))


async def show(everything: Open, options: Namespace) -> int:
    """Print the text; of a folder each file under its name."""
    last = await last_activation(everything.store)
    version = options.version or (last.version if last else None)
    found = _shipped() if version is None else await kept_snapshot(everything.store, version)
    if options.json:
        print_json(
            {
                "version": found.version,
                "name": found.name,
                "in_force": last is None or last.version == found.version,
                "author": found.author or None,
                "kept_at": found.kept_at or None,
                "files": dict(found.sources),
                "canonical": found.canonical,
            }
        )
        return HOLDS
    for name, text in found.sources.items():
        if len(found.sources) > 1:
            sys.stdout.write(f"# {name}\n")
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    return HOLDS


def _shipped() -> KeptSnapshot:
    """What decides before anything was activated."""
    return kept(shipped.shipped(), [Source.of("shipped", shipped.TEXT)], author="", now=0, checks={})
