"""`newel policy diff OLD NEW`: what a change makes weaker, and where it asks for more; each with a request that shows it."""

from argparse import ArgumentParser, Namespace

from newel.cli.arguments import add_json
from newel.cli.policy.accepted import accepted, add_accept, tell_unmatched
from newel.cli.policy.files import FINDING, HOLDS, add_policy, read_at
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.printing import count, print_json
from newel.policy.prove.diff import Finding, diff


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser, "old", "the policy as it was")
    add_policy(parser, "new", "the policy as it would be")
    add_accept(parser)
    add_seconds(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Compare; 1 where something is weaker and not accepted. More friction is printed and gives 0."""
    old, new = read_at(options.old, options).document, read_at(options.new, options).document
    allowed = accepted(options)
    with solver(options) as ask:
        findings = diff(old, new, ask, at=now())
    tell_unmatched(allowed, {each.id for each in findings})
    open_ones = [each for each in findings if each.direction == "weaker" and each.id not in allowed]
    kept = {test.name for test in new.tests}
    gone = [test.name for test in old.tests if test.name not in kept]
    if options.json:
        found = [{**each.as_json(), "accepted": allowed.get(each.id)} for each in findings]
        print_json({"holds": not open_ones, "findings": found, "tests_gone": gone})
    else:
        if gone:
            print(f"note: {count(len(gone), 'test')} of the old policy not in the new one: {', '.join(gone)}")
        print_findings(findings, allowed)
    return FINDING if open_ones else HOLDS


def print_findings(findings: tuple[Finding, ...], allowed: dict[str, str]) -> None:
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
