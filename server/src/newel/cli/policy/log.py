"""`newel policy log export FILE.parquet`: the decisions that were recorded, as a table for other tools and for `replay`.

People and sessions are keyed hashes there, and facts that would say who it was are left out. The records are read twice:
first for the facts that they hold, then row by row into the file, so that neither stands in memory as a whole.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from pathlib import Path

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.files import BAD_INPUT, HOLDS
from newel.cli.policy.outputs import PARQUET, check_output, written
from newel.cli.policy.recorded import NAMES, fielded_facts, rows
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.domain.value import replace
from newel.flows.policies import in_force
from newel.policy.document import Document
from newel.policy.read.shape import duration_of
from newel.policy.replay.build import Row
from newel.policy.replay.columns import Store
from newel.policy.replay.encode import observed
from newel.policy.replay.log import LogRefused
from newel.policy.replay.parquet_write import RowWriter
from newel.policy.shipped import shipped


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="export")
    export = commands.add_parser("export", help="write them to a file")
    export.add_argument("file", type=Path, metavar="FILE.parquet", help="where they go")
    export.add_argument("--since", default="30d", metavar="TIME", help="how far back: 12h, 30d (default: %(default)s)")
    add_config(export)
    add_json(export)


def run(options: Namespace) -> int:
    """Write the file."""
    since = duration_of(options.since)
    if since is None:
        raise Refusal("--since is a duration such as 30d", code=BAD_INPUT)
    check_output(options.file, [PARQUET])
    return run_open(options.config, lambda everything: _export(everything, options, everything.now - since))


async def _export(everything: Open, options: Namespace, since: int) -> int:
    current = await in_force(everything.store)
    document = (shipped() if current is None else current.snapshot).document
    facts, classes = await _held(everything, document, since)
    if not facts and not classes:
        raise Refusal(f"no decision was recorded in the last {options.since}; nothing was written", code=BAD_INPUT)
    try:
        with written(options.file, PARQUET) as stream, RowWriter(stream, facts, classes) as writer:
            async for row in _rows(everything, document, since):
                writer.add(row)
    except LogRefused as odd:
        raise Refusal(f"the decision log cannot be written: {odd}", code=BAD_INPUT) from odd
    if options.json:
        print_json({"decisions": writer.written, "facts": sorted({path for path, _ in facts})})
    else:
        print(f"{options.file} holds {writer.written:,} decisions, people under keyed hashes.")
    return HOLDS


async def _held(
    everything: Open, document: Document, since: int
) -> tuple[tuple[tuple[str, Store], ...], tuple[str, ...]]:
    """Every fact that the records hold, with each type that its values have, and every class that somebody reached."""
    facts: set[tuple[str, Store]] = set()
    classes: set[str] = set()
    async for row in _rows(everything, document, since):
        classes |= row.ages.keys()
        facts |= {(path, store) for path, value in row.facts.items() if (store := observed(value)) is not None}
    return tuple(sorted(facts)), tuple(sorted(classes))


async def _rows(everything: Open, document: Document, since: int) -> AsyncIterator[Row]:
    """The records up to now, without what would say who it was; twice the same."""
    key, fielded = everything.vault.mac("replay", b""), fielded_facts(document)
    async for row in rows(everything.store, key, since, fielded, everything.now + 1):
        yield replace(row, facts={path: value for path, value in row.facts.items() if path not in NAMES})
