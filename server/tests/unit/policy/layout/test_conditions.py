"""Conditions as they are laid out: no token changes."""

import pytest
from hypothesis import given
from server.tests.unit.policy.lang.cores import CONDITIONS

from newel.policy.lang.core import Core
from newel.policy.lang.lex import tokens
from newel.policy.lang.write import written
from newel.policy.layout.conditions import broken, commented, kept, spaced


def meant(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in tokens(text)]


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("a.b>3&&c.d", "a.b > 3 && c.d"),
        ("!( a.b==-1 )", "!(a.b == -1)"),
        ("a.b - -1 <2", "a.b - -1 < 2"),
        ("a.b-1<2", "a.b - 1 < 2"),
        ('a.b in[ "x","y" ]', 'a.b in ["x", "y"]'),
        ("a.b in[ 'x','y\"' ]", 'a.b in ["x", "y\\""]'),
        ('a.b . startsWith ( "x" )', 'a.b.startsWith("x")'),
        ('a.b [ "c" ]==1', 'a.b["c"] == 1'),
        ("a.b?c.d:e.f", "a.b ? c.d : e.f"),
        ("a.b in $list", "a.b in $list"),
        ("(a.b) - (c.d)", "(a.b) - (c.d)"),
        ("a.b in -1", "a.b in -1"),
        ("- 1 < a.b", "-1 < a.b"),
    ],
)
def test_one_space_between_parts_and_none_inside_brackets(loose: str, tight: str) -> None:
    assert spaced(loose) == tight
    assert spaced(tight) == tight


@given(CONDITIONS)
def test_spacing_and_breaking_change_no_token(condition: Core) -> None:
    text = written(condition)
    again = spaced(text)
    assert meant(again) == meant(text)
    assert spaced(again) == again
    for width in (1, 30, 1000):
        assert meant("\n".join(broken(again, width))) == meant(text)
        assert spaced("\n".join(broken(again, width))) == again
    assert broken(again, 1000) == [again] or len(again) >= 1000


@given(CONDITIONS)
def test_comments_change_no_token_and_stay(condition: Core) -> None:
    text = " // one\n".join(broken(spaced(written(condition)), 20)) + "// two"
    lines = kept(text)
    assert commented(text)
    assert not commented(written(condition))
    assert meant("\n".join(lines)) == meant(text)
    assert kept("\n".join(lines)) == lines
    assert lines[-1].endswith("  // two")


def test_what_stands_in_a_text_is_no_comment() -> None:
    assert not commented('a.b == "x // y" && c.d')
    assert commented('a.b == "x // y" // z')
