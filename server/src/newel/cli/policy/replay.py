"""`newel policy replay --candidate POLICY`: run a policy that is not in force over the decisions that were recorded.

The log is the database's, or a file that `simulate` or an earlier replay wrote.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.files import BAD_INPUT, HOLDS, read_at
from newel.cli.policy.proving import now
from newel.cli.policy.recorded import fielded_facts, rows
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.domain.assurance import SHIPPED
from newel.flows.policies import in_force
from newel.policy.document import Document
from newel.policy.lang.functions import known_zone
from newel.policy.read.shape import duration_of
from newel.policy.replay.build import Builder, stores
from newel.policy.replay.log import Log, LogRefused
from newel.policy.replay.pack import dump, load
from newel.policy.replay.page import as_page
from newel.policy.replay.run import Named, replay
from newel.policy.replay.text import as_text
from newel.policy.shipped import shipped

BAR = 30
NAMES = frozenset({"subject.id", "client.ip"})
"""Facts that would say who it was; a kept log is without them, and rules that read them match every request of it."""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--candidate", type=Path, required=True, metavar="POLICY", help="the policy to try")
    parser.add_argument("--before", type=Path, metavar="POLICY", help="beside which (default: the one in force)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="a log that was written before (default: the database)"
    )
    parser.add_argument("--since", default="30d", metavar="TIME", help="how far back: 12h, 30d (default: %(default)s)")
    parser.add_argument("--zone", default="UTC", help="the time zone of its days (default: %(default)s)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the log, people under keyed hashes")
    add_config(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Replay, print the report, write the page."""
    candidate = read_at(options.candidate, options).document
    before = read_at(options.before, options).document if options.before else None
    since = duration_of(options.since)
    if since is None or not known_zone(options.zone):
        raise Refusal("--since is a duration such as 30d, --zone a time zone such as Europe/Berlin", code=BAD_INPUT)
    log: Log | None = _from_file(options.log) if options.log else None
    active: Document | None = None
    if log is None or before is None:
        read = [candidate] if before is None else [candidate, before]
        log, active = _from_database(options, read, now() - since, log)
    old = before or active or shipped().document
    if not len(log):
        raise Refusal("the log holds no decision to replay. Try a synthetic one: newel policy simulate", code=BAD_INPUT)
    report = replay(log, *_named(old, candidate), zone=options.zone, progress=_bar())
    if options.save:
        _written(options.save, lambda: _save(log.without(NAMES), options.save))
    if options.html:
        _written(options.html, lambda: options.html.write_text(as_page(report), encoding="utf-8"))
    if options.json:
        print_json(asdict(report))
    else:
        print(as_text(report))
    return HOLDS


def _named(before: Document, candidate: Document) -> tuple[Named, Named]:
    """Both policies under their own names, where those tell them apart."""
    if before.name != candidate.name:
        return Named(before.name, before), Named(candidate.name, candidate)
    return Named("today", before), Named("candidate", candidate)


def _from_file(path: Path) -> Log:
    try:
        with path.open("rb") as stream:
            return load(stream)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}", code=BAD_INPUT) from error
    except LogRefused as error:
        raise Refusal(f"{path}: {error}", code=BAD_INPUT) from error


def _from_database(
    options: Namespace, tried: Sequence[Document], since: int, given: Log | None
) -> tuple[Log, Document | None]:
    """The database's log, unless one is given, and the policy in force there."""
    found: list[Log] = [given] if given is not None else []
    active: list[Document] = []

    async def collect(everything: Open) -> int:
        current = await in_force(everything.store)
        document = shipped().document if current is None else current.snapshot.document
        active.append(document)
        if given is None:
            builder = _builder((document, *tried))
            async for row in rows(
                everything.store, everything.vault.mac("replay", b""), since, fielded_facts(document, *tried)
            ):
                builder.add(row)
            found.append(builder.log())
        return HOLDS

    try:
        run_open(options.config, collect)
    except LogRefused as error:
        raise Refusal(f"the decision log cannot be replayed: {error}", code=BAD_INPUT) from error
    return found[0], active[0]


def _builder(documents: Sequence[Document]) -> Builder:
    """What keeps every fact and the age of every class that one of these policies reads."""
    facts = dict.fromkeys(each for document in documents for each in stores(document))
    classes = dict.fromkeys(name for document in documents for name in document.classes.by_name)
    return Builder(tuple(facts), tuple(dict.fromkeys((*SHIPPED.by_name, *classes))))


def _save(log: Log, path: Path) -> None:
    with path.open("wb") as stream:
        dump(log, stream)


def _written(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}", code=BAD_INPUT) from error


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
