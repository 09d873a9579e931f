"""What every page keeps to: the automatic rules of WCAG 2.2 AA, no sideways scroll, targets that can be hit."""

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

WIDTHS = (320, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOTS = os.environ.get("NEWEL_SHOTS")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations.map((v) => [v.id, v.help, v.nodes.map((n) => [String(n.target), n.failureSummary])]);
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
  .filter((e) => e.checkVisibility() && !e.matches(".skip, p > a, .who a"))
  .map((e) => [e.getBoundingClientRect(), e])
  .filter(([r]) => Math.min(r.width, r.height) < 24)
  .map(([r, e]) => `${e.outerHTML} ${r.width}x${r.height}`)"""
INLINE = """[...document.querySelectorAll("p > a, .who a")]
  .filter((e) => e.checkVisibility() && e.parentElement.textContent.trim() === e.textContent.trim())
  .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)"""
TWICE = """[...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, at, all) => all.indexOf(id) !== at)"""
INSIDE = """[...document.querySelectorAll("[style], style, script:not([src])")].map((e) => e.outerHTML)"""
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
SPACED = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
CUT = """[...document.querySelectorAll("a, button, p, dd, dt, h1, h2, h3, label, li, summary")]
  .filter((e) => e.checkVisibility() && getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 2)
  .filter((e) => !e.closest(".scroll, .visually-hidden, .skip"))
  .map((e) => e.outerHTML.slice(0, 200))"""


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page) -> Any:
    """What axe-core finds, with every disclosure open."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate(f"if (!window.axe) {{ {_axe()} }}")
    return page.evaluate(RUN, TAGS)


def look(page: Page, name: str) -> None:
    """Look at a page narrow and wide, light and dark."""
    assert page.evaluate(TWICE) == [], name
    assert page.evaluate(INSIDE) == [], name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(WIDER) <= 0, (name, width)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)
            assert violations(page) == [], (name, width, scheme)
            assert page.evaluate(WIDER) <= 0, (name, width, "disclosures open")
        assert page.evaluate(SMALL) == [], (name, width)
        assert page.evaluate(INLINE) == [], (name, width)


def look_narrow(page: Page, name: str) -> None:
    """Look at a page at 320 CSS pixels, then with the spacing that WCAG 1.4.12 lets a reader choose."""
    page.set_viewport_size({"width": 320, "height": 900})
    page.emulate_media(color_scheme="light")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-320-light.png", full_page=True)
    assert violations(page) == [], name
    assert page.evaluate(WIDER) <= 0, name
    space_out(page, name)


def space_out(page: Page, name: str) -> None:
    """Apply the text spacing of WCAG 1.4.12: nothing is cut off, nothing scrolls sideways."""
    page.evaluate(SPACED, SPACING)
    assert page.evaluate(WIDER) <= 0, (name, "spacing")
    assert page.evaluate(CUT) == [], (name, "spacing")
