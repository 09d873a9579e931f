"""A requirement in one line, as records and logs have it."""

import pytest

from newel.domain.requirement import DENY, SESSION, Approval, Requirement, require
from newel.flows.decide import describe


@pytest.mark.parametrize(
    ("requirement", "line"),
    [
        (require(), "nothing"),
        (DENY, "deny"),
        (require({"aal1": SESSION}), "aal1:session"),
        (require({"aal2": 300}), "aal1:300 aal2:300"),
        (require(forbid=("totp", "password")), "forbid password forbid totp"),
        (require(entitle=("pro",)), "entitle pro"),
        (require(meter={"sms": 2}), "meter smsx2"),
    ],
)
def test_a_requirement_is_described_in_one_canonical_line(requirement: Requirement, line: str) -> None:
    assert describe(requirement) == line


def test_what_is_bound_and_who_approves_is_described_too() -> None:
    approval = Approval(pool="treasurers", number=2, classes=frozenset({"aal2"}), age=300)
    line = describe(require(bind={"aal2": frozenset({"payee", "amount"})}, approve=(approval,)))
    assert "bind aal2(amount,payee)" in line
    assert line.endswith("approve treasurersx2")
