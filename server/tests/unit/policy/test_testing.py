"""The tests of a policy run on the policy, and a fact that they do not give fails them by name."""

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, changed, read

from newel.domain.requirement import SESSION, require
from newel.policy.canonical import canonical_text
from newel.policy.testing import Result, run_tests

EXPECTED = "expect: {deny: sanctioned-country}"


def results(*changes: tuple[str, str]) -> dict[str, Result]:
    """How the tests of the example come out after changes."""
    return {result.name: result for result in run_tests(read(changed(*changes)))}


def test_the_tests_of_the_example_pass() -> None:
    found = run_tests(read(EXAMPLE))
    assert [result.name for result in found if not result.passed] == []
    assert len(found) == 6


def test_a_test_that_expects_something_else_fails_and_says_what_was_found() -> None:
    found = results(("expect: {evidence: {aal1: session}}", "expect: {evidence: {aal2: session}}"))
    failed = found["small transfer to a known payee"]
    assert not failed.passed
    assert (failed.expected, failed.explanation.requirement) == (require({"aal2": SESSION}), require({"aal1": SESSION}))
    assert failed.place.line == EXAMPLE[: EXAMPLE.index("- name: small transfer")].count("\n") + 1
    assert [result.passed for result in found.values()] == [False, True, True, True, True, True]


@pytest.mark.parametrize("reason", ["any", "denied", "sanctioned-country"])
def test_a_refusal_passes_for_the_reason_that_is_expected_or_for_any(reason: str) -> None:
    found = results((EXPECTED, f"expect: {{deny: {reason}}}"))
    assert all(result.passed for result in found.values())


def test_a_refusal_for_another_reason_fails_a_test() -> None:
    failed = [each for each in results((EXPECTED, "expect: {deny: whatever}")).values() if not each.passed]
    assert [(each.deny, each.explanation.deny_reasons) for each in failed] == [("whatever", ("sanctioned-country",))]


def test_the_reason_that_a_test_expects_makes_no_other_version_of_a_policy() -> None:
    one, other = read(EXAMPLE), read(changed((EXPECTED, "expect: {deny: whatever}")))
    assert one.tests != other.tests
    assert canonical_text(one) == canonical_text(other)
    assert all(result.passed for result in run_tests(read(canonical_text(other))))


def test_a_test_may_say_that_a_set_is_empty() -> None:
    more = "tests:\n  - name: nobody\n    ask: {resource: hr.salary, action: view_other, subject.groups: [], "
    calm = "subject.plan: free, client.ip: 10.20.0.1, device.managed: true, risk.score: 5, risk.level: low, "
    document = read(changed(("tests:  ", f"{more}{calm}risk.looks_like: owner}}\n    expect: {{deny: not-hr}}\n  #")))
    assert run_tests(document)[0].passed
    assert document.tests[0].facts["subject.groups"] == frozenset()
    assert read(canonical_text(document)).tests[0].facts == document.tests[0].facts


@pytest.mark.parametrize(
    ("old", "missing"),
    [
        ("ctx.amount: 2000, ", ("ctx.amount", "velocity.transfer_24h")),
        ("ctx.payee_known: true, ", ("ctx.payee_known",)),
        ("ctx.country: DE, ", ("ctx.country",)),
    ],
)
def test_a_fact_that_a_test_does_not_give_fails_it_by_name(old: str, missing: tuple[str, ...]) -> None:
    failed = results((old, ""))["small transfer to a known payee"]
    assert (failed.passed, failed.missing) == (False, missing)
