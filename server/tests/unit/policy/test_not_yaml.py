"""A slip of YAML is said in words, at the place where a person can mend it, each kind with a hint of its own."""

import pytest

from newel.policy.code import Code
from newel.policy.message import Fault, Source
from newel.policy.not_yaml import ALIGNED, ESCAPED, ONE_ESCAPE, QUOTING, SPACES
from newel.policy.source import read

TAB = "a tab stands here, YAML wants spaces"
CASES = [
    ("a:\n\tb: 1\n", 2, 1, TAB, SPACES),
    ("a:\n  b: 1\n\tc: 2\n", 3, 1, TAB, SPACES),
    ("a:\n  - x: 1\n    \ty: 2\n", 3, 5, TAB, SPACES),
    ("when: a\n\t&& b\n", 2, 1, TAB, SPACES),
    (
        "a:\n  b: [1, 2\nc: 3\n",
        3,
        2,
        "the '[' of line 2, column 6 is still open here",
        "is there a ']' missing in line 2, or a ',' before this?",
    ),
    (
        "require: {evidence: {aal2: 5m}\nid: 3\nwhen: [",
        2,
        1,
        "the '{' of line 1, column 10 is still open here",
        "is there a '}' missing in line 1, or a ',' before this?",
    ),
    (
        "a: [1, 2",
        2,
        1,
        "the '[' of line 1, column 4 is still open here",
        "is there a ']' missing in line 1, or a ',' before this?",
    ),
    (
        "a: [1, 2}\n",
        1,
        9,
        "the '[' of line 1, column 4 is still open here, and '}' does not close it",
        "close it with ']'",
    ),
    (
        '{"a": 1 "b": 2}',
        1,
        12,
        "the '{' of line 1, column 1 is still open here",
        "a ',' stands between two parts, and '}' behind the last",
    ),
    ("a: [1]]", 1, 7, "this ']' closes nothing", "there is one too many, or its opening one is missing"),
    (
        "a:\n  b: 1\n c: 2\n",
        3,
        2,
        "nothing above that this key could belong to begins in column 2",
        ALIGNED,
    ),
    ("a:\n  - b\n - c\n", 3, 2, "nothing above that this item could belong to begins in column 2", ALIGNED),
    ("  a: 1\nb: 2\n", 2, 1, "nothing above that this key could belong to begins in column 1", ALIGNED),
    (
        "a:\n  - b: 1\n\n      c: 2\n",
        4,
        7,
        "this is indented deeper than the line above: it begins in column 7, that one in 5",
        ALIGNED,
    ),
    ("a: b: c", 1, 5, "a second ': ' in one line", "a text that contains ': ' goes in single quotes"),
    ("a: 1\nb:2\nc: 3\n", 2, 1, "this is no key: no ':' with a space behind it follows", "write 'key: value'"),
    (
        "a: 1\nb: 'x\nc: 2\n",
        2,
        4,
        "this quotation mark is not closed",
        "a text in quotes ends with the mark it begins with",
    ),
    (
        'when: "a" == b\n',
        1,
        11,
        "the value has ended, and yet something follows",
        "a text with quotes in it goes in single quotes as a whole, or in a block after |",
    ),
    ("a: @x", 1, 4, "no text begins with '@'", "a text that starts with @ goes in single quotes"),
    ("a: ]", 1, 4, "no text begins with ']'", "a text that starts with ] goes in single quotes"),
    ("on: *\n", 1, 5, "nothing is named by '*' here", "a text that starts with * goes in single quotes"),
    ("when: && x", 1, 7, "nothing is named by '&' here", "a text that starts with & goes in single quotes"),
    ('a: "\\q"', 1, 5, "found unknown escape character", ESCAPED),
    ('a: "\\ud83d\\ude00"', 1, 7, "found invalid Unicode character escape code", ONE_ESCAPE),
    (
        "a: |x\n  y\n",
        1,
        5,
        "the line of a | or a > ends behind it",
        "write the text indented in the lines below",
    ),
    ("%YAML 9.9\n---\na: 1\n", 1, 1, "found incompatible YAML document", QUOTING),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "words", "hint"), CASES, ids=[repr(each[0]) for each in CASES])
def test_a_slip_is_said_in_words_with_its_own_hint(text: str, line: int, column: int, words: str, hint: str) -> None:
    with pytest.raises(Fault) as refused:
        read(Source.of("policy.yaml", text))
    message = refused.value.message()
    assert message.code == Code.NOT_YAML
    assert (message.line, message.column) == (line, column)
    assert (message.text.removeprefix("not valid YAML: "), message.hint) == (words, hint)


@pytest.mark.parametrize(
    ("text", "sign"), [("a: &x 1", "&"), ("a: &x [1]", "&"), ("a: *x", "*"), ("when: !x == 1", "!")]
)
def test_what_is_not_read_hints_at_the_sign_that_began_it(text: str, sign: str) -> None:
    with pytest.raises(Fault) as refused:
        read(Source.of("policy.yaml", text))
    assert refused.value.code == Code.YAML_FEATURE
    assert refused.value.hint == f"a text that starts with {sign} goes in single quotes"
