"""The one layout of a policy file: spacing of conditions and white space; meaning, comments and order stay."""

import pytest
from hypothesis import given
from server.tests.unit.policy.lang.cores import CONDITIONS

from newel.policy.format import formatted, spaced
from newel.policy.lang.core import Core
from newel.policy.lang.lex import tokens
from newel.policy.lang.write import written
from newel.policy.message import Source


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("a.b>3&&c.d", "a.b > 3 && c.d"),
        ("!( a.b==-1 )", "!(a.b == -1)"),
        ("a.b - -1 <2", "a.b - -1 < 2"),
        ("a.b-1<2", "a.b - 1 < 2"),
        ('a.b in[ "x","y" ]', 'a.b in ["x", "y"]'),
        ('a.b . startsWith ( "x" )', 'a.b.startsWith("x")'),
        ("a.b?c.d:e.f", "a.b ? c.d : e.f"),
        ("a.b in $list", "a.b in $list"),
        ("(a.b) - (c.d)", "(a.b) - (c.d)"),
        ("a.b in -1", "a.b in -1"),
        ("- 1 < a.b", "-1 < a.b"),
    ],
)
def test_one_space_between_parts_and_none_inside_brackets(loose: str, tight: str) -> None:
    """However it was spaced."""
    assert spaced(loose) == tight
    assert spaced(tight) == tight


@given(CONDITIONS)
def test_spacing_changes_no_token(condition: Core) -> None:
    """What is written of any condition reads as the same tokens, and is stable."""
    text = written(condition)
    again = spaced(text)
    assert [(each.kind, each.text) for each in tokens(again)] == [(each.kind, each.text) for each in tokens(text)]
    assert spaced(again) == again


FILE = """newel: 1   \r
rules:
  - when:   a.b>1   # why
    id: x
  - unless: 'c.d=="it''s"'
  - when: a.b?c.d:e.f
  - when: |
      a.b  >  1
  - when: "a.b>1"




other: 1

"""
LAID_OUT = """newel: 1
rules:
  - when:   a.b > 1   # why
    id: x
  - unless: 'c.d == "it''s"'
  - when: 'a.b ? c.d : e.f'
  - when: |
      a.b  >  1
  - when: "a.b>1"


other: 1
"""


def test_a_file_keeps_its_comments_and_its_order() -> None:
    """White space at ends of lines goes, a condition that YAML would misread is quoted, blocks stay as they are."""
    assert formatted(Source.of("p.yaml", FILE)) == LAID_OUT
    assert formatted(Source.of("p.yaml", LAID_OUT)) == LAID_OUT


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ("- {when: a.b>1, unless: c.d<2, id: x}", "- {when: a.b > 1, unless: c.d < 2, id: x}"),
        ("- {when: 'a.b==\"\U0001f600\"', unless: c.d<2}", "- {when: 'a.b == \"\U0001f600\"', unless: c.d < 2}"),
        ("- \U0001f600: {when: a.b>1}", "- \U0001f600: {when: a.b > 1}"),
        ("- when:\t'a.b==''x'''", "- when:\t'a.b == ''x'''"),
    ],
)
def test_conditions_stand_where_the_reader_says(written: str, laid_out: str) -> None:
    """Several in one line, and after what is wider than it looks."""
    assert formatted(Source.of("p.yaml", f"rules:\n{written}\n")) == f"rules:\n{laid_out}\n"


@pytest.mark.parametrize("until", ["2026-12-20", "2026-12-20T00:00:00Z", "2026-12-20T01:00:00+01:00"])
def test_the_end_of_a_grace_stays_as_its_author_wrote_it(until: str) -> None:
    text = f"rules:\n  - grace: {{until: {until}, skips: 3}}\n"
    assert formatted(Source.of("p.yaml", text)) == text
