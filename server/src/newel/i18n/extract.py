"""Keeps the catalogues complete: `python -m newel.i18n.extract` adds what is new and drops what is no longer said."""

import ast
import io
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages import Catalog, pofile
from babel.messages.extract import extract

from newel.i18n.catalogue import LOCALES, SOURCE

KEYWORDS: dict[str, tuple[int, ...] | None] = {"Text": None, "several": (1, 2), "_": None}
ROOT = Path(str(files("newel")))
CATALOGUES = ROOT / "i18n" / "catalogues"


def spoken(source: str) -> Iterator[str]:
    """Give what rules say to people: the strings called `because`, `label`, and the values of `verbs`."""
    for node in ast.walk(ast.parse(source)):
        for said in node.keywords if isinstance(node, ast.Call) else ():
            values = said.value.values if said.arg == "verbs" and isinstance(said.value, ast.Dict) else [said.value]
            for value in values if said.arg in {"because", "label", "verbs"} else ():
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def messages() -> Iterator[str | tuple[str, str]]:
    """Give every message id of the source and the templates, with its plural where it has one."""
    for path in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("templates/*.html")]):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as source:
            for _, found, _, _ in extract(method, source, KEYWORDS, options={"encoding": "utf-8"}):
                if isinstance(found, str):
                    yield found
                else:
                    yield found[0], found[1]
    for path in sorted((ROOT / "policy").glob("*.py")):
        yield from spoken(path.read_text("utf-8"))


def merged(current: Catalog) -> Catalog:
    """Give the catalogue with exactly the messages of the source, keeping its translations."""
    fresh = Catalog(locale=current.locale, charset="utf-8", fuzzy=False, header_comment="# Newel")
    for found in messages():
        old = current.get(found if isinstance(found, str) else found[0])
        same = old is not None and isinstance(old.id, str) == isinstance(found, str)
        fresh.add(found, old.string if same and old else None, flags={"python-format"} if "%(" in str(found) else ())
    return fresh


def write(catalogue: Catalog) -> bytes:
    """Give a catalogue's file: sorted, without line numbers, so that a change of code does not touch it."""
    out = io.BytesIO()
    pofile.write_po(out, catalogue, width=120, no_location=True, omit_header=True, sort_output=True)
    return out.getvalue()


def main() -> int:
    """Bring every catalogue up to date; exit 1 where a translation is missing."""
    missing = 0
    for name in LOCALES:
        if name == SOURCE:
            continue
        path = CATALOGUES / f"{name}.po"
        current = pofile.read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=name)
        fresh = merged(current)
        path.write_bytes(write(fresh))
        missing += sum(not message.string or not all(message.string) for message in fresh if message.id)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
