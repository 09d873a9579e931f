"""Pages: templates read once, views rendered in the reader's language, with the headers every page has."""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from importlib.resources import files
from types import CodeType
from typing import Any, ClassVar, Protocol

from jinja2 import DictLoader, Environment, Template
from markupsafe import Markup, escape

from newel.domain.value import dataclass
from newel.http.adapter import Failed, Failure
from newel.http.assets import Assets
from newel.http.frame import Frame
from newel.http.headers import page_headers
from newel.http.request import Request
from newel.http.responses import Header, Response, html
from newel.http.templating import Pages
from newel.i18n.catalogue import LOCALES, Catalogue
from newel.i18n.locale import COOKIE, choose_locale
from newel.i18n.message import Text, Words
from newel.i18n.wording import Wording

PACKAGES = ("newel.http", "newel.web")
MACROS = ("macros.html", "forms.html")
PLAIN = re.compile(r"""\{\{ _\((["'])((?:(?!\1)[^\\])*)\1\) \}\}""")
"""A text without values: `{{ _("…") }}`."""
FIXED = re.compile(r"\{\{ ((?:icon|asset)\((?:'[\w.-]*'(?:, )?)+\)|mark\(\)|lang|house\.(?:organisation|address)) \}\}")
"""What is the same on every page of a house and a language."""
MOST_MESSAGES = 2_000
SPECIAL = re.compile(r"""[&<>'"]""")


class View(Protocol):
    """What a page is given: a frozen dataclass that names its template."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True)
class House:
    """Whose pages these are: a name, the host people should see in the address bar, and where help is found."""

    organisation: str
    address: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class FailurePage:
    """A page for what no endpoint answered."""

    template: ClassVar[str] = "failure.html"
    frame: Frame
    title: Text
    happened: Text
    todo: Text
    record: str | None


def read_templates(packages: Sequence[str]) -> dict[str, str]:
    """Read the templates of these packages; a name stands for one file only, else ValueError."""
    sources: dict[str, str] = {}
    for package in packages:
        for entry in files(package).joinpath("templates").iterdir():
            if entry.name in sources:
                raise ValueError(f"two templates named {entry.name}")
            sources[entry.name] = entry.read_text("utf-8")
    return sources


class Page(Template):
    """A compiled template: as Jinja makes it, with what it looks up for each value at hand."""

    @classmethod
    def from_code(
        cls, environment: Environment, code: CodeType, known: MutableMapping[str, Any], uptodate: Any = None
    ) -> Template:
        """Make a template of its code: values are escaped by `escaped`, globals lie in one dictionary."""
        made = super().from_code(environment, code, dict(known), uptodate)
        made.root_render_func.__globals__["escape"] = escaped
        return made


def escaped(value: object) -> str:
    """`markupsafe.escape` for a template's output, which is joined to a text anyway: most values have nothing to escape."""
    if type(value) is Markup or (type(value) is str and SPECIAL.search(value) is None):
        return value
    return escape(value)


class Renderer:
    """Turns views into pages. Templates are compiled when first used and kept."""

    def __init__(
        self,
        house: House,
        *,
        catalogues: Mapping[str, Catalogue],
        zone: tzinfo,
        assets: Assets,
        packages: Sequence[str] = PACKAGES,
        strict: bool = False,
    ) -> None:
        sources = read_templates(packages)
        self._wordings = {name: Wording(name, catalogues[name], zone, strict=strict) for name in LOCALES}
        self._environments = {
            name: environment(words, sources, house=house, asset=assets.url) for name, words in self._wordings.items()
        }

    def wording(self, locale: str) -> Wording:
        """Give the words of a language."""
        return self._wordings[locale]

    def render(self, view: View, *, locale: str, scheme: str | None = None) -> str:
        """Render a view; `scheme` is the person's own choice of "light" or "dark", if any."""
        template = self._environments[locale].get_template(view.template)
        return template.render(view=view, scheme=scheme)


