"""The page of the policy language: what it shows is executed, what it lists is what the code reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from newel.cli.policy.files import SUFFIXES
from newel.domain.assurance import DAY, SHIPPED
from newel.domain.method import METHODS
from newel.policy import facts as kinds
from newel.policy import message, source
from newel.policy.code import Code
from newel.policy.fields import ACCOUNT_MEMBERS, MAX_MINOR
from newel.policy.lang import check, lex, parse
from newel.policy.lang.functions import duration_seconds
from newel.policy.read import (
    built_in,
    checks,
    classes,
    counters,
    document,
    facts,
    names,
    requirements,
    resources,
    room,
    rules,
    shape,
    targets,
)
from tests.test_docs import ROOT, Reader

PAGE = ROOT / "docs" / "policy-language.md"
TEXT = PAGE.read_text("utf-8")


def under(heading: str) -> str:
    """The text from a heading to the next."""
    found = re.search(rf"^#+ {heading}\n(.*?)(?=^#+ |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def tables(heading: str) -> Iterator[list[list[str]]]:
    """The tables under a heading: their rows without the head, as cells."""
    for table in re.findall(r"(?:^\|.*\|\n)+", under(heading), re.MULTILINE):
        rows = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in table.splitlines()]
        yield [[cell.strip() for cell in row] for row in rows[2:]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_what_the_page_shows_is_so(tmp_path: Path) -> None:
    Reader(tmp_path).read(PAGE)


def test_every_code_has_one_row_in_order() -> None:
    (rows,) = tables("Codes")
    assert [row[0] for row in rows] == [code.value for code in Code]
    assert all(len(row) == 2 and row[1] for row in rows)
    assert len({row[1] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("Facts", [*facts.KEYS, *facts.KINDS]),
        ("Who states a fact", list(facts.ORIGINS)),
        ("Resources", ["label", "actions", "fields", "facts", *resources.ACTION_KEYS, *resources.FIELD_KEYS, *resources.READING]),
        ("Rules", [*rules.KEYS, *rules.MODES, "cannot_meet", "until", "skips"]),
        ("Requirements", [*requirements.PARTS, "session", "number", "max_life", "key_bound", "notify"]),
        ("Evidence", [*classes.KEYS, "acr_order", *SHIPPED.by_name]),
        ("Conditions", list(check.FUNCTIONS)),
        ("Counters", list(counters.KEYS)),
        ("Pools, meters, entitlements", ["pools", "group", "meters", "limit", "over", "entitlements"]),
        ("Invariants and tests", [*checks.INVARIANT_KEYS, *checks.TEST_KEYS, *checks.ASKED]),
    ],
)  # fmt: skip
def test_every_key_is_told_where_it_belongs(heading: str, keys: Sequence[str]) -> None:
    told = set(re.findall(r"[A-Za-z0-9_]+", " ".join(quoted(under(heading)))))
    assert set(keys) - told == set()


def test_the_example_has_every_section_and_the_page_names_those_that_must_be_there() -> None:
    shown = re.search(r"^```yaml file=language.yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert tuple(re.findall(r"^([a-z_]+):", shown[1], re.MULTILINE)) == document.KEYS
    assert [f"`{key}`" in under("The file") for key in document.REQUIRED] == [True] * len(document.REQUIRED)
    assert ", ".join(f"`{suffix}`" for suffix in SUFFIXES) in under("The file")


def test_the_facts_of_the_server_are_those_that_are_listed() -> None:
    _, rows = tables("Who states a fact")
    listed = {quoted(row[0])[0]: (row[1], row[2]) for row in rows}
    fixed = {name: (kind, origin) for name, (kind, origin) in facts.FIXED.items()}
    risk = {name: (kind, "risk") for name, kind in facts.RISK.items()}
    assert listed == {**fixed, **risk, "account.method": ("enum", "server"), "http.host": ("string", "server")}
    assert quoted(rows[-1][0]) == list(built_in.HTTP)
    values = {quoted(row[0])[0]: tuple(quoted(row[3])) for row in rows if row[1:3] == ["enum", "risk"]}
    assert values == dict(facts.RISK_VALUES)


def test_the_classes_last_and_count_as_they_are_shipped() -> None:
    rows = next(tables("Evidence"))
    assert [quoted(row[0])[0] for row in rows] == [each.name for each in SHIPPED.declared]
    for row, each in zip(rows, SHIPPED.declared, strict=True):
        assert tuple(quoted(row[2])) == each.implies
        assert (shape.duration_of(row[3]), shape.duration_of(row[4])) == (each.lasts, each.idle)
    assert ", ".join(f"`{name}`" for name in SHIPPED.order) in under("Evidence")
    methods = re.search(r"^Methods: (.+)\.$", under("Requirements"), re.MULTILINE)
    assert methods is not None
    assert quoted(methods[1]) == list(METHODS)


LIMITS: Mapping[str, int] = {
    "bytes of a file": source.MOST_BYTES,
    "characters of all files": source.MOST_BYTES,
    "parts of a file": source.MOST_NODES,
    "levels of nesting in a file": source.DEEPEST,
    "rules, and entries of every other list and mapping": shape.MOST_ENTRIES,
    "facts of a section": facts.MOST_FACTS,
    "actions of a resource": resources.MOST_ACTIONS,
    "counters": counters.MOST_COUNTERS,
    "classes of evidence": classes.MOST_CLASSES,
    "characters of a name": shape.MOST_NAME,
    "characters of the action of an open resource": targets.MOST_ACTION,
    "levels of nesting in a condition": parse.DEEPEST,
    "parts of a condition": parse.MOST_NODES,
    "words and signs of a condition": lex.MOST_TOKENS,
    "parts of all conditions, counted for every action they speak of": room.MOST_PARTS,
    "bytes with all lists and levels written out": source.MOST_BYTES,
    "approvals by one pool": requirements.MOST_APPROVALS,
    "skips of a grace": rules.MOST_SKIPS,
    "limit of a meter": names.MOST_LIMIT,
    "units that a rule takes from a meter": requirements.MOST_UNITS,
    "faults that are told at once": message.MOST,
}


def test_the_limits_are_those_of_the_code() -> None:
    (rows,) = tables("Limits")
    assert {row[0]: int(row[1].replace(",", "")) for row in rows} == dict(LIMITS)
    assert parse.MOST_NODES == check.MOST_CORE, "both are 'parts of a condition'"


def test_numbers_that_stand_in_sentences_are_those_of_the_code() -> None:
    days = f"1s to {names.LONGEST_WINDOW // DAY}d"
    assert classes.LONGEST == names.LONGEST_WINDOW
    assert [days in under(each) for each in ("Evidence", "Counters", "Pools, meters, entitlements")] == [True] * 3
    assert f"{counters.HEADROOM:,} times the most of its range" in under("Counters")
    assert under("Counters").count(f"from 0 to {counters.MOST_COUNTED:,} |") == 2
    assert shape.duration_of("15m") == requirements.APPROVED_WITHIN
    assert f"`{{{requirements.APPROVED_BY}: 15m}}` where none is named" in under("Requirements")
    assert f"`{{text: 140}}` | a text of up to so many characters, at most {resources.MOST_TEXT}" in under("Resources")
    assert MAX_MINOR == 10**15
    assert f"up to {', '.join(map(str, list(ACCOUNT_MEMBERS.values())[:-1]))} and {ACCOUNT_MEMBERS['country']}" in TEXT
    ten_thousand_years = 10_000 * 365.25 * DAY
    assert ten_thousand_years == kinds.LONGEST
    assert duration_seconds("24h") == DAY
    assert duration_seconds("1d") is None, "the page says that a condition has no days"


def test_the_floors_of_the_console_are_those_of_the_code() -> None:
    row = next(row for row in next(tables("Built-in resources")) if row[0].startswith("`newel.console"))
    usual, strict, *actions = quoted(row[1])
    for written, action in ((usual, "people"), (strict, "keys")):
        name, age = re.findall(r"\w+", written)
        asked = dict(built_in.floor(f"newel.console:{action}").evidence)
        assert asked[name] == shape.duration_of(age)
    assert set(actions) == built_in.CONSOLE_STRICT
    listed = {quoted(row[0])[0].partition(":")[0] for row in next(tables("Built-in resources"))}
    assert listed == built_in.BUILT_IN.keys()


def test_the_actions_that_a_policy_may_name_are_those_of_the_code() -> None:
    _, rows = tables("Built-in resources")
    listed = {quoted(row[0])[0]: tuple(quoted(row[1])) for row in rows}
    del listed["newel.scope"]
    assert listed == dict(built_in.NAMED)


@pytest.mark.parametrize(
    ("condition", "part"),
    [(sign, "operator") for sign in (*check.COMPARISONS, *check.OPERATORS, "&&", "||", "!", "in")],
)
def test_every_operator_is_in_the_table(condition: str, part: str) -> None:
    rows = next(tables("Conditions"))
    signs = {each.replace("\\", "") for row in rows for each in quoted(row[0])}
    assert condition in signs, part
