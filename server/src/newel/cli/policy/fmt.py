"""`newel policy fmt POLICY`: write it in its one layout; `--check` only says whether it is, `--canonical` prints JSON."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from newel.cli.policy.files import FINDING, HOLDS, Faulty, add_policy, read_at, sources_of
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
    parser.set_defaults(json=False)


def run(options: Namespace) -> int:
    """Format every file of the policy; what it means stays the same, or nothing is written."""
    document = read_at(options.policy, options).document
    if options.canonical:
        print(canonical_text(document))
        return HOLDS
    sources = sources_of(options.policy)
    laid_out = [Source.of(source.name, formatted(source)) for source in sources]
    try:
        same = canonical_text(read_document(laid_out)) == canonical_text(document)
    except PolicyRefused as refused:
        raise Faulty(refused, as_json=False) from refused
    if not same:
        raise Refusal("formatting would change what it means; nothing was written. Please report this policy")
    changed = [new for old, new in zip(sources, laid_out, strict=True) if old.text != new.text]
    for each in changed:
        print(each.name if options.check else f"{each.name} was written")
        if not options.check:
            Path(each.name).write_text(each.text, encoding="utf-8")
    return FINDING if options.check and changed else HOLDS
