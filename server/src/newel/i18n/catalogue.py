"""Catalogues: the .po files of this package, read at start. A small reader of our own: Babel's costs ten times more."""

import ast
from collections.abc import Iterator, Mapping
from importlib.resources import files

from newel.domain.value import dataclass

SOURCE = "en"
LOCALES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Translations of one language: an id to its text, or to its singular and plural."""

    singular: Mapping[str, str]
    plural: Mapping[str, tuple[str, str]]


def parse_po(source: str) -> Catalogue:
    """Read the catalogue in a .po file with two plural forms; entries without a translation are left out.

    ValueError for a line that is none of a comment, a keyword with a string, or a string.
    """
    singular: dict[str, str] = {}
    plural: dict[str, tuple[str, str]] = {}
    for entry in _entries(source):
        key = entry.get("msgid", "")
        if not key:
            continue
        if "msgid_plural" in entry:
            forms = entry.get("msgstr[0]", ""), entry.get("msgstr[1]", "")
            if all(forms):
                plural[key] = forms
        elif entry.get("msgstr"):
            singular[key] = entry["msgstr"]
    return Catalogue(singular, plural)


def _entries(source: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    keyword = ""
    for number, line in enumerate(source.splitlines(), 1):
        if not line or line[0] == "#":
            if entry:
                yield entry
                entry = {}
            continue
        quoted = line
        if line[0] != '"':
            keyword, _, quoted = line.partition(" ")
        if quoted[:1] != '"' or quoted[-1] != '"' or not keyword:
            raise ValueError(f"line {number} of the catalogue is not an entry")
        entry[keyword] = entry.get(keyword, "") + _unquote(quoted)
    if entry:
        yield entry


def _unquote(quoted: str) -> str:
    return str(ast.literal_eval(quoted)) if "\\" in quoted else quoted[1:-1]


def read_catalogues() -> dict[str, Catalogue]:
    """Read every language of this package; English is empty, its texts being the ids."""
    folder = files("newel.i18n") / "catalogues"
    read = {name: parse_po((folder / f"{name}.po").read_text("utf-8")) for name in LOCALES if name != SOURCE}
    return {SOURCE: Catalogue({}, {}), **read}
