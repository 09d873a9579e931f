"""The tests of a policy: a request each, with the requirement it must come to."""

from newel.domain.requirement import Requirement
from newel.domain.value import dataclass
from newel.policy.document import Document, Place, Test
from newel.policy.explain import Explanation, alone, explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one test came out; `missing` names facts that a rule read and the test did not give.

    `deny` is the reason that a refusal was to have, "" where any would do.
    """

    name: str
    place: Place
    passed: bool
    expected: Requirement
    deny: str
    explanation: Explanation
    missing: tuple[str, ...]


def run_tests(document: Document) -> tuple[Result, ...]:
    """All tests in the order of the file."""
    return tuple(_run(document, test) for test in document.tests)


def _run(document: Document, test: Test) -> Result:
    explanation = explain(document, test.target, alone(document, test.target, test.facts))
    missing = tuple(dict.fromkeys(rule.missing for rule in explanation.rules if rule.missing))
    named = not test.deny or test.deny in explanation.deny_reasons
    return Result(
        name=test.name,
        place=test.place,
        passed=not missing and explanation.requirement == test.expect and named,
        expected=test.expect,
        deny=test.deny,
        explanation=explanation,
        missing=missing,
    )
