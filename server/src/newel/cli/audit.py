"""`newel audit verify`: whether the audit chains are whole, and up to when that can be known (S33)."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.printing import moment, print_json
from newel.cli.refusal import TAMPERED, UNCONFIGURED, Refusal
from newel.services import audit_key
from newel.storage.checkpoints import read_file
from newel.storage.verify import Fault, Report, verify

WORDS = {
    "edited": "chain {writer}: row {seq} was edited, or moved here from elsewhere",
    "removed": "chain {writer}: row {seq} was removed",
    "truncated": "chain {writer}: everything from row {seq} on was cut off",
    "missing": "chain {writer} is gone as a whole",
    "rewritten": "chain {writer}: row {seq} is not the one that was recorded elsewhere; the chain was written anew",
    "forged_checkpoint": "line {seq} of the checkpoints was not signed by this server",
}


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="verify")
    verifying = commands.add_parser("verify", help="walk every chain and compare it with the checkpoints")
    verifying.add_argument("--checkpoints", type=Path, metavar="FILE", help="default: storage.checkpoint_file")
    add_config(verifying)
    add_json(verifying)


def run(options: Namespace) -> int:
    """Run the subcommand."""
    return run_open(options.config, lambda everything: verified(everything, options))


async def verified(everything: Open, options: Namespace) -> int:
    """Verify the chains against the checkpoints; 4 where anything was changed."""
    lines = checkpoint_lines(options.checkpoints, everything.config.storage.checkpoint_file)
    report = await verify(everything.store, audit_key(everything.vault), lines)
    if options.json:
        print_json({**asdict(report), "good": report.good, "checkpoints": len(lines)})
    else:
        _tell(report, with_checkpoints=bool(lines))
    return 0 if report.good else TAMPERED


def checkpoint_lines(given: Path | None, usual: Path) -> Sequence[str]:
    """The lines of the checkpoint file. Refusal where one was named that is not there or is no text."""
    if given is not None and not given.exists():
        raise Refusal(f"there are no checkpoints at {given}", code=UNCONFIGURED)
    try:
        return read_file(given or usual)
    except UnicodeDecodeError as error:
        raise Refusal(f"{given or usual} is not a file of checkpoints: {error}", code=UNCONFIGURED) from error


def _tell(report: Report, *, with_checkpoints: bool) -> None:
    print(
        f"{report.rows} records in {report.writers} chains; personal parts of {report.forgotten} were forgotten as asked."
    )
    for fault in report.faults:
        print(in_words(fault))
    if not with_checkpoints:
        print("There are no checkpoints: a chain whose end was cut off since its last start cannot be found.")
    elif report.known_until is not None:
        print(f"Nothing is missing up to {moment(report.known_until)}, the time of the last checkpoint that agrees.")
    print("The records are whole." if report.good else f"THE RECORDS WERE CHANGED: {len(report.faults)} findings.")


def in_words(fault: Fault) -> str:
    """A finding as a sentence."""
    return WORDS[fault.kind].format(writer=fault.writer, seq=fault.seq)
