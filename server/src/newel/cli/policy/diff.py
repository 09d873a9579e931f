"""`newel policy diff OLD NEW`: what a change makes weaker, and where it asks for more; each with a request that shows it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from newel.cli.arguments import add_config, add_json
from newel.cli.policy.accepted import accepted, add_accept, tell_unmatched
from newel.cli.policy.files import FINDING, HOLDS
from newel.cli.policy.locking import lock_outs_json, print_lock_outs
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.policy.sides import Sides, add_sides, read_sides
from newel.cli.printing import count, print_json
from newel.policy.prove.diff import Finding, diff
from newel.policy.prove.locked import LockOuts
from newel.policy.prove.lockout import locked_anew


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_sides(parser)
    parser.add_argument("--directory", action="store_true", help="also look for people it would lock out")
    add_config(parser)
    add_accept(parser)
    add_seconds(parser, "each of its steps")
    add_json(parser)


def run(options: Namespace) -> int:
    """Compare; 1 where something is weaker, or somebody locked out, and not accepted. More friction is printed and gives 0."""
    allowed = accepted(options)
    sides = read_sides(options)
    old, new = sides.old.document, sides.new.document
    with solver(options) as ask:
        findings = diff(old, new, ask, at=now())
        locked = locked_anew(old, new, sides.people, ask, at=now())
    tell_unmatched(allowed, {*(each.id for each in findings), *(each.id for each in locked.found)})
    stand = [each.id for each in findings if each.direction == "weaker"] + [each.id for each in locked.found]
    open_ones = [name for name in stand if name not in allowed]
    kept = {test.name for test in new.tests}
    gone = [test.name for test in old.tests if test.name not in kept]
    if options.json:
        found = [{**each.as_json(), "accepted": allowed.get(each.id)} for each in findings]
        compared = {"old": sides.old.as_json(), "new": sides.new.as_json()}
        locks = lock_outs_json(locked, allowed)
        print_json({"holds": not open_ones, **compared, "findings": found, **locks, "tests_gone": gone})
    else:
        _print(sides, findings, locked, gone, allowed)
    return FINDING if open_ones else HOLDS


def _print(
    sides: Sides, findings: tuple[Finding, ...], locked: LockOuts, gone: list[str], allowed: Mapping[str, str]
) -> None:
    for name, side in (("old", sides.old), ("new", sides.new)):
        if side.version:
            print(f"{name}: {side.said}")
    if gone:
        print(f"note: {count(len(gone), 'test')} of the old policy not in the new one: {', '.join(gone)}")
    print_lock_outs(locked, allowed)
    print_findings(findings, allowed)
    if locked.found:
        still = sum(each.id not in allowed for each in locked.found)
        print(f"{count(len(locked.found), 'lock-out')}, {still} of them not accepted.")


def print_findings(findings: tuple[Finding, ...], allowed: Mapping[str, str]) -> None:
    """Print all findings and how many of them are open."""
    for each in findings:
        print("\n".join(each.lines()))
        if each.id in allowed:
            print(f"  accepted: {allowed[each.id]}")
        print()
    weaker = [each for each in findings if each.direction == "weaker"]
    still = len([each for each in weaker if each.id not in allowed])
    more = len(findings) - len(weaker)
    print(
        f"{count(len(weaker), 'weakening')}, {still} of them not accepted; {count(more, 'place')} with more friction."
    )
