"""Budgets of the house, counted over both distributions: sizes of modules and functions, and what may not be written.

Lines are all lines of a file; a function's lines run from `def` to its last one, docstring included. Empty files and
bodies of protocols count as they are. Run as `python tests/budgets.py`; ends with 1 where a budget is broken.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("server/src", "sdk/src")
BESIDE = ("server/tests", "sdk/tests", "tests", "bench", "demos", "docs")
"""What keeps to the hard stop of a module, and is not counted: tests are longer and simpler."""
NOTES = re.compile(r"\b(TODO|FIXME|XXX)\b")
BANNED = frozenset({"utils", "util", "helpers", "helper", "managers", "handlers"})


@dataclass(frozen=True, slots=True)
class Budget:
    """The most lines of the median, of nine in ten, and of any."""

    what: str
    median: int
    ninetieth: int
    hard: int


MODULES = Budget("module", 120, 300, 400)
FUNCTIONS = Budget("function", 14, 35, 60)


@dataclass(frozen=True, slots=True)
class Size:
    """How many lines stand at a place."""

    place: str
    lines: int


def quantile(sizes: list[Size], share: float) -> int:
    """The least size that at least `share` of all keep to."""
    ordered = sorted(size.lines for size in sizes)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def broken(budget: Budget, sizes: list[Size]) -> Iterator[str]:
    """What breaks a budget; prints the figures."""
    median, ninetieth, largest = quantile(sizes, 0.5), quantile(sizes, 0.9), max(sizes, key=lambda size: size.lines)
    print(
        f"{len(sizes):5} {budget.what}s: median {median} of {budget.median}, p90 {ninetieth} of {budget.ninetieth}, "
        f"largest {largest.lines} of {budget.hard} ({largest.place})"
    )
    if median > budget.median:
        yield f"the median {budget.what} has {median} lines, the budget is {budget.median}"
    if ninetieth > budget.ninetieth:
        yield f"nine in ten {budget.what}s have up to {ninetieth} lines, the budget is {budget.ninetieth}"
    for size in sizes:
        if size.lines > budget.hard:
            yield f"{size.place}: {size.lines} lines, the hard stop is {budget.hard}"


def functions(place: str, tree: ast.Module) -> Iterator[tuple[Size, ast.AST]]:
    """Every function of a module, also those inside others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Size(f"{place}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1), node


def banned(place: str, text: str, tree: ast.Module) -> Iterator[str]:
    """What may not be written: notes, imports inside functions, relative imports, rooms without a duty."""
    for number, line in enumerate(text.splitlines(), 1):
        if NOTES.search(line):
            yield f"{place}:{number}: a note to do something later"
    for size, function in functions(place, tree):
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)):
            yield f"{size.place}: an import inside a function"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{place}:{node.lineno}: a relative import"
    for part in Path(place).with_suffix("").parts:
        if part in BANNED:
            yield f"{place}: {part} names no duty"


def main() -> int:
    """Count everything, print the figures and what is broken."""
    modules: list[Size] = []
    every_function: list[Size] = []
    faults: list[str] = []
    for file in sorted(file for source in SOURCES for file in (ROOT / source).rglob("*.py")):
        text, place = file.read_text(encoding="utf-8"), str(file.relative_to(ROOT))
        tree = ast.parse(text, place)
        modules.append(Size(place, len(text.splitlines())))
        every_function.extend(size for size, _ in functions(place, tree))
        faults.extend(banned(place, text, tree))
    for file in sorted(file for folder in BESIDE for file in (ROOT / folder).rglob("*.py")):
        lines, place = len(file.read_text(encoding="utf-8").splitlines()), str(file.relative_to(ROOT))
        if lines > MODULES.hard:
            faults.append(f"{place}: {lines} lines, the hard stop is {MODULES.hard}")
    faults.extend([*broken(MODULES, modules), *broken(FUNCTIONS, every_function)])
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
