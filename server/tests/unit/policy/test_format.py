"""The one layout of a policy file: white space, quotes, conditions; meaning, comments, brackets and order stay."""

import json

import pytest

from newel.policy.format import formatted
from newel.policy.layout.emit import WIDTH
from newel.policy.message import Source

FILE = """\ufeff

newel:   1   \r
rules:
- when:   a.b>1   # why
  id:  x


# one more
- unless: 'c.d=="it''s"'
  on: [ 't:[a,b]' , u:*]   # where
- when: a.b?c.d:e.f
- when: |
    a.b  >  1
      &&c.d=='x'
  because:  >
    so that
    it is
- when: "a.b>1"
-
      require: {evidence: {aal1:   5m,
         aal2: 5m},     bind: [
         ]}




other: ! 1
""".replace("! 1", "1")
LAID_OUT = """newel: 1
rules:
  - when: a.b > 1  # why
    id: x

  # one more
  - unless: c.d == "it's"
    on: ["t:[a, b]", u:*]  # where
  - when: "a.b ? c.d : e.f"
  - when: a.b > 1 && c.d == "x"
    because: so that it is
  - when: a.b > 1
  - require: {evidence: {aal1: 5m, aal2: 5m}, bind: []}

other: 1
"""


def laid_out(text: str) -> str:
    """The layout, which is its own."""
    found = formatted(Source.of("p.yaml", text))
    assert formatted(Source.of("p.yaml", found)) == found
    return found


def test_a_file_keeps_its_comments_and_its_order() -> None:
    assert laid_out(FILE) == LAID_OUT


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("- {when: a.b>1, unless: c.d<2, id: x}", "- {when: a.b > 1, unless: c.d < 2, id: x}"),
        ("- {when: 'a.b==\"\U0001f600\"', unless: c.d<2}", '- {when: a.b == "\U0001f600", unless: c.d < 2}'),
        ("- when:\t'a.b==''x'''", '- when: a.b == "x"'),
        ("- when: '\"a\" in b.c'", "- when: '\"a\" in b.c'"),
        ("- {on: '*', id: \"x\"}", '- {on: "*", id: x}'),
        (
            "- grace: {until: 2026-12-20T01:00:00+01:00, skips: 3}",
            "- grace: {until: 2026-12-20T01:00:00+01:00, skips: 3}",
        ),
        ("- fallback: {when:   cannot_meet}", "- fallback: {when: cannot_meet}"),
    ],
)
def test_texts_and_conditions_of_a_rule(written: str, kept: str) -> None:
    assert laid_out(f"rules:\n{written}\n") == f"rules:\n  {kept}\n"


def test_what_is_called_when_elsewhere_is_no_condition() -> None:
    text = "tests:\n  - ask: {when: a>b, unless: it's}\n"
    assert laid_out(text) == text


def test_a_condition_that_is_too_wide_is_broken_before_what_joins_it() -> None:
    parts = [f"velocity.number_{number} > {number}" for number in range(10, 20)]
    wide, narrow = " && ".join(parts), "\n      ".join(parts[:1] + [f" && {each}" for each in parts[1:]])
    assert len(wide) > WIDTH
    found = laid_out(f"rules:\n  - when: {wide}\n")
    assert found == laid_out(f"rules:\n  - when: |\n      {narrow}\n")
    assert max(map(len, found.split("\n"))) <= WIDTH
    assert [line.split()[0] for line in found.split("\n")[2:-1]] == ["velocity.number_10", "&&"]
    one = laid_out(f"rules:\n  - when: ({wide})\n")
    assert one == f"rules:\n  - when: ({wide})\n"


def test_a_condition_with_comments_keeps_its_lines() -> None:
    text = "rules:\n  - when: |\n      a.b>1   // one\n\n          // two\n      &&c.d\n"
    assert laid_out(text) == "rules:\n  - when: |\n      a.b > 1  // one\n      // two\n      && c.d\n"


def test_brackets_that_are_too_wide_or_hold_a_comment_have_a_line_for_each_part() -> None:
    nets = ", ".join(f"10.{number}.0.0/16" for number in range(20))
    found = laid_out(f"lists:\n  a: [{nets}]\n  b: [x, # first\n y]\n")
    rows = [f"    10.{number}.0.0/16," for number in range(19)]
    short = ["  b: [", "    x,  # first", "    y", "  ]"]
    assert found.split("\n") == ["lists:", "  a: [", *rows, "    10.19.0.0/16", "  ]", *short, ""]


def test_a_comment_before_a_bracket_closes_and_behind_a_key_moves_to_its_own_line() -> None:
    text = "a:  # behind a key\n  [x,\n  # the last\n  ]\nb: # of a block\n  c: 1\n# the end\n\n"
    assert laid_out(text) == "# behind a key\na: [x]\n# the last\nb:  # of a block\n  c: 1\n# the end\n"


def test_a_text_of_several_lines_stays_one() -> None:
    text = 'a: |\n  two\n\n    lines\nb: |-\n  no\n  end\nc: "x\\n\\n"\n'
    assert laid_out(text) == text


def test_json_stays_json() -> None:
    text = '{"newel":1,"rules":[{"id":"x","when":"a.b>1&&c.d==\'\\ud83d\\ude00\'","mode":"observe"}],"name":"y"}'
    found = laid_out(text)
    assert json.loads(found)["rules"][0] == {"id": "x", "when": 'a.b > 1 && c.d == "\U0001f600"', "mode": "observe"}
    assert found.startswith('{"newel": 1, "rules": [{"id": "x"')
    assert laid_out(json.dumps(json.loads(text), indent=7)) == found


def test_a_file_in_brackets_keeps_what_stands_above_it() -> None:
    assert laid_out("# above\n\n\n{newel: 1,\n name: 'x' }\n# below\n") == "# above\n\n{newel: 1, name: x}\n# below\n"
