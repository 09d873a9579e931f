"""docs/rules.md says what is: every rule, every test it names, every file and mutant here."""

import re
from pathlib import Path

from tests.security.mutate import ROOT, read_mutants

RULES = [f"S{number:02}" for number in range(1, 39)]
BUILT = {*RULES[:11], *RULES[12:17], "S19", *RULES[24:27], "S29", *RULES[30:35]}
"""The rules that have a test and a mutant of their own by now."""
DOCUMENT = (ROOT / "docs" / "rules.md").read_text("utf-8")
NOTHING = "\N{EN DASH}"
HERE = Path(__file__).parent


def rows() -> dict[str, list[str]]:
    """The cells of each rule's row: what it says, the running server's tests, tests beside, what waits."""
    found = re.findall(r"^\| (S\d\d) \| (.+) \|$", DOCUMENT, re.MULTILINE)
    return {rule: cells.split(" | ") for rule, cells in found}


def defined() -> set[str]:
    """The name of every test in the tree."""
    files = [file for folder in ("server/tests", "sdk/tests", "tests") for file in (ROOT / folder).rglob("test_*.py")]
    own = [file for file in files if "node_modules" not in file.parts]
    return {
        name
        for file in own
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }


def test_every_rule_has_one_row_with_every_cell() -> None:
    assert re.findall(r"^\| (S\d\d) \|", DOCUMENT, re.MULTILINE) == RULES
    assert {len(cells) for cells in rows().values()} == {4}
    for rule, (_, running, beside, waits) in rows().items():
        assert {running, beside, waits} != {NOTHING}, rule


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(test_s\d\d_\w+)`", DOCUMENT)
    assert set(named) <= defined()
    files = re.findall(r"`(test_s\d\d_\w+\.py)`", DOCUMENT)
    assert all((HERE / file).exists() for file in files)


def test_every_test_is_named_after_the_rule_whose_row_names_its_file() -> None:
    for file in HERE.glob("test_s*.py"):
        rule = file.name[5:8].upper()
        assert f"`{file.name}`" in rows()[rule][1]
        names = re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
        assert names
        assert all(name.startswith(f"test_{rule.lower()}_") for name in names), file.name


def test_every_rule_that_is_built_has_its_test_and_its_mutants() -> None:
    mutants = read_mutants()
    assert {mutant.rule for mutant in mutants} == BUILT
    assert all((ROOT / mutant.file).read_text("utf-8").count(mutant.old) == 1 for mutant in mutants)
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    assert {file.name[5:8].upper() for file in HERE.glob("test_s*.py")} == BUILT


def test_every_mutant_names_tests_that_exist() -> None:
    for mutant in read_mutants():
        for test in mutant.tests:
            path, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), test
