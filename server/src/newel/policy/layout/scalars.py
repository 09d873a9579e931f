"""How a text is written in YAML: plain where it may be, else in double quotes, in single ones where it has double ones."""

import json
import re

PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`.=<~]|[.\-][0-9A-Za-z_]|<(?!<)")
"""How a plain text begins; others may, and are quoted all the same."""
ENDS_PLAIN = re.compile(r": |:$| #|\s$|[\t\n]")
IN_BRACKETS = re.compile(r"[,\[\]{}]|:$")


def inline(text: str, *, flow: bool) -> str:
    """A text in one line; `flow` says that brackets are around it."""
    plain = PLAIN.match(text) and not ENDS_PLAIN.search(text) and not (flow and IN_BRACKETS.search(text))
    if plain:
        return text
    if "\n" in text or "\t" in text or not ('"' in text or "\\" in text):
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def block(text: str) -> list[str] | None:
    """The sign and the lines of a text of several lines as a block; None for one that is written in one line."""
    body = text.removesuffix("\n")
    if "\n" not in body or body[:1] in {" ", "\t", "\n"} or body.endswith("\n"):
        return None
    return ["|" if text.endswith("\n") else "|-", *body.split("\n")]
