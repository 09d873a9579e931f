"""The documents say what is: their blocks are executed, and what they name exists."""

import base64
import configparser
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from newel.factors import totp
from tests.simulators.person import Browser, Page

pytestmark = pytest.mark.xdist_group("demo")
ROOT = Path(__file__).parents[1]
ADR = ROOT / "docs" / "adr"
HIDDEN = {"node_modules"}
DOCUMENTS = sorted(
    file
    for file in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in HIDDEN for part in file.relative_to(ROOT).parts)
)
ANYTHING = "…"
FENCE = re.compile(r"^```(\S+) ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
MAKE = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what else its fence says, its text."""

    language: str
    says: str
    text: str

    @property
    def name(self) -> str:
        return self.says.partition("=")[2]


def blocks(document: Path) -> list[Block]:
    return list(starmap(Block, FENCE.findall(document.read_text("utf-8"))))


@dataclass
class Reader:
    """Does what a document says, in one folder; `pages` gives what a person would copy from a page."""

    folder: Path
    addresses: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    running: ExitStack = field(default_factory=ExitStack)
    printed: str = ""

    def __post_init__(self) -> None:
        (self.folder / ".venv").symlink_to(sys.prefix)
        self.environment = {**os.environ, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}

    def read(self, document: Path) -> None:
        for block in blocks(document):
            if block.language in {"sh", "python"} or block.says == "output" or block.says.startswith("file="):
                self._do(block)

    def _do(self, block: Block) -> None:
        text = self._here(block.text)
        match block.language, block.says.partition("=")[0]:
            case "sh", "run":
                self.printed = self._run(text)
            case "sh", "server":
                self.running.enter_context(self._beside(text))
            case "sh", "demo":
                assert re.search(
                    r"^demo:.*\n\t\$\(BIN\)/newel demo$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
                )
            case "sh", "paste":
                name, _, value = text.strip().partition("=")
                assert value == "'eyJ…'"
                self.environment[name] = self.pages[block.name]()
            case "python" | "yaml", "file":
                (self.folder / block.name).write_text(text)
            case "text", "output":
                wanted = ".*".join(re.escape(part) for part in text.strip().split(ANYTHING))
                assert re.fullmatch(wanted, self.printed.strip(), re.DOTALL), f"{text}\n--- but it is\n{self.printed}"
            case _, said:
                assert said == "shown", f"nobody knows what to do with {block}"

    def _here(self, text: str) -> str:
        """The text with the addresses of this run."""
        for written, address in self.addresses.items():
            text = text.replace(written, address)
        return text

    def _run(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout.replace("\r", "")

    @contextmanager
    def _beside(self, text: str) -> Generator[None]:
        command = ["bash", "-c", f"exec {text}"]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            said = ""
            for line in process.stderr or ():
                said += line
                if "running on" in line:
                    break
            assert "running on" in said, said
            try:
                yield
            finally:
                process.terminate()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


@contextmanager
def demonstration(folder: Path) -> Generator[dict[str, Any]]:
    """What `make demo` starts, on free ports, and what it says."""
    command = [sys.executable, "-m", "newel", "demo", "--json", "--only", "bank", "--port", free_port()]
    with subprocess.Popen(
        [*command, "--demos", str(ROOT / "demos")], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told, ready = process.stdout.readline(), process.stdout.readline()
        assert ready.startswith("ready "), ready
        try:
            yield json.loads(told)
        finally:
            process.terminate()


@dataclass
class Alex:
    """The person of the tutorial at a private window."""

    told: dict[str, Any]

    def __post_init__(self) -> None:
        self.browser = Browser(self.told["issuer"])
        self.bank = self.told["applications"]["bank"]["url"]

    def signed_in(self) -> str:
        """Sign in with the password alone; the token that the page for developers shows."""
        page = self._open(f"{self.bank}/sign-in")
        self._send(page, "password", username="alex", password=self.told["people"]["alex"]["password"])
        return self._token()

    def confirmed(self) -> str:
        """Send 5,000.00 to somebody new and type the code; the token after that."""
        typed = {"name": "Maria Example", "iban": "DE89370400440532013000", "reference": "Invoice 2291"}
        page = self._open(f"{self.bank}/payments/new")
        page = self._send(page, "key", payee="new", amount="5,000.00", **typed)
        secret = base64.b32decode(self.told["people"]["alex"]["totp_secret"])
        page = self._send(page, "otp", otp=totp.code(secret, totp.step_at(int(time.time()))))
        assert "Yes, by you, for this payment only" in page.text, page.text
        return self._token()

    def _token(self) -> str:
        found = re.search(r"TOKEN='(.+?)'", self._open(f"{self.bank}/developers").body)
        assert found is not None
        return found[1]

    def _open(self, url: str) -> Page:
        return self._arrive(self.browser.get(url))

    def _send(self, page: Page, has: str, **typed: str) -> Page:
        form: Any = page.form(has)
        target = urljoin(page.url, form["action"])
        own = {"origin": "/".join(target.split("/")[:3]), "sec-fetch-site": "same-origin"}
        return self._arrive(self.browser.post(target, {**form["fields"], **typed}, headers=own))

    def _arrive(self, page: Page) -> Page:
        while page.location:
            page = self.browser.get(page.location)
        return page


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    with demonstration(tmp_path) as told, ExitStack() as running:
        alex, own = Alex(told), free_port()
        addresses = {
            "http://localhost:8400": told["issuer"],
            "http://localhost:8401": alex.bank,
            "localhost:8402": f"localhost:{own}",
            "--port 8402": f"--port {own}",
        }
        Reader(tmp_path, addresses, {"signed-in": alex.signed_in, "confirmed": alex.confirmed}, running).read(
            ROOT / "docs" / "tutorial.md"
        )
        alex.browser.close()


def test_the_commands_of_the_operations_page_do_what_it_says(tmp_path: Path) -> None:
    Reader(tmp_path).read(ROOT / "docs" / "ops.md")


def test_the_policy_page_does_what_it_says(tmp_path: Path) -> None:
    for file in map(Path, ("docs/newel-policy.yaml", "demos/bank/policy.yaml", "demos/bank/profile.yaml")):
        (tmp_path / file.parent).mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text("utf-8"))
    Reader(tmp_path).read(ROOT / "docs" / "policy.md")


def anchors(document: Path) -> set[str]:
    """The names that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text("utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for target in targets:
        path, _, anchor = target.partition("#")
        if not re.match(r"[a-z]+:", target):
            found = (document.parent / path).resolve() if path else document
            assert found.exists(), target
            assert not anchor or anchor in anchors(found), target


def test_every_make_target_that_a_document_names_exists_and_help_shows_and_a_document_names_all() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    targets = set(phony[1].split())
    shown = subprocess.run(
        ["make", "-s", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[0] for line in shown.splitlines()} == targets
    assert {name for document in DOCUMENTS for name in MAKE.findall(document.read_text("utf-8"))} == targets


def test_every_decision_has_a_number_a_status_and_a_date() -> None:
    index = (ADR / "0001-decisions-are-recorded.md").read_text("utf-8")
    listed = re.findall(r"^\| \[(\d{4}) .+\]\((.+\.md)\) \| (\d{4}-\d\d-\d\d) \| (.+) \|$", index, re.MULTILINE)
    assert [file for _, file, _, _ in listed] == sorted(file.name for file in ADR.glob("*.md"))
    for number, file, _date, status in listed:
        text = (ADR / file).read_text("utf-8")
        assert file.startswith(number)
        assert text.startswith(f"# {number} ")
        assert f"\nStatus: {status}." in text


def test_the_readme_is_short_and_its_pictures_are_small() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 80
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert [each.name for each in pictures] == ["stepup-dark.png", "stepup-light.png"]
    assert all(each.stat().st_size <= 120 * 1024 for each in pictures)


@pytest.mark.parametrize("distribution", ["server", "sdk"])
def test_the_changelog_begins_with_the_version_of_each_distribution(distribution: str) -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    project = tomllib.loads((ROOT / distribution / "pyproject.toml").read_text("utf-8"))["project"]
    assert newest[1] == project["version"]


def section(title: str) -> str:
    return (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def children(folder: Path) -> set[str]:
    """The modules and folders of a room, by name."""
    found = {file.stem for file in folder.glob("*") if file.suffix == ".py" or file.is_dir()}
    return found - {"__init__", "__pycache__"}


def names(text: str) -> list[str]:
    return re.findall(r"`([a-z_0-9]+)`", text)


@pytest.mark.parametrize(
    ("title", "folder"),
    [("Rooms of the server", "server/src/newel"), ("Rooms of the SDK", "sdk/src/newel_sdk")],
)
def test_the_architecture_describes_every_room_that_exists_and_no_other(title: str, folder: str) -> None:
    described: list[str] = []
    for line in re.findall(r"^- (.+)$", section(title), re.MULTILINE):
        head, _, rest = line.partition(": ")
        rooms = names(head)
        described += rooms
        if any((ROOT / folder / room).is_dir() for room in rooms):
            inside = {name for room in rooms for name in children(ROOT / folder / room)}
            assert set(names(rest)) <= inside, line
    assert sorted(described) == sorted(children(ROOT / folder))


def test_the_architecture_has_the_floors_that_are_enforced() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = re.findall(r"\w+", contracts["importlinter:contract:floors"]["layers"])
    existing = children(ROOT / "server" / "src" / "newel")
    assert names(section("Floors of the server").partition("Further")[0]) == [
        each for each in layers if each in existing
    ]
