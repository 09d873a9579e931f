"""Take the README's pictures of the step-up from the running demo (`make pictures`)."""

import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PICTURES = Path(__file__).parent / "pictures"


def free_port() -> int:
    """A port with a free one behind it, most likely."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def take(browser: Browser, demo: dict[str, Any], scheme: str) -> None:
    """Sign in as alex, send 5,000.00 to Maria Example, and take the page that asks."""
    alex, bank = demo["people"]["alex"], demo["applications"]["bank"]["url"]
    context = browser.new_context(
        viewport={"width": 1000, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
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
    """Start a fresh demo, take both pictures, stop it."""
    PICTURES.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "newel", "demo", "--json", "--fresh", "--port", str(free_port())]
    demos = Path(__file__).parents[1] / "demos"
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([*command, "--demos", str(demos)], cwd=folder, stdout=subprocess.PIPE, text=True) as running,
    ):
        demo = json.loads(running.stdout.readline() if running.stdout else "{}")
        try:
            if running.stdout:
                running.stdout.readline()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for scheme in ("light", "dark"):
                    take(browser, demo, scheme)
                browser.close()
        finally:
            running.terminate()


if __name__ == "__main__":
    main()
