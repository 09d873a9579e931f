"""`newel demo` itself: the bank and its server as processes, the story over HTTP with script off, and a clean end."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import psutil
import pytest

from newel.factors import totp

pytestmark = pytest.mark.xdist_group("demo")
DEMOS = Path(__file__).parents[2] / "demos"
ROSA = "DE02120300000000202051"
WORDS = {
    "name": "Maria Example",
    "iban": "DE89 3704 0044 0532 0130 00",
    "amount": "5,000.00",
    "reference": "Invoice 2291",
}


def free_port() -> str:
    """A port that nobody else on this machine is about to take, as far as the system knows."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


FIRST = free_port()


@dataclass
class Form:
    """A form as a browser without script would send it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """All forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        chosen = given.get("type") != "radio" or "checked" in given
        if tag in {"input", "button"} and self.found and "name" in given and chosen:
            self.found[-1].fields[given["name"]] = given.get("value", "")

    def with_field(self, name: str, value: str = "") -> Form:
        return next(form for form in self.found if name in form.fields and value in {"", form.fields[name]})


class Person:
    """Somebody at a browser without script; `page` is what they see."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.page: httpx2.Response

    def open(self, url: str) -> httpx2.Response:
        return self._go("GET", url)

    def submit(self, form: Form, **typed: str) -> httpx2.Response:
        return self._go("POST", urljoin(str(self.page.url), form.action), {**form.fields, **typed})

    def forms(self) -> Forms:
        return Forms(self.page.text)

    def _go(self, method: str, url: str, data: dict[str, str] | None = None) -> httpx2.Response:
        origin = "/".join(url.split("/")[:3])
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = httpx2.request(method, url, data=data, headers=headers, timeout=60)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        if answer.is_redirect:
            return self._go("GET", urljoin(url, answer.headers["location"]))
        self.page = answer
        return answer


@dataclass
class Demo:
    """A running demonstration and what it said."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]
    ready: str
    seconds: float

    @property
    def bank(self) -> str:
        return str(self.told["applications"]["bank"]["url"])

    def signed_in(self, name: str) -> Person:
        person = Person()
        person.open(f"{self.bank}/sign-in")
        form = person.forms().with_field("password")
        person.submit(form, username=name, password=self.told["people"][name]["password"])
        assert person.page.url.path == "/accounts", person.page.text
        return person


def start(folder: Path, *more: str) -> Demo:
    command = [sys.executable, "-m", "newel", "demo", "--json", "--demos", str(DEMOS), "--only", "bank", *more]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told, ready = process.stdout.readline(), process.stdout.readline()
    if not ready and process.stderr is not None:
        pytest.fail(process.stderr.read())
    return Demo(process, json.loads(told), ready, time.monotonic() - began)


def stop(demo: Demo, number: int = signal.SIGTERM) -> tuple[int, str]:
    demo.process.send_signal(number)
    output, error = demo.process.communicate(timeout=60)
    assert not error
    return demo.process.returncode, output


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    started = start(tmp_path_factory.mktemp("demo"), "--port", FIRST)
    yield started
    stop(started)


def test_it_is_ready_within_seconds_and_says_so_once(demo: Demo) -> None:
    assert demo.ready.startswith(f"ready {demo.told['issuer']} {demo.bank}")
    for path in ("/readyz", "/.well-known/openid-configuration"):
        assert httpx2.get(demo.told["issuer"] + path).status_code == 200
    assert demo.seconds < 90  # a figure is bench/start.py's business; this machine may be busy


def test_the_story_with_a_code(demo: Demo) -> None:
    alex = demo.signed_in("alex")
    assert "24,639.60" in alex.page.text
    assert "Alex Doe" in alex.page.text
    alex.open(f"{demo.bank}/payments/new?payee={ROSA}")
    alex.submit(alex.forms().with_field("key"), amount="20.00", reference="Tickets")
    assert "Not needed" in alex.page.text
    alex.open(f"{demo.bank}/payments/new")
    alex.submit(alex.forms().with_field("key"), payee="new", **WORDS)
    assert str(alex.page.url).startswith(demo.told["issuer"])
    assert "5,000.00" in alex.page.text
    assert "Maria Example" in alex.page.text
    alex.submit(alex.forms().with_field("decision", "decline"))
    assert "Nothing was sent. Your form is as you left it." in alex.page.text
    kept = alex.forms().with_field("key")
    assert {name: kept.fields[name] for name in WORDS} == WORDS
    alex.submit(kept)
    secret = totp_secret(demo)
    alex.submit(alex.forms().with_field("otp"), otp=totp.code(secret, totp.step_at(int(time.time()))))
    assert "Yes, by you, for this payment only" in alex.page.text
    assert "19,619.60" in alex.page.text
    alex.open(f"{demo.bank}/payments/new")
    alex.submit(
        alex.forms().with_field("key"), payee="DE89370400440532013000", amount="5,000.00", reference="Invoice 2291"
    )
    assert str(alex.page.url).startswith(demo.told["issuer"])


