"""What `make test` runs: gets what the tests need, runs pytest over both cores with coverage, then a tenth of the mutants.

Environment: VECTORS=DIR adds test vectors that may be read but not copied; NEWEL_NIGHTLY=1 runs what takes long. Further
arguments go to pytest. pytest's own closing line is printed last; the exit code is 1 if anything failed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLOSING = re.compile(r"(\x1b\[[0-9;]*m)*=+ .*\bin [\d.]+s")
PROCESSES = min(2, os.cpu_count() or 1)
"""Browser tests share one process, one after the other; everything else fills the second."""


@dataclass(frozen=True, slots=True)
class Need:
    """A program from a Debian package, and what in the tests shows that it is used."""

    program: str
    packages: tuple[str, ...]
    folders: tuple[str, ...]
    word: str


NEEDS = (
    Need("oathtool", ("oathtool",), ("server/tests", "tests"), "oathtool"),
    Need("chromium", ("chromium", "fonts-dejavu-core"), ("tests",), "playwright"),
    Need("npm", ("nodejs", "npm"), ("tests/outside",), '"dependencies"'),
)

COVERAGE = {
    "domain": 100,
    "policy": 100,
    "factors": 100,
    "oauth": 100,
    "flows": 100,
}
"""Branch coverage in per cent that a room keeps; every other keeps ELSEWHERE. The nightly run fails below it."""
ELSEWHERE = 95


def main(arguments: list[str]) -> int:
    """Run everything; 0 if all passed."""
    os.chdir(ROOT)
    fault = missing() or outside_packages()
    if fault:
        print(fault, file=sys.stderr)
        return 1
    passed, closing = tests(arguments)
    passed = coverage() and passed
    passed = mutants() and passed
    print(closing)
    return 0 if passed else 1


def missing() -> str:
    """Install what is missing, as root; else say in words what to install. Empty when everything is there."""
    wanted = [need for need in NEEDS if used(need) and shutil.which(need.program) is None]
    packages = [package for need in wanted for package in need.packages]
    if not packages:
        return ""
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        names = ", ".join(need.program for need in wanted)
        return f"The tests need {names}. On Debian, as root: {' '.join(install)}"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], install):
        if subprocess.run(command, env=quiet, check=False).returncode:
            return f"Failed: {' '.join(command)}"
    return ""


def used(need: Need) -> bool:
    """Whether any test names what a package is needed for."""
    files = (
        file for folder in need.folders for file in (ROOT / folder).rglob("*.*") if file.suffix in {".py", ".json"}
    )
    read = (file for file in files if not {"node_modules", "vectors"} & set(file.parts) and file != Path(__file__))
    return any(need.word in file.read_text(encoding="utf-8") for file in read)


def outside_packages() -> str:
    """Install the pinned npm packages of tests/outside where they are not installed. Empty unless that failed."""
    folder = ROOT / "tests" / "outside"
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not lock.exists() or (installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime):
        return ""
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    return f"Failed: {' '.join(command)}" if subprocess.run(command, cwd=folder, check=False).returncode else ""


def tests(arguments: list[str]) -> tuple[bool, str]:
    """Run pytest under coverage, hold its closing line back, and return whether it passed and that line."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    if os.environ.get("VECTORS"):
        environment["NEWEL_VECTORS"] = str(Path(os.environ["VECTORS"]).resolve())
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    spread = ["-n", str(PROCESSES), "--dist", "loadgroup"] if PROCESSES > 1 else []
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-p", "vectors_read", *spread, *arguments]
    closing = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout or ():
            if CLOSING.match(line):
                closing = line.rstrip()
            else:
                print(line, end="", flush=True)
    return process.returncode == 0, closing or "pytest did not come to its end"


def coverage() -> bool:
    """Print each room's branch coverage beside its budget. False where the nightly run is below one."""
    subprocess.run([sys.executable, "-m", "coverage", "combine", "-q"], check=False, stdout=subprocess.DEVNULL)
    written = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"], check=False, capture_output=True, text=True
    )
    if written.returncode:
        print("No coverage was measured.")
        return True
    below = list(shortfalls(json.loads(written.stdout)["files"]))
    for line in below:
        print(line)
    return not below or os.environ.get("NEWEL_NIGHTLY") != "1"


def shortfalls(files: dict[str, dict[str, dict[str, int]]]) -> Iterator[str]:
    """The rooms below their budget, after a line for all of them."""
    rooms: dict[str, list[int]] = {}
    for path, file in files.items():
        parts = Path(path).parts
        room = parts[parts.index("newel") + 1] if "newel" in parts else "sdk"
        counted = rooms.setdefault(room, [0, 0])
        summary = file["summary"]
        counted[0] += summary["covered_lines"] + summary.get("covered_branches", 0)
        counted[1] += summary["num_statements"] + summary.get("num_branches", 0)
    shares = {room: 100 * covered / total for room, (covered, total) in sorted(rooms.items()) if total}
    print("Coverage of lines and branches: " + ", ".join(f"{room} {share:.1f}" for room, share in shares.items()))
    for room, share in shares.items():
        budget = COVERAGE.get(room, ELSEWHERE)
        if share < budget:
            yield f"Coverage of {room} is {share:.2f} %, its budget is {budget} %"


def mutants() -> bool:
    """Break the tenth of the security rules that the commit's hash picks, and see each test turn red."""
    if not (ROOT / "tests" / "security" / "mutants.toml").exists():
        return True
    command = [sys.executable, "tests/security/mutate.py", "--tenth"]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
