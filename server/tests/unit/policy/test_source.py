"""The file as a tree: what a reviewer cannot see, or could read in two ways, is refused at its place."""

import pytest

from newel.policy.code import Code
from newel.policy.message import MOST, Fault, Mark, PolicyRefused, Report, Source, suggest, with_article
from newel.policy.source import MOST_BYTES, Scalar, Sequence, Table, read


def tree(text: str) -> Table:
    """The tree of a text."""
    return read(Source.of("policy.yaml", text))


def scalar(text: str) -> Scalar:
    """The value of the key `when`."""
    node = tree(text).by_key["when"]
    assert isinstance(node, Scalar)
    return node


def test_texts_stay_texts() -> None:
    found = tree("a: NO\nb: 1e3\nc: [2026-01-01, ~]\nd: 'x'\n")
    assert [each.text for each in (found.by_key[key] for key in "abd") if isinstance(each, Scalar)] == [
        "NO",
        "1e3",
        "x",
    ]
    items = found.by_key["c"]
    assert isinstance(items, Sequence)
    assert [each.text for each in items.items if isinstance(each, Scalar)] == ["2026-01-01", "~"]


def test_json_is_read() -> None:
    found = tree('{"newel": 1, "rules": [{"id": "a"}]}').by_key["rules"]
    assert isinstance(found, Sequence)
    assert isinstance(found.items[0], Table)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", Code.TWICE, 3, 1),
        ("a: &x 1", Code.YAML_FEATURE, 1, 4),
        ("a: *x", Code.YAML_FEATURE, 1, 4),
        ("a: !!int 1", Code.YAML_FEATURE, 1, 4),
        ("a: !x [1]", Code.YAML_FEATURE, 1, 4),
        ("a:\n  <<: {b: 1}", Code.YAML_FEATURE, 2, 3),
        ("a: 1\n---\nb: 2\n", Code.YAML_FEATURE, 3, 1),
        ("a: b: c", Code.NOT_YAML, 1, 5),
        ("- a", Code.WRONG_SHAPE, 1, 1),
        ("", Code.WRONG_SHAPE, 1, 1),
        ("? [a]\n: b", Code.WRONG_SHAPE, 1, 3),
        ("a: 'x\u202ey'", Code.BAD_CHARACTER, 1, 6),
        ("a: \u00fc\u200b", Code.BAD_CHARACTER, 1, 5),
        ('a: "\\u202e"', Code.BAD_CHARACTER, 1, 4),
        ("a: x\x07", Code.BAD_CHARACTER, 1, 5),
        ("[" * 100_000, Code.TOO_DEEP, 1, 21),
        ("{a: " * 100_000, Code.TOO_DEEP, 1, 81),
        ("x" * (MOST_BYTES + 1), Code.TOO_BIG, 1, 1),
        ("a: [" + "1," * 300_000 + "]", Code.TOO_BIG, 1, 400_001),
    ],
)
def test_what_is_refused_and_where(text: str, code: Code, line: int, column: int) -> None:
    with pytest.raises(Fault) as refused:
        tree(text)
    message = refused.value.message()
    assert (message.code, message.line, message.column) == (code, line, column), message


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("when: a && b", 5, 0, 11),
        ("when: 'a == ''b'' && c'", 9, 0, 18),
        ('when: "a && b"', 5, 0, 12),
        ('when: "\\"a\\" && b"', 7, 0, 16),
        ('when: "\\x41\\u0042\\U00000043 && b"', 7, 0, 31),
        ("when: |\n  a\n    && b\n", 7, 2, 7),
        ("when: |-  # why\n\n   a &&\n   b", 6, 3, 3),
    ],
)
def test_places_inside_a_text(text: str, offset: int, line: int, column: int) -> None:
    place = scalar(text).place(offset)
    scalar(text).placeable()
    assert (place.line, place.column) == (line, column)


@pytest.mark.parametrize("text", ["when: >\n  a\n  b\n", "when: a\n  && b\n"])
def test_a_condition_is_laid_out_so_that_places_can_be_told(text: str) -> None:
    with pytest.raises(Fault) as refused:
        scalar(text).placeable()
    assert refused.value.code == Code.CONDITION_LAYOUT


def test_a_message_shows_the_line_the_place_and_a_hint() -> None:
    fault = Fault(
        Code.UNKNOWN_FACT, Mark(Source.of("p.yaml", "a\n\tb世 x"), 1, 4), "unknown fact 'x'", "did you mean 'y'?"
    )
    shown = "p.yaml:2:5: unknown fact 'x' [NP105]\n    | \tb世 x\n    | \t    ^\n    = did you mean 'y'?"
    assert str(fault.message()) == shown
    assert fault.message().as_json() == {
        "code": "NP105",
        "message": "unknown fact 'x'",
        "hint": "did you mean 'y'?",
        "file": "p.yaml",
        "line": 2,
        "column": 5,
    }


def test_a_caret_stands_below_its_character_whatever_stands_before() -> None:
    fault = Fault(Code.UNKNOWN_FACT, Mark(Source.of("p.yaml", "e\u0301\u0301 x"), 0, 4), "unknown fact 'x'")
    assert str(fault.message()) == "p.yaml:1:5: unknown fact 'x' [NP105]\n    | e\u0301\u0301 x\n    |   ^"


