"""Sessions, grants and audit entries: what they stand for until somebody says otherwise (S02, S06, S33)."""

from dataclasses import FrozenInstanceError, fields

import pytest

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.change import AdvanceCounter, ReplaceMaterial, SpendRecoveryCode
from newel.domain.grant import CodeGrant, Grant
from newel.domain.session import Session
from newel.domain.subject import Subject

LEVELS = {"acr", "amr", "auth_time", "level", "aal"}


@pytest.mark.parametrize("kept", [Session, Grant, CodeGrant])
def test_s02_what_is_kept_holds_evidence_and_no_level(kept: type) -> None:
    assert not LEVELS & {field.name for field in fields(kept)}


def test_s06_a_session_shows_its_current_identifier_unless_said_otherwise() -> None:
    session = Session(lineage="l", subject="s", created_at=0, active_at=0, expires_at=1, evidence=())
    assert session.current
    assert not session.rotated


@pytest.mark.parametrize(
    "value",
    [
        AdvanceCounter("a", 1),
        SpendRecoveryCode("a", b"h" * 32),
        ReplaceMaterial("a", b"old", b"new"),
        Subject(id="s", name="maria", display="Maria Example", person="s", created_at=0),
        Entry(kind="signed_in", at=0),
    ],
)
def test_what_crosses_floors_is_a_value_that_nobody_changes(value: object) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        value.authenticator = value.id = value.kind = "another"  # type: ignore[attr-defined] # the attempt is the test


def test_s33_a_decision_record_names_its_version() -> None:
    record = DecisionRecord(targets=("bank.transfer:send",), policy="p", facts={}, requirement="", outcome="met")
    assert record.v == 1
    assert Entry(kind="decided", at=0, decision=record).decision is record
