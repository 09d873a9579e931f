"""A policy in several files is one policy, and what is declared in two of them is declared twice."""

import pytest
from server.tests.unit.policy.read.base import EXAMPLE, pointed, read, refused, rule_of

from newel.policy.canonical import canonical_text
from newel.policy.code import Code

HEAD = "newel: 1\n"


def split() -> tuple[str, str, str]:
    """The example as three files: schema and names, rules, the rest."""
    first, second = EXAMPLE.index("rules:\n"), EXAMPLE.index("invariants:")
    return EXAMPLE[:first], HEAD + EXAMPLE[first:second], HEAD + EXAMPLE[second:]


def test_several_files_are_one_policy() -> None:
    assert canonical_text(read(*split())) == canonical_text(read(EXAMPLE))
    assert rule_of(read(*split()), "sign-in").place.file == "2.yaml"


def test_parts_of_one_name_are_put_together() -> None:
    more = (
        HEAD
        + """
schema:
  facts: {subject.region: string}
  resources: {ops.door: {actions: [open]}}
lists: {doors: [a, b]}
rules:
  - {id: door, on: "ops.door:open", unless: subject.region in $doors, require: second}
  - {id: door-any, on: "ops.door:open", require: signed-in}
"""
    )
    document = read(EXAMPLE, more)
    assert "subject.region" in document.facts
    assert rule_of(document, "door").place.file == "2.yaml"
    only_schema = HEAD + "schema: {facts: {subject.region: string}}\n"
    assert "subject.region" in read(only_schema, EXAMPLE).facts


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("¶name: other", "'name' is already declared in 1.yaml:3"),
        ("schema: {facts: {¶now: timestamp}}", "'now' is already declared in 1.yaml:18"),
        ("schema: {resources: {¶hr.salary: {actions: [a]}}}", "'hr.salary' is already declared in 1.yaml:27"),
        ("schema: {¶facts: [now]}", "'facts' is already declared in 1.yaml:6"),
        ("¶schema: []", "'schema' is already declared in 1.yaml:5"),
        ("lists: {¶office: [a]}", "'office' is already declared in 1.yaml:64"),
        ("¶lists: [a]", "'lists' is already declared in 1.yaml:62"),
        ("¶rules: {}", "'rules' is already declared in 1.yaml:70"),
    ],
)
def test_what_is_declared_in_two_files_is_declared_twice(more: str, text: str) -> None:
    second, line, column = pointed(f"{HEAD}{more}\n")
    (message,) = refused(EXAMPLE, second)
    assert (message.code, message.text, message.file) == (Code.TWICE, text, "2.yaml")
    assert (message.line, message.column) == (line, column)


def test_a_rule_of_one_name_in_two_files_is_defined_twice() -> None:
    (message,) = refused(EXAMPLE, HEAD + "rules: [{id: sign-in, on: '*', require: second}]\n")
    assert (message.file, message.text) == ("2.yaml", "rule 'sign-in' is already defined in 1.yaml:72")


def test_the_faults_of_all_files_are_told() -> None:
    messages = refused("a: 1\n", EXAMPLE, "newel: 2\n")
    assert [(message.file, message.code) for message in messages] == [("1.yaml", Code.FORMAT), ("3.yaml", Code.FORMAT)]