def test_a_place_that_is_not_in_the_file_has_no_excerpt() -> None:
    source = Source.of("p.yaml", "a" * 500)
    assert Fault(Code.RULE, Mark(source, 7, 0), "gone").message().excerpt == ""
    assert Fault(Code.RULE, Mark(source, 0, 300), "far").message().excerpt == ""


def test_a_report_keeps_twenty_in_order_and_each_once() -> None:
    source = Source.of("p.yaml", "\n" * 40)
    report = Report()
    for line in (5, 3, 5):
        with report.part():
            raise Fault(Code.RULE, Mark(source, line, 0), f"line {line}")
    with pytest.raises(PolicyRefused) as refused:
        report.close()
    assert [message.line for message in refused.value.messages] == [4, 6]
    for line in range(10, 27):
        report.add(Fault(Code.RULE, Mark(source, line, 0), "more"))
    with pytest.raises(PolicyRefused) as full:
        report.add(Fault(Code.RULE, Mark(source, 30, 0), "one too many"))
    assert len(full.value.messages) == MOST
    Report().close()


def test_hints_name_the_nearest_or_what_there_is() -> None:
    assert suggest("amout", ("amount", "payee")) == "did you mean 'amount'?"
    assert suggest("SESSION", ("session", "subject")) == "did you mean 'session'?"
    assert suggest("zzz", ("b", "a"), what="facts") == "facts: a, b"
    assert suggest("zzz", tuple("abcdefghij")).endswith(", …")
    assert suggest("zzz", ()) == ""


def test_a_word_has_its_article() -> None:
    assert [with_article(word) for word in ("int", "enum", "ip", "string", "")] == [
        "an int", "an enum", "an ip", "a string", "a ",
    ]  # fmt: skip


GRIN = "\\ud83d\\ude00"


def test_a_pair_of_surrogates_in_json_is_one_character_and_every_place_stays_what_it_is() -> None:
    """RFC 8259 7: a character beyond U+FFFF is written as two escapes."""
    text = (
        f'{{"because": "a {GRIN}{GRIN.upper().replace("U", "u")} \\\\ud83d \\u00fc",\n"when": "x == \'{GRIN}\' && b"}}'
    )
    node = tree(text).by_key["because"]
    assert isinstance(node, Scalar)
    assert node.text == "a \N{GRINNING FACE}\N{GRINNING FACE} \\ud83d \u00fc"
    when = scalar(text)
    assert when.text == "x == '\N{GRINNING FACE}' && b"
    mark = when.place(when.text.index("b"))
    assert (mark.line, mark.source.lines[1][mark.column]) == (1, "b")
    assert text.split("\n")[1].index("b") == mark.column
    keys = tree(f'{{"{GRIN}": 1, "{GRIN}x": 2}}').by_key
    assert set(keys) == {"\N{GRINNING FACE}", "\N{GRINNING FACE}x"}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ('{"a": "b\\ud83d"}', 9, "U+D83D is half of a pair of surrogates, and stands alone"),
        ('{"a": "b\\ude00"}', 9, "U+DE00 is half of a pair of surrogates, and stands alone"),
        ('{"a": "\\ude00\\ud83d"}', 8, "U+DE00 is half of a pair of surrogates, and stands alone"),
        ('{"a": "\\ud83d\\ud83d\\ude00"}', 8, "U+D83D is half of a pair of surrogates, and stands alone"),
        ('{"a": "\\ud83dx\\ude00"}', 8, "U+D83D is half of a pair of surrogates, and stands alone"),
        ('{"a": "\\ud83d", "b": "\\ude00"}', 8, "U+D83D is half of a pair of surrogates, and stands alone"),
        ('{"a": "\\ud83d\\u0041"}', 8, "U+D83D is half of a pair of surrogates, and stands alone"),
        (f'{{"a": "{GRIN}\\ue001"}}', 20, "U+E001 cannot be seen, so a reader could be deceived; remove it"),
        ('{"a": "\\ue03d\\ue600"}', 7, "U+E03D cannot be seen, so a reader could be deceived; remove it"),
        ('{"a": "\\udbff\\udfff"}', 7, "U+10FFFF cannot be seen, so a reader could be deceived; remove it"),
        ('{"a": "\\ud83d\\ude00\\u202e"}', 7, "U+202E cannot be seen, so a reader could be deceived; remove it"),
    ],
)
def test_half_a_pair_and_what_cannot_be_seen_are_refused_where_they_stand(text: str, column: int, words: str) -> None:
    with pytest.raises(Fault) as refused:
        tree(text)
    message = refused.value.message()
    assert (message.code, message.line, message.column, message.text) == (Code.BAD_CHARACTER, 1, column, words)


def test_in_what_is_no_json_the_same_signs_mean_what_yaml_says() -> None:
    assert scalar(f"when: {GRIN}").text == scalar(f"when: '{GRIN}'").text == GRIN
    assert scalar(f"{{when: {GRIN}}}").text == GRIN
    assert scalar('when: "\\U0001F600"').text == "\N{GRINNING FACE}"
    with pytest.raises(Fault) as refused:
        tree(f'when: "{GRIN}"')
    message = refused.value.message()
    assert (message.code, message.column, message.hint) == (
        Code.NOT_YAML,
        10,
        "in YAML that is one escape: \\U0001F600",
    )
