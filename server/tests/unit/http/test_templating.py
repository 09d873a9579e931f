"""Templates with their macros written out show what Jinja shows without."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined

from newel.http.templating import Pages

MACROS = (
    "{% macro mark(n, cls='', end='.') %}<i class='{{ cls }}'>{{ n }}</i>{{ end }}{% endmacro %}"
    "{% macro note(words, tone='info') %}{% if words %}{% set n = words %}<p>{{ mark(n, cls=tone) }}</p>{% endif %}{% endmacro %}"
)
SOURCES = {
    "outer.html": "{% set words = view.a %}<{% block title %}none{% endblock %}>{{ words }}{% block main %}-{% endblock %}{{ words }}",
    "inner.html": (
        "{% extends 'outer.html' %}{% set first = view.b %}"
        "{% macro own(x) %}{{ note(x) }}{{ view.a }}{% endmacro %}"
        "{% block main %}{% set words = 'inside' %}{{ words }}{{ note(view.a) }}{{ note(view.b, 'bad') }}{{ own(first) }}"
        "{% for each in view.a %}{{ mark(each) }}{{ loop.index }}{% endfor %}{% endblock %}"
    ),
}
LOADER = DictLoader(SOURCES)


@dataclass(frozen=True)
class View:
    a: str
    b: str


def written_out() -> Pages:
    made = Pages(LOADER)
    made.know_macros([MACROS])
    return made


def called() -> Environment:
    made = Environment(loader=LOADER, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    module = made.from_string(MACROS).module
    made.globals |= {name: module.__dict__[name] for name in ("mark", "note")}
    return made


@given(st.builds(View, a=st.text(max_size=5), b=st.text(max_size=5)))
def test_a_page_is_what_jinja_makes_of_its_macros_and_blocks(view: View) -> None:
    expected = called().get_template("inner.html").render(view=view)
    assert written_out().get_template("inner.html").render(view=view) == expected


def test_what_a_macro_is_given_is_escaped() -> None:
    shown = written_out().from_string("{{ note(view.a) }}").render(view=View("<b>", ""))
    assert shown == "<p><i class='info'>&lt;b&gt;</i>.</p>"


def test_a_block_that_is_not_given_shows_what_stands_there() -> None:
    assert written_out().get_template("inner.html").render(view=View("", "")).startswith("<none>")


def test_what_a_view_lacks_is_an_error_unless_asked_for() -> None:
    pages = written_out()
    with pytest.raises(AttributeError):
        pages.from_string("{{ view.c }}").render(view=View("", ""))
    assert pages.from_string("{{ view['c'] is defined }}").render(view=View("", "")) == "False"


@pytest.mark.parametrize("call", ["mark()", "mark(1, 2, 3, 4)", "mark(1, size=2)"])
def test_a_call_that_does_not_fit_its_macro_stops_the_start(call: str) -> None:
    with pytest.raises(TypeError, match="mark takes n, cls, end"):
        written_out().from_string(f"{{{{ {call} }}}}")
