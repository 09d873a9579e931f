"""The page of a replay: it needs nothing but itself, at every width, in both schemes, by keyboard and for screen readers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from playwright.sync_api import Browser, Page

from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.replay.page import as_page
from newel.policy.replay.profile import read_profile
from newel.policy.replay.run import Named, replay
from newel.policy.replay.simulate import simulate
from tests.browser.looking import SCHEMES, TWICE, WIDER, WIDTHS, space_out, violations

BANK = Path(__file__).parents[2] / "demos" / "bank"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on a bank whose treasury would release payments from 1,000.00 on."""
    text = (BANK / "policy.yaml").read_text("utf-8")
    before, after = (
        read_document([Source.of("policy.yaml", each)])
        for each in (text, text.replace("ctx.amount > 1000000", "ctx.amount > 100000"))
    )
    profile = read_profile({**yaml.safe_load((BANK / "profile.yaml").read_text("utf-8")), "requests": 6000})
    log = simulate(profile, before, np.random.default_rng(1))
    file = tmp_path_factory.mktemp("replay") / "report.html"
    file.write_text(as_page(replay(log, Named("today", before), Named("candidate", after))), "utf-8")
    return file


@pytest.fixture
def shown(chromium: Browser, report: Path) -> Iterator[Page]:
    """The page from a file, every request of it watched."""
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    assert asked == [report.as_uri()]
    context.close()


def test_the_report_reads_at_every_width_in_both_schemes_and_asks_nobody_for_anything(shown: Page) -> None:
    """axe-core, no sideways scroll, no identifier twice, disclosures open and closed."""
    assert shown.evaluate(TWICE) == []
    for width in WIDTHS:
        shown.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            shown.emulate_media(color_scheme=scheme)
            assert shown.evaluate(WIDER) <= 0, (width, scheme)
            assert violations(shown) == [], (width, scheme)
            assert shown.evaluate(WIDER) <= 0, (width, scheme, "disclosures open")


def test_the_report_bears_the_spacing_that_a_reader_chooses(shown: Page) -> None:
    """WCAG 1.4.12 at 320 CSS pixels."""
    shown.set_viewport_size({"width": 320, "height": 900})
    space_out(shown, "replay")


def test_the_numbers_behind_the_plots_open_by_keyboard(shown: Page) -> None:
    """Every disclosure is reached with Tab and opened with Enter."""
    closed = shown.locator("details:not([open])").count()
    assert closed
    for _ in range(60):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement.tagName") == "SUMMARY":
            shown.keyboard.press("Enter")
    assert shown.locator("details:not([open])").count() == 0


def test_the_first_screen_answers_whom_it_bothers_and_what_it_catches(shown: Page) -> None:
    """Said in words, before any table."""
    text = shown.inner_text("main")
    assert (
        text.index("It would have stopped people")
        < text.index("Whom would it bother?")
        < text.index("What would it catch?")
    )
    assert "These requests are made up" in text