def environment(words: Wording, sources: Mapping[str, str], **values: object) -> Environment:
    """Templates in one language: what never varies is put in when the source is read, not each time it is shown."""
    gettext, say = written(words)
    globals_ = {"_": gettext, "lang": words.locale, **values}
    worded = {name: PLAIN.sub(lambda text: gettext(text[2]), source) for name, source in sources.items()}
    first = _environment(worded, say, globals_)
    fixed = {name: FIXED.sub(lambda found: _literal(first, found[1]), source) for name, source in worded.items()}
    return _environment(fixed, say, globals_)


def _literal(made: Environment, expression: str) -> str:
    """What an expression shows, as a part of a template's source that shows the same."""
    return made.from_string(f"{{{{ {expression} }}}}").render().replace("{", "&#123;")


def _environment(
    sources: Mapping[str, str], say: Callable[[Words], str], globals_: Mapping[str, object]
) -> Environment:
    made = Pages(DictLoader(dict(sources)))
    made.template_class = Page
    made.globals.update(globals_)
    made.filters["say"] = say
    made.know_macros(sources[name] for name in MACROS if name in sources)
    return made


def written(words: Wording) -> tuple[Callable[..., str], Callable[[Words], str]]:
    """Give `_` and `say` of a language for templates: a message without values is worded and escaped once."""
    whole = lru_cache(MOST_MESSAGES)(lambda message: escape(words.gettext(message)))

    def gettext(message: str, /, **args: object) -> str:
        return words.gettext(message, **args) if args else whole(message)

    def say(value: Words) -> str:
        if isinstance(value, Text):
            return words.say(value) if value.args or value.plural else whole(value.id)
        return value if isinstance(value, Markup) else words.value(value)

    return gettext, say


def page(
    renderer: Renderer,
    view: View,
    *,
    locale: str,
    scheme: str | None = None,
    status: int = 200,
    redirect_uri: str | None = None,
    headers: Sequence[Header] = (),
) -> Response:
    """Answer with a page; `redirect_uri` is the registered address at which its POST may end."""
    text = renderer.render(view, locale=locale, scheme=scheme)
    return html(text, status=status, headers=(*page_headers(redirect_uri), ("content-language", locale), *headers))


def request_locale(request: Request) -> str:
    """Choose the language for a request, by its `ui_locales`, cookie and Accept-Language."""
    return choose_locale(
        ui_locales=request.query.get("ui_locales", ""),
        cookie=request.cookies.get(COOKIE, ""),
        accept_language=request.headers.get("accept-language", ""),
    )


FAILURES: Mapping[int, tuple[Text, Text, Text]] = {
    404: (
        Text("There is no such page"),
        Text("Nothing was changed."),
        Text("Go back to the page you came from and begin again there."),
    ),
    413: (
        Text("That was too much at once"),
        Text("Nothing was changed: the form was larger than this page takes."),
        Text("Go back and send less."),
    ),
    429: (
        Text("Too many tries from here"),
        Text("Nothing was changed."),
        Text("Wait a few minutes, then load this page again."),
    ),
    500: (
        Text("Something went wrong here"),
        Text("Nothing was changed. The fault is ours, not yours."),
        Text("Go back and try again. If it happens again, tell the help desk the record's number."),
    ),
}
UNREADABLE = (
    Text("This page couldn't read that request"),
    Text("Nothing was changed."),
    Text("Go back to the page you came from and begin again there."),
)


def failure_page(renderer: Renderer) -> Failed:
    """Give the builder of pages for failures, in the language of the browser."""

    def build(headers: Mapping[str, str], failure: Failure) -> Response:
        title, happened, todo = FAILURES.get(failure.status, UNREADABLE)
        locale = choose_locale(accept_language=headers.get("accept-language", ""))
        view = FailurePage(frame=Frame(), title=title, happened=happened, todo=todo, record=failure.record)
        return page(renderer, view, locale=locale, status=failure.status)

    return build
