"""`newel policy fmt POLICY`: write it in its one layout; `--check` only says whether it is, `--canonical` prints JSON."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from newel.cli.arguments import add_json
from newel.cli.policy.files import (
    BAD_INPUT,
    FINDING,
    HOLDS,
    STANDARD_INPUT,
    Faulty,
    add_policy,
    read_sources,
    sources_of,
)
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.policy.canonical import canonical_text
from newel.policy.format import formatted
from newel.policy.message import PolicyRefused, Source
from newel.policy.read.document import read_document


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where a file is not in its layout")
    parser.add_argument("--canonical", action="store_true", help="print the form whose SHA-256 names the policy")
    add_json(parser)


def run(options: Namespace) -> int:
    """Format every file of the policy; what it means stays the same, or nothing is written."""
    if options.policy == STANDARD_INPUT and not (options.check or options.canonical):
        raise Refusal("standard input is no file to write; with - goes --check or --canonical", code=BAD_INPUT)
    sources = sources_of(options.policy)
    document = read_sources(sources, options).document
    if options.canonical:
        print(canonical_text(document))
        return HOLDS
    laid_out = [Source.of(source.name, formatted(source)) for source in sources]
    try:
        same = canonical_text(read_document(laid_out)) == canonical_text(document)
    except PolicyRefused as refused:
        raise Faulty(refused, as_json=options.json) from refused
    if not same:
        raise Refusal("formatting would change what it means; nothing was written. Please report this policy")
    try:
        changed = [new for old, new in zip(sources, laid_out, strict=True) if _differs(old, new)]
        for each in () if options.check else changed:
            Path(each.name).write_bytes(each.text.encode())
    except OSError as error:
        raise Refusal(f"{error.filename} cannot be written: {error.strerror}", code=BAD_INPUT) from error
    if options.json:
        print_json({"holds": not (options.check and changed), "changed": [each.name for each in changed]})
    for each in () if options.json else changed:
        print(each.name if options.check else f"{each.name} was written")
    return FINDING if options.check and changed else HOLDS


def _differs(old: Source, new: Source) -> bool:
    """Whether a file is not in its layout; the line ends of its text are made one kind already."""
    file = Path(new.name)
    return old.text != new.text or (file.is_file() and file.read_bytes() != new.text.encode())
