"""A level or a list that nothing names is noted at its key; one that anything names is not."""

from server.tests.unit.policy.read.base import EXAMPLE, changed

from newel.policy.code import Code
from newel.policy.message import Message, Source
from newel.policy.read.document import read_policy

SUDO = "  sudo:       {evidence: {aal2: 15m}}"
OFFICE = '  office:        ["10.20.0.0/16", "2001:db8:20::/48"]'


def noted(text: str) -> tuple[Message, ...]:
    """The notes of one file."""
    return read_policy([Source.of("policy.yaml", text)]).notes


def test_in_the_example_everything_is_named() -> None:
    assert noted(EXAMPLE) == ()


def test_a_level_and_a_list_that_nothing_names_are_noted_at_their_keys() -> None:
    text = changed((SUDO, f"{SUDO}\n  spare: {{evidence: {{aal1: 5m}}}}"), (OFFICE, f"{OFFICE}\n  spare: [a]"))
    level, of_texts = noted(text)
    assert {each.code for each in (level, of_texts)} == {Code.UNUSED}
    assert level.text == "level 'spare' is declared, and nothing names it"
    assert of_texts.text == "list 'spare' is declared, and nothing names it"
    assert [text.split("\n")[each.line - 1][each.column - 1 :][:6] for each in (level, of_texts)] == ["spare:"] * 2


def test_what_is_named_in_a_condition_a_minimum_or_a_test_is_used() -> None:
    rule = "  - {id: x, on: '*', when: 'client.ip in $spare-nets', require: spare}\n\ninvariants:"
    lists = f'{OFFICE}\n  spare-nets: ["10.9.0.0/16"]\n  spare: [a]'
    text = changed((SUDO, f"{SUDO}\n  spare: {{evidence: {{aal1: 5m}}}}"), (OFFICE, lists), ("\ninvariants:", rule))
    (left,) = noted(text)
    assert left.text == "list 'spare' is declared, and nothing names it"
