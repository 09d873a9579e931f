"""Break each security rule once and see its tests turn red: `mutate.py [--all | --tenth | --only ID|RULE …]`.

Each mutant of mutants.toml is one small replacement in a copy of the tree, which comes first on PYTHONPATH for the tests
and for every process they start. A mutant whose tests stay green lives; that, and a place in the source that is not
found exactly once, is a failure. `--tenth` takes those that the commit's hash picks.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("server", "sdk", "demos", "docs", "tests", "conftest.py", "pyproject.toml")
IGNORED = shutil.ignore_patterns("__pycache__", "node_modules", "*.egg-info", ".hypothesis")
PARTS = 10
FAILED = "\nFAILED "
"""How pytest names a test that failed; an error before it, such as a server that does not start, kills no mutant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One small change that breaks a rule, and the tests of which at least one must turn red."""

    id: str
    rule: str
    file: str
    old: str
    new: str
    tests: list[str]


def read_mutants() -> list[Mutant]:
    """Every mutant, in the order of the file."""
    return [Mutant(**each) for each in tomllib.loads(Path(__file__).with_name("mutants.toml").read_text())["mutant"]]


def chosen(mutants: list[Mutant], asked: argparse.Namespace) -> list[Mutant]:
    """The mutants that the arguments ask for."""
    if asked.only:
        return [each for each in mutants if {each.id, each.rule} & set(asked.only)]
    if asked.tenth:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        picked = int(hashlib.sha256(commit).hexdigest(), 16) % PARTS
        return [each for number, each in enumerate(mutants) if number % PARTS == picked]
    return mutants


def fault(mutant: Mutant, copy: Path) -> str:
    """Why this mutant was not killed; empty where its tests turned red."""
    file = copy / mutant.file
    text = file.read_text("utf-8")
    if text.count(mutant.old) != 1:
        return f"its place occurs {text.count(mutant.old)} times"
    file.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    try:
        done = tried(mutant.tests, copy)
    finally:
        file.write_text(text, "utf-8")
    return "" if FAILED in done.stdout else f"pytest ended with {done.returncode}\n{done.stdout[-1500:]}"


def tried(tests: list[str], copy: Path) -> "subprocess.CompletedProcess[str]":
    """Run tests against the copy."""
    path = os.pathsep.join(str(copy / part) for part in ("server/src", "sdk/src", "demos/bank"))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", *tests]
    told = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=told, capture_output=True, text=True, check=False)


def main(arguments: list[str]) -> int:
    """Try the chosen mutants and print a table; 1 if one of them lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every mutant (the default)")
    which.add_argument("--tenth", action="store_true", help="those that the commit's hash picks")
    which.add_argument("--only", nargs="+", metavar="ID", help="these, by id or rule")
    mutants = chosen(read_mutants(), parser.parse_args(arguments))
    lives = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name, ignore=IGNORED) if source.is_dir() else shutil.copy(
                source, copy / name
            )
        for mutant in mutants:
            start = time.monotonic()
            why = fault(mutant, copy)
            lives += why != ""
            seconds = time.monotonic() - start
            print(f"{mutant.rule}  {mutant.id:<28} {'LIVES' if why else 'killed'}  {seconds:5.1f} s", flush=True)
            if why:
                print(f"     {mutant.file}: {why}", flush=True)
    print(f"{len(mutants) - lives} of {len(mutants)} mutants were killed")
    return int(lives > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
