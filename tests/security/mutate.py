"""Break every security rule once, in a copy, and see its test turn red.

    python tests/security/mutate.py --all | --tenth | --only RULE

A mutant that no test notices, or whose place is not found exactly once, is a failure. `--tenth` takes those that the
commit's hash picks.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("server", "sdk", "demos", "tests", "pyproject.toml")
Mutant = dict[str, str]


def chosen(arguments: list[str]) -> list[Mutant]:
    """The mutants that the arguments ask for."""
    mutants: list[Mutant] = tomllib.loads(Path(__file__).with_name("mutants.toml").read_text())["mutant"]
    if arguments[:1] == ["--only"]:
        return [each for each in mutants if each["rule"] == arguments[1]]
    if arguments == ["--tenth"]:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        picked = int(hashlib.sha256(commit).hexdigest(), 16) % 10
        return [each for number, each in enumerate(mutants) if number % 10 == picked]
    return mutants


def survives(mutant: Mutant, copy: Path) -> str | None:
    """Why this mutant was not killed; None where its test turned red."""
    file = copy / mutant["file"]
    text = file.read_text()
    if text.count(mutant["old"]) != 1:
        return f"its place occurs {text.count(mutant['old'])} times"
    file.write_text(text.replace(mutant["old"], mutant["new"]))
    path = os.pathsep.join(str(copy / part) for part in ("server/src", "sdk/src", "demos/bank"))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant["test"]]
    told = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=told, capture_output=True, text=True, check=False)
    finally:
        file.write_text(text)
    return None if done.returncode == 1 else f"its test ended with {done.returncode}:\n{done.stdout[-400:]}"


def main(arguments: list[str]) -> int:
    """Try the chosen mutants; 1 if one of them lives."""
    lives = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        for mutant in chosen(arguments):
            why = survives(mutant, copy)
            lives += why is not None
            print(f"{mutant['rule']}  {'killed' if why is None else 'LIVES: ' + why}  {mutant['file']}")
    return int(lives > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
