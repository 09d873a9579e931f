"""Whatever is wrong with a policy is said at its place, in words, with a hint and under a code that never changes."""

import pytest
from server.tests.unit.policy.read.base import Case, changed, pointed, refused
from server.tests.unit.policy.read.claim_cases import INVARIANTS, TESTS, WHOLE
from server.tests.unit.policy.read.name_cases import CLASSES, COUNTERS, LEVELS, NAMED
from server.tests.unit.policy.read.rule_cases import MINIMUM, RULES, SPECIAL, TARGETS
from server.tests.unit.policy.read.schema_cases import FACTS, RESOURCES

CASES = (
    *FACTS, *RESOURCES, *CLASSES, *COUNTERS, *LEVELS, *NAMED, *TARGETS, *RULES, *SPECIAL, *MINIMUM, *INVARIANTS,
    *TESTS, *WHOLE,
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_said_at_its_place(case: Case) -> None:
    text, line, column = pointed(changed((case.old, case.new)))
    (message,) = refused(text)
    assert (message.code, message.text, message.hint) == (case.code, case.text, case.hint)
    assert (message.file, message.line, message.column) == ("1.yaml", line, column)
    assert message.excerpt == text.split("\n")[line - 1].replace("\t", " ")[:160]
