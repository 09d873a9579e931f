"""`newel policy replay --candidate POLICY`: run a policy that is not in force over the decisions that were recorded.

The log is the database's, or a file: Parquet, or what `simulate` or an earlier replay kept.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.files import BAD_INPUT, HOLDS, read_at
from newel.cli.policy.log_files import read_log_file, write_log_file
from newel.cli.policy.outputs import LOGS, PAGE, check_output, written
from newel.cli.policy.proving import now
from newel.cli.policy.recorded import NAMES, recorded_log
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.domain.value import replace
from newel.flows.policies import in_force
from newel.policy.canonical import canonical_text, version_of
from newel.policy.document import Document
from newel.policy.lang.functions import known_zone
from newel.policy.read.shape import duration_of
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.page import as_page
from newel.policy.replay.report import Compared
from newel.policy.replay.run import named, replay
from newel.policy.replay.text import as_text
from newel.policy.shipped import shipped

BAR = 30


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--candidate", type=Path, required=True, metavar="POLICY", help="the policy to try")
    parser.add_argument("--before", type=Path, metavar="POLICY", help="beside which (default: the one in force)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="a log as Parquet, or one that was kept (default: the database)"
    )
    parser.add_argument("--since", default="30d", metavar="TIME", help="how far back: 12h, 30d (default: %(default)s)")
    parser.add_argument("--zone", default="UTC", help="the time zone of its days (default: %(default)s)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too: a .html file")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="keep the log, people under keyed hashes: a .npz or .parquet file"
    )
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Replay, print the report, write the page."""
    candidate = read_at(options.candidate, options).document
    before = read_at(options.before, options).document if options.before else None
    for file, kinds in ((options.save, LOGS), (options.html, (PAGE,))):
        if file:
            check_output(file, kinds)
    since = duration_of(options.since)
    if since is None or not known_zone(options.zone):
        raise Refusal("--since is a duration such as 30d, --zone a time zone such as Europe/Berlin", code=BAD_INPUT)
    log, old = _gathered(options, candidate, before, now() - since)
    if not len(log):
        raise Refusal("the log holds no decision to replay. Try a synthetic one: newel policy simulate", code=BAD_INPUT)
    found = replay(log, *named(old, candidate, is_today=before is None), zone=options.zone, progress=_bar())
    report = replace(found, compared=(_compared(options.before, old), _compared(options.candidate, candidate)))
    if options.save:
        write_log_file(options.save, log.without(NAMES))
    if options.html:
        with written(options.html, PAGE) as stream:
            stream.write(as_page(report).encode())
    if options.json:
        print_json(asdict(report))
    else:
        print(as_text(report))
    return HOLDS


def _gathered(options: Namespace, candidate: Document, before: Document | None, since: int) -> tuple[Log, Document]:
    """The log, from the file that is given or the database, and the policy that the candidate stands beside."""
    if options.log and before is not None:
        return read_log_file(options.log, [before, candidate]), before
    found: list[tuple[Log, Document]] = []

    async def collect(everything: Open) -> int:
        current = await in_force(everything.store)
        active = shipped().document if current is None else current.snapshot.document
        documents = [active, candidate] if before is None else [active, candidate, before]
        log = read_log_file(options.log, documents) if options.log else await recorded_log(everything, documents, since)
        found.append((log, before or active))
        return HOLDS

    try:
        run_open(options.config, collect)
    except LogRefused as error:
        raise Refusal(f"the decision log cannot be replayed: {error}", code=BAD_INPUT) from error
    return found[0]


def _compared(file: Path | None, document: Document) -> Compared:
    """A policy as a report names it: the last part of its path, so that a page tells nothing of anybody's folders."""
    return Compared(
        document.name, (file.name or file.resolve().name) if file else "", version_of(canonical_text(document))
    )


def _bar() -> Callable[[int, int], None]:
    """A bar of progress, where somebody sits at a terminal."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None

    def told(done: int, of: int) -> None:
        full = BAR * done // max(of, 1)
        end = "\r\x1b[K" if done >= of else ""
        sys.stderr.write(f"\r[{'=' * full}{' ' * (BAR - full)}] {done:,} of {of:,}{end}")
        sys.stderr.flush()

    return told