def totp_secret(demo: Demo) -> bytes:
    text = demo.told["people"]["alex"]["totp_secret"]
    return base64.b32decode(text)


def test_who_has_nothing_to_confirm_with_is_told_so_with_the_form_kept(demo: Demo) -> None:
    sam = demo.signed_in("sam")
    sam.open(f"{demo.bank}/payments/new")
    sam.submit(sam.forms().with_field("key"), payee="new", **WORDS)
    assert "<b>Nothing was sent.</b> A payment like this is confirmed by passkey or authenticator app" in sam.page.text
    assert "nothing that this person has enrolled" not in sam.page.text
    assert f'href="{demo.told["issuer"]}/account">See your ways to confirm</a>' in sam.page.text
    assert sam.forms().with_field("key").fields["amount"] == "5,000.00"


def test_the_second_20_of_a_day_is_asked_for(demo: Demo) -> None:
    sam = demo.signed_in("sam")
    for said in ("Not needed", "Nothing was sent"):
        sam.open(f"{demo.bank}/payments/new?payee={ROSA}")
        sam.submit(sam.forms().with_field("key"), amount="20.00", reference="Tickets")
        assert said in sam.page.text
    assert sam.forms().with_field("key").fields["amount"] == "20.00"


def test_more_than_10000_is_refused_in_words_until_the_treasury_can_approve(demo: Demo) -> None:
    alex = demo.signed_in("alex")
    alex.open(f"{demo.bank}/payments/new?payee={ROSA}")
    alex.submit(alex.forms().with_field("key"), amount="11,000.00", reference="Boat")
    assert alex.page.status_code == 403
    assert "<b>Nothing was sent.</b> This payment cannot be made as things stand: " in alex.page.text
    assert "an approval by treasury would be needed, and approvals cannot be given yet." in alex.page.text
    assert alex.forms().with_field("key").fields["amount"] == "11,000.00"


def test_kims_address_leads_to_the_sign_up(demo: Demo) -> None:
    kim = Person()
    kim.open(demo.told["people"]["kim"]["sign_up"])
    assert kim.page.status_code == 200
    assert "kim" in kim.page.text


def test_the_api_challenges_a_plain_token(demo: Demo) -> None:
    alex = demo.signed_in("alex")
    page = alex.open(f"{demo.bank}/developers").text
    token = page.partition("TOKEN='")[2].partition("'")[0]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "invoice-2291"}
    assert httpx2.get(f"{demo.bank}/api/accounts", headers=headers).status_code == 200
    answer = httpx2.post(
        f"{demo.bank}/api/transfers", headers=headers, json={"payee": "new", **WORDS, "amount": "6000.00"}
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "insufficient_user_authentication"


def test_a_second_start_takes_the_next_ports_and_a_signal_leaves_nothing_behind(demo: Demo, tmp_path: Path) -> None:
    other = start(tmp_path, "--port", FIRST)
    assert other.told["issuer"] != demo.told["issuer"]
    assert other.signed_in("alex").page.status_code == 200
    children = psutil.Process(other.process.pid).children(recursive=True)
    code, rest = stop(other, signal.SIGINT)
    assert (code, rest) == (0, "")
    assert not any(child.is_running() for child in children)
    again = start(tmp_path, "--port", FIRST)
    assert again.told["people"]["alex"] == other.told["people"]["alex"]
    bank = next(child for child in psutil.Process(again.process.pid).children() if "main.py" in child.cmdline()[-1])
    os.kill(bank.pid, signal.SIGKILL)
    _, error = again.process.communicate(timeout=60)
    assert again.process.returncode == 1
    assert "bank was ended by signal SIGKILL" in error
