"""Rendering: one language, every text worded, everything escaped."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Undefined
from markupsafe import Markup, escape

from newel.http.adapter import Failure
from newel.http.assets import load_assets
from newel.http.frame import Frame
from newel.http.pages import FailurePage, House, Renderer, escaped, failure_page, page, read_templates, request_locale
from newel.http.qr import qr_svg
from newel.http.request import Request
from newel.i18n.catalogue import read_catalogues
from newel.i18n.message import Text

RENDERER = Renderer(
    House("Acme <Bank>", "login.acme.example"),
    catalogues=read_catalogues(),
    zone=ZoneInfo("Europe/Berlin"),
    assets=load_assets(),
)
VIEW = FailurePage(
    frame=Frame(here="/a?b=c", who="<i>Alex</i>", expires=540),
    title=Text("Sign out?"),
    happened=Text("It is now called %(name)s.", {"name": "<script>"}),
    todo=Text("Back"),
    record=None,
)


@dataclass(frozen=True)
class Incomplete:
    template: ClassVar[str] = "failure.html"


def test_what_people_and_operators_wrote_is_escaped() -> None:
    text = RENDERER.render(VIEW, locale="en")
    assert "It is now called &lt;script&gt;." in text
    assert "Acme &lt;Bank&gt;" in text
    assert "<i>Alex" not in text


@given(st.text() | st.integers() | st.none() | st.text().map(Markup) | st.text().map(Undefined))
def test_every_value_is_escaped_as_its_library_escapes_it(value: object) -> None:
    assert escaped(value) == escape(value)


def test_a_texts_subclass_has_no_way_around_the_escape() -> None:
    class Sly(StrEnum):
        BOLD = "<b>"

    assert escaped(Sly.BOLD) == "&lt;b&gt;"


def test_what_an_operator_named_the_house_is_text_and_no_template() -> None:
    house = House("{{ 7 * 7 }} {% raw %}", "x")
    renderer = Renderer(house, catalogues=read_catalogues(), zone=ZoneInfo("Europe/Berlin"), assets=load_assets())
    assert "&#123;&#123; 7 * 7 }} &#123;% raw %}" in renderer.render(VIEW, locale="en")


def test_a_page_speaks_one_language_and_offers_the_other() -> None:
    german = RENDERER.render(VIEW, locale="de")
    assert '<html lang="de">' in german
    assert "Abmelden?" in german
    assert '<a href="/a?b=c&amp;ui_locales=en" hreflang="en" lang="en">English</a>' in german


def test_the_persons_own_scheme_stands_on_the_page() -> None:
    assert '<html lang="en" data-scheme="dark">' in RENDERER.render(VIEW, locale="en", scheme="dark")


def test_a_page_knows_how_long_its_challenge_lives() -> None:
    assert 'data-expires="540"' in RENDERER.render(VIEW, locale="en")


def test_a_view_without_a_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(AttributeError):
        RENDERER.render(Incomplete(), locale="en")


def test_a_page_is_answered_with_its_headers() -> None:
    response = page(RENDERER, VIEW, locale="de", status=403, redirect_uri="https://bank.example/cb")
    headers = dict(response.headers)
    assert response.status == 403
    assert headers["content-language"] == "de"
    assert "form-action 'self' https://bank.example" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("status", "word"), [(404, "gibt es nicht"), (413, "zu viel"), (500, "1234-ABCD"), (405, "Anfrage")]
)
def test_a_failure_is_a_calm_page_in_the_browsers_language(status: int, word: str) -> None:
    record = "1234-ABCD" if status == 500 else None
    failure = Failure(status, "server_error", "internal words", record)
    response = failure_page(RENDERER)({"accept-language": "de-AT, en;q=0.5"}, failure)
    assert response.status == status
    assert word in response.body.decode()
    assert "internal words" not in response.body.decode()


def test_the_language_is_asked_of_application_person_and_browser_in_turn() -> None:
    headers = {"accept-language": "de"}
    assert request_locale(Request(method="GET", path="/")) == "en"
    assert request_locale(Request(method="GET", path="/", headers=headers)) == "de"
    chosen = {"__Host-newel-lang": "en"}
    assert request_locale(Request(method="GET", path="/", headers=headers, cookies=chosen)) == "en"
    wished = {"ui_locales": "fr de"}
    assert request_locale(Request(method="GET", path="/", headers=headers, cookies=chosen, query=wished)) == "de"


def test_two_templates_of_one_name_stop_the_start() -> None:
    with pytest.raises(ValueError, match="two templates"):
        read_templates(("newel.http", "newel.http"))


def test_a_qr_code_is_drawn_without_style_or_script() -> None:
    drawn = qr_svg("otpauth://totp/Acme:alex?secret=JBSWY3DPEHPK3PXP&issuer=Acme")
    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert "<script" not in drawn
