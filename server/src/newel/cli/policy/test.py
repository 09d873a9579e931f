"""`newel policy test POLICY`: run the tests that stand in it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping

from newel.cli.arguments import add_json
from newel.cli.policy.files import FINDING, HOLDS, add_policy, read_at
from newel.cli.printing import print_json
from newel.domain.assurance import Classes
from newel.policy.canonical import requirement_tree
from newel.policy.testing import Result, run_tests
from newel.policy.words import requirement_text


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Run all tests, print those that fail, and say by the exit code whether all passed."""
    document = read_at(options.policy, options).document
    results = run_tests(document)
    failed = [result for result in results if not result.passed]
    if options.json:
        print_json({"holds": not failed, "tests": [_json(result) for result in results]})
    else:
        for result in failed:
            print("\n".join(_lines(result, document.classes)))
        print(f"{len(results) - len(failed)} of {len(results)} tests pass.")
    return FINDING if failed else HOLDS


def _json(result: Result) -> Mapping[str, object]:
    return {
        "name": result.name,
        "file": result.place.file,
        "line": result.place.line,
        "passed": result.passed,
        "target": result.explanation.target,
        "expected": requirement_tree(result.expected, result.deny),
        "found": requirement_tree(result.explanation.requirement, _found_reason(result)),
        "rules": [rule.id for rule in result.explanation.rules if rule.matched],
        "missing": list(result.missing),
    }


def _found_reason(result: Result) -> str:
    """The reason that was expected where it is one of them, else the first."""
    reasons = result.explanation.deny_reasons
    return result.deny if result.deny in reasons else "".join(reasons[:1])


def _lines(result: Result, classes: Classes) -> Iterator[str]:
    yield f"{result.place.file}:{result.place.line}: {result.name}"
    yield f"    expected  {requirement_text(result.expected, classes)}{result.deny and f' as {result.deny}'}"
    found = ", ".join(result.explanation.deny_reasons) if result.deny else ""
    yield f"    found     {requirement_text(result.explanation.requirement, classes)}{found and f' as {found}'}"
    matched = [rule.id for rule in result.explanation.rules if rule.matched and not rule.observe]
    yield f"    by        {', '.join(matched) or 'no rule'}"
    if result.missing:
        yield f"    'ask' does not give {', '.join(result.missing)}, which a rule reads"
