"""Every page in both languages, as HTML: whole, worded, accessible, with no style or script of its own."""

import dataclasses
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from server.tests.unit.web import samples

from newel.http.assets import load_assets
from newel.http.pages import House, Renderer, View
from newel.i18n.catalogue import read_catalogues
from newel.web import views

RENDERER = Renderer(
    House("Acme Bank", "login.acme.example", "/help"),
    catalogues=read_catalogues(),
    zone=samples.BERLIN,
    assets=load_assets(),
    strict=True,
)
PAGES: dict[str, dict[str, View]] = {locale: samples.samples(locale) for locale in ("en", "de")}
NAMES = sorted(PAGES["en"])
EVERY = [(name, locale) for name in NAMES for locale in ("en", "de")]
VOID = {"meta", "link", "input", "br", "hr", "img"}
SHAPES = {"path", "circle", "rect"}


class Reader(HTMLParser):
    """Reads a page: its elements with what surrounds them, its text, and what does not fit together."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if len({name for name, _ in attrs}) != len(attrs):
            self.wrong.append(f"{tag}: an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in SHAPES | VOID:
            self.wrong.append(f"{tag} closes itself")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes, _ in self.elements if tag in tags]

    def id(self, name: str) -> dict[str, str | None]:
        return next(attributes for _, attributes, _ in self.elements if attributes.get("id") == name)


def read(name: str, locale: str = "en") -> Reader:
    return Reader(RENDERER.render(PAGES[locale][name], locale=locale))


def title(page: Reader) -> str:
    return "".join(text for tag, text in page.texts if tag == "title")


def fields(page: Reader) -> list[dict[str, str | None]]:
    return [field for field in page.of("input") if field.get("type") not in {"hidden", None}]


def test_every_view_has_a_sample() -> None:
    shown = {type(view).__name__ for view in PAGES["en"].values()}
    pages = {name for name, kind in vars(views).items() if dataclasses.is_dataclass(kind) and hasattr(kind, "template")}
    assert pages - shown == set()


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_a_page_is_whole_and_speaks_its_language(name: str, locale: str) -> None:
    page = read(name, locale)
    assert page.wrong == []
    assert page.of("html")[0]["lang"] == locale
    assert [tag for tag, _, _ in page.elements].count("h1") == 1
    assert [tag for tag, _, _ in page.elements].count("main") == 1
    assert title(page).endswith(" \u2013 Acme Bank")


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_s31_a_page_has_no_style_or_script_of_its_own_and_fetches_only_ours(name: str, locale: str) -> None:
    page = read(name, locale)
    assert page.of("style", "iframe", "object", "embed", "base") == []
    scripts = page.of("script")
    assert [script["src"] for script in scripts] == [RENDERER_SCRIPT]
    for tag, attributes, _ in page.elements:
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("src", "href", "action", "formaction"):
            value = attributes.get(key)
            assert value is None or value[:1] in {"/", "#"} or value.startswith("otpauth:"), (tag, key, value)


RENDERER_SCRIPT = load_assets().url("newel.js")


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_names_and_descriptions_point_at_what_is_there(name: str, locale: str) -> None:
    page = read(name, locale)
    ids = Counter(attributes["id"] for _, attributes, _ in page.elements if attributes.get("id"))
    assert {key: count for key, count in ids.items() if count > 1} == {}
    for _, attributes, _ in page.elements:
        for key in ("aria-describedby", "aria-labelledby", "for"):
            for target in (attributes.get(key) or "").split():
                assert target in ids, (key, target)
    labels = {label.get("for") for label in page.of("label")}
    assert {field["id"] for field in fields(page)} <= labels


@pytest.mark.parametrize("name", NAMES)
def test_s31_every_form_posts_to_us_with_its_token(name: str) -> None:
    text = RENDERER.render(PAGES["en"][name], locale="en")
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    for form in forms:
        assert re.match(r'<form [^>]*method="post"', form)
        assert form.count('name="csrf"') == 1


@pytest.mark.parametrize("name", NAMES)
def test_one_button_leads_at_most(name: str) -> None:
    page = read(name)
    leading = [
        attributes
        for _, attributes, around in page.elements
        if "btn-go" in (attributes.get("class") or "") and "details" not in around
    ]
    assert len(leading) <= 1


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_error")])
@pytest.mark.parametrize(("locale", "word"), [("en", "Error: "), ("de", "Fehler: ")])
def test_wcag_3_3_1_an_error_is_named_first_in_title_field_and_focus(name: str, locale: str, word: str) -> None:
    page = read(name, locale)
    assert title(page).startswith(word)
    wrong = [field for field in fields(page) if field.get("aria-invalid") == "true"]
    for field in wrong:
        described = (field["aria-describedby"] or "").split()
        assert described[0].endswith("-error")
    focused = [field for field in page.of("input") if "autofocus" in field]
    if wrong:
        assert focused == [wrong[-1]]
    else:
        assert any(attributes.get("role") == "alert" and "hidden" not in attributes for attributes in page.of("p"))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("_error")])
def test_a_page_without_an_error_does_not_cry(name: str) -> None:
    page = read(name)
    assert "aria-invalid" not in {key for field in fields(page) for key in field}


def test_a_page_with_a_post_starts_at_the_top_and_one_without_in_its_field() -> None:
    assert not [field for field in read("prove").of("input") if "autofocus" in field]
    assert not [field for field in read("prove_code_only").of("input") if "autofocus" in field]
    assert "autofocus" in read("sign_in").id("username")
    assert "autofocus" in read("code").id("otp")
    assert "autofocus" in read("sign_in_again").id("password")


def test_the_stable_ids_are_there() -> None:
    assert read("sign_in").id("username")["autocomplete"] == "username webauthn"
    assert read("sign_in").id("password")["autocomplete"] == "current-password"
    assert read("sign_in").id("submit")["type"] == read("sign_in").id("passkey")["type"] == "submit"
    assert read("sign_in").id("recover")["href"] == "/recover"
    for wanted in ("submit", "submit-code", "cancel", "other-way", "report", "otp"):
        assert read("prove").id(wanted)
    assert read("code").id("submit")["type"] == "submit"
    assert read("enrol_passkey").id("name")["value"] == "Laptop, Firefox"


def test_wcag_3_3_8_a_code_can_be_filled_pasted_and_typed_with_spaces() -> None:
    otp = read("prove").id("otp")
    assert (otp["type"], otp["inputmode"], otp["autocomplete"]) == ("text", "numeric", "one-time-code")
    assert not {"maxlength", "pattern"} & otp.keys()
    assert read("new_password").id("password")["autocomplete"] == "new-password"
    assert "maxlength" not in read("new_password").id("password")


def test_a_password_asked_again_shows_the_name_for_password_stores() -> None:
    for name in ("prove_password", "new_password"):
        shown = read(name).id("username")
        assert shown["autocomplete"] == "username"
        assert "readonly" in shown
    assert "readonly" in read("sign_in_again").id("username")


def test_saying_no_needs_neither_passkey_nor_code() -> None:
    text = RENDERER.render(PAGES["en"]["prove"], locale="en")
    form = next(form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if 'id="cancel"' in form)
    assert "required" not in form
    assert 'name="decision" value="decline"' in form


def test_without_script_a_passkey_button_is_explained_away() -> None:
    page = read("prove")
    assert any("needs-script" in (form.get("class") or "") for form in page.of("form"))
    notes = [text for tag, text in page.texts if "Passkeys need JavaScript" in text]
    assert notes == ["Passkeys need JavaScript, which is off in this browser. Use a code."]


def test_options_and_what_the_server_forgot_lie_in_attributes() -> None:
    page = read("prove_passkey_error")
    form = next(form for form in page.of("form") if "data-passkey" in form)
    assert form["data-passkey"] == samples.REQUEST
    assert form["data-unknown"] == '{"rpId":"a","credentialId":"b"}'
    assert any("data-passkey-autofill" in form for form in read("sign_in").of("form"))
    assert any("data-passkey-create" in form for form in read("enrol_passkey").of("form"))


@pytest.mark.parametrize("locale", ["en", "de"])
def test_s17_the_post_shows_what_is_bound_and_nothing_else_does(locale: str) -> None:
    bound = samples.bound(locale)
    text = RENDERER.render(PAGES[locale]["prove"], locale=locale)
    post = text[text.index('<section class="bound') : text.index("</section>")]
    assert bound.amount is not None
    number, _, currency = bound.amount.rpartition("\u00a0")
    said = re.sub(r"<[^>]+>", "", post)
    assert f"{number} {currency}" in said
    for row in bound.rows:
        assert row.label in said
        assert row.value in said
    assert text.count("Invoice 2291") == 1


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_every_refusal_says_what_happened_and_every_page_where_it_lives(name: str, locale: str) -> None:
    page = read(name, locale)
    said = " ".join(text for _, text in page.texts)
    assert "login.acme.example" in said
    if isinstance(PAGES[locale][name], views.Refusal):
        assert page.id("happened")


def test_german_is_at_most_a_third_longer_than_english() -> None:
    lengths = {
        locale: sum(len(text) for name in NAMES for _, text in read(name, locale).texts) for locale in ("en", "de")
    }
    assert lengths["de"] < 1.35 * lengths["en"]
