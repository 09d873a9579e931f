"""Take the README's pictures of the step-up from the running demo (`make pictures`)."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PICTURES = Path(__file__).parent / "pictures"


def take(browser: Browser, demo: dict[str, Any], scheme: Scheme) -> None:
    """Sign in as alex, send 5,000.00 to Maria Example, and take the page that asks."""
    alex, bank = demo["people"]["alex"], demo["applications"]["bank"]["url"]
    context = browser.new_context(
        viewport={"width": 1000, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(bank)
    page.locator("#sign-in").first.click()
    page.fill("#username", "alex")
    page.fill("#password", alex["password"])
    page.click("#submit")
    page.wait_for_url(f"{bank}/**")
    page.goto(f"{bank}/payments/new")
    page.locator("label", has_text="Someone new").click()
    for name, value in (
        ("name", "Maria Example"),
        ("iban", "DE89370400440532013000"),
        ("amount", "5000.00"),
        ("reference", "Invoice 2291"),
    ):
        page.fill(f"#{name}", value)
    page.click("#submit")
    page.wait_for_url("**/i/**")
    page.screenshot(path=PICTURES / f"stepup-{scheme}.png", full_page=True)
    context.close()


def main() -> None:
    """Start a fresh demo on the first free ports, take both pictures, stop it."""
    PICTURES.mkdir(exist_ok=True)
    demos = Path(__file__).parents[1] / "demos"
    command = [sys.executable, "-m", "newel", "demo", "--json", "--fresh", "--only", "bank", "--demos", str(demos)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as running,
    ):
        assert running.stdout is not None
        told, ready = running.stdout.readline(), running.stdout.readline()
        if not ready.startswith("ready"):
            sys.exit("the demo did not start")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for scheme in SCHEMES:
                    take(browser, json.loads(told), scheme)
                browser.close()
        finally:
            running.terminate()


if __name__ == "__main__":
    main()
