"""The page of a report: whole in itself, safe to open, and readable without seeing its plots."""

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from server.tests.unit.policy.replay.reports import ALL, ATTACKED, CALM, EMPTY, FULL, HOSTILE, NOTHING

from newel.domain.value import replace
from newel.policy.replay.page import as_page
from newel.policy.replay.plots import lines, ticks
from newel.policy.replay.report import Attacks, Change, Compared, Day
from newel.policy.replay.style import STYLE
from newel.policy.replay.text import as_text

VOID = {"meta", "link", "img", "br", "input"}
GROUP = FULL.groups[0]
TOKEN = re.compile(r"(--[a-z0-9-]+): ([^;]+);")


class Outline(HTMLParser):
    """Elements with their attributes, all text, and whether every element ends where it should."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def every(self, tag: str) -> Iterator[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return (attributes for name, attributes in self.found if name == tag)


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_whole_in_itself(name: str) -> None:
    page = as_page(ALL[name])
    outline = Outline(page)
    assert outline.open == []
    assert page.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe", "form", "object"} & {tag for tag, _ in outline.found}
    assert not any(key.startswith("on") or key in {"style", "src"} for _, attrs in outline.found for key in attrs)
    assert [each["href"] for each in outline.every("a")] == ["#main"]
    assert "://" not in page
    assert "url(" not in page.replace('"url(#hatch)"', "")


def test_the_policy_of_the_page_allows_its_style_alone() -> None:
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = next(each["content"] for each in Outline(as_page(FULL)).every("meta") if "http-equiv" in each)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize("name", ALL)
def test_ids_are_unique_and_everything_named_exists(name: str) -> None:
    outline = Outline(as_page(ALL[name]))
    ids = Counter(attrs["id"] for _, attrs in outline.found if "id" in attrs)
    assert set(ids.values()) == {1}
    assert {attrs["aria-labelledby"] for _, attrs in outline.found if "aria-labelledby" in attrs} <= ids.keys()
    assert "main" in ids


@pytest.mark.parametrize("name", ALL)
def test_every_plot_has_its_words_and_every_table_its_headers(name: str) -> None:
    outline = Outline(as_page(ALL[name]))
    named = [each for each in outline.every("svg") if each.get("role") == "img"]
    assert all(each["aria-label"] for each in named)
    assert len(list(outline.every("details"))) == len(named)
    assert len(list(outline.every("caption"))) == len(list(outline.every("table")))
    assert {each["scope"] for each in outline.every("th")} <= {"col", "row"}
    boxes = [each for each in outline.every("div") if each.get("class") == "scroll"]
    assert all(each["tabindex"] == "0" and each["role"] == "region" and each["aria-label"] for each in boxes)


def test_whatever_a_log_or_a_policy_calls_itself_is_text() -> None:
    page = as_page(ALL["hostile"])
    assert HOSTILE not in page
    assert HOSTILE in Outline(page).text


def test_a_made_up_log_says_so_first() -> None:
    said = Outline(as_page(ATTACKED)).text
    assert said.index("These requests are made up.") < said.index("Whom would it bother?")
    assert "made up" not in Outline(as_page(FULL)).text


def test_a_page_answers_whom_it_would_bother_and_what_it_would_catch() -> None:
    said = Outline(as_page(FULL)).text
    assert (
        "It would have stopped people 19 % less often: 800 times by a prompt instead of 1,000, "
        "35 turned away instead of 30." in said
    )
    assert "Most bothered: engineering, stopped 68 % more often, 153 times instead of 91." in said
    assert "It would have caught 10 requests that passed in silence, worth 1,234.56 together." in said
    assert "3 people could not comply at least once, 2 more than before (in engineering 1 more)." in said
    attacked = Outline(as_page(ATTACKED)).text
    assert "It would have met 33 of 40 attacks with a prompt or a refusal, 13 more than before." in attacked
    assert "Attacks pass 3.00 in silence, before 9.00." in attacked
    harmless = replace(ATTACKED, attacks=Attacks(requests=0, stopped=Change(0, 0), passing_amount=Change(0, 0)))
    assert "The share of requests that meets a prompt or a refusal." in Outline(as_page(harmless)).text


def test_a_calm_page_says_that_nothing_changes() -> None:
    said = Outline(as_page(CALM)).text
    assert "It would have stopped people as often as before: 5 times by a prompt as before." in said
    assert "Nobody would have been locked out." in said
    assert "It would have caught nothing that passes in silence now." in said
    assert "No rule asks anybody anything." in said


@pytest.mark.parametrize(
    ("locked", "said"),
    [
        (Change(1, 1), "One person could not comply at least once, as many as before."),
        (Change(4, 2), "2 people could not comply at least once, 2 fewer than before."),
    ],
)
def test_lock_outs_are_told_beside_those_before(locked: Change, said: str) -> None:
    assert said in Outline(as_page(replace(FULL, locked_people=locked))).text


def test_stops_where_nobody_was_stopped_before_have_no_share() -> None:
    report = replace(FULL, prompts=Change(0, 5), locked=NOTHING, denied=NOTHING)
    said = "It would have stopped people 5 times where it never did before: 5 times by a prompt instead of 0."
    assert said in Outline(as_page(report)).text


def test_a_prompt_that_is_spared_because_its_person_is_turned_away_is_no_gain() -> None:
    line = replace(GROUP, prompts=Change(1000, 500), locked=Change(0, 500), denied=NOTHING)
    report = replace(FULL, prompts=Change(1000, 500), locked=Change(0, 500), denied=NOTHING, groups=(line,))
    said = Outline(as_page(report)).text
    stopped = "as often as before: 500 times by a prompt instead of 1,000, 500 turned away instead of 0."
    assert f"It would have stopped people {stopped}" in said
    for praise in ("less often", "% less", "tag-good"):
        assert praise not in as_page(report).partition("<h1>")[2]
    assert "50 % less" in Outline(as_page(replace(report, groups=(replace(line, locked=NOTHING),)))).text


def figure(page: str, name: str) -> str:
    """What stands beside a figure of the headline."""
    found = re.search(rf"<dt>{name}</dt>(.+?)</div>", page)
    assert found is not None
    return re.sub(r"<dd class=\"([a-z ]+)\">(.*?)</dd>", r"\1: \2; ", found[1])


def test_the_headline_counts_those_without_a_way_on_and_warns_where_they_rise() -> None:
    page = as_page(replace(FULL, approvals=Change(14, 825)))
    assert figure(page, "People locked out") == "big: 3; small worse: 2 more than before; "
    assert figure(page, "Turned away") == "big: 35; small worse: 5 more than before; "
    assert figure(page, "Need an approval") == "big: 825; small worse: 811 more than before; none can be given; "
    said = "825 requests would need an approval instead of 14; approvals cannot be given yet, so none of them goes through."
    assert said in Outline(page).text
    fewer = replace(FULL, approvals=Change(5, 4), locked_people=Change(4, 2), locked=Change(9, 1))
    assert "worse:" not in "".join(figure(as_page(fewer), name) for name in ("Need an approval", "Turned away"))
    assert "Need an approval" not in as_page(replace(FULL, approvals=NOTHING))
    assert "would need an approval" not in as_page(replace(FULL, approvals=NOTHING))


BOTH = Compared("bank", "old.yaml", "a" * 64), Compared("bank", "new.yaml", "b" * 64)


@pytest.mark.parametrize(
    ("compared", "headline"),
    [
        (BOTH, "bank: new.yaml against old.yaml"),
        ((replace(BOTH[0], file=""), BOTH[1]), "bank: new.yaml against the policy in force"),
        ((BOTH[0], replace(BOTH[1], file="old.yaml")), f"bank: version {'b' * 12} against version {'a' * 12}"),
        ((BOTH[0], replace(BOTH[1], name="market")), "market against bank"),
    ],
)
def test_the_title_says_which_policy_and_a_line_each_which_file_and_version(
    compared: tuple[Compared, Compared], headline: str
) -> None:
    report = replace(FULL, before="before", after="candidate", compared=compared)
    page = as_page(report)
    assert f"<h1>{headline}</h1>" in page
    assert f"<title>{headline} \N{EN DASH} Newel</title>" in page
    for label, each in zip(("Before", "Candidate"), compared, strict=True):
        said = f"{label}: {each.name}, {each.file or 'in force'}, version {each.version[:12]}"
        assert f"<span>{said}</span>" in page
        assert said in as_text(report).splitlines()
    assert as_text(report).splitlines()[0] == headline


def test_what_moved_is_told_across_levels_and_amounts_have_a_unit() -> None:
    said = Outline(as_page(FULL)).text
    assert "What moved across a level" in said
    assert "below a level" not in said
    assert "By amount, in each request's own currency." in said
    assert "Amounts are in each request's own currency." in said
    assert "currency" not in Outline(as_page(CALM)).text


def test_no_name_of_a_line_lies_on_a_line_and_one_day_is_a_line() -> None:
    """The key above the plot names them."""
    for days, prompts in ((["1 Nov"], [Change(1, 100)]), (["1 Nov"] * 9, [Change(50, 50)] * 9)):
        drawn = lines(days, prompts, "two lines")
        assert 'class="strong' not in drawn
        assert drawn.count("<polyline") == 2
    figures = re.search(r'id="bother".*?</figure>', as_page(FULL))
    assert figures is not None
    assert re.findall(r"</svg>([^<]+)</span>", figures[0]) == [FULL.before, FULL.after]


@pytest.mark.parametrize("top", [0, 1, 3, 7, 99, 1234, 10**9])
def test_ticks_are_round_and_reach_the_top(top: int) -> None:
    found = ticks(top)
    assert found[0] == 0
    assert found[-1] >= max(top, 1) > (found[-2] if top else 0)
    assert len(found) <= 6


def test_the_tokens_are_those_of_the_house() -> None:
    house = (files("newel.http") / "static" / "newel.css").read_text(encoding="utf-8")
    tokens = {(name, value) for name, value in TOKEN.findall(house)}
    assert {each for each in TOKEN.findall(STYLE) if "#" in each[1] or "sans" in each[1]} <= tokens


@pytest.mark.parametrize("name", ALL)
def test_a_text_has_every_part_that_the_report_has(name: str) -> None:
    report = ALL[name]
    said = as_text(report)
    assert said.endswith("\n")
    assert ("MADE UP" in said) == bool(report.synthetic)
    assert ("attacks stopped" in said) == (report.attacks is not None)
    assert ("By group" in said) == bool(report.groups)
    assert ("By amount" in said) == bool(report.bands)
    assert all(each in said for each in report.caveats)


def test_tables_of_a_text_line_up() -> None:
    rows = as_text(FULL).splitlines()
    totals = rows[rows.index("By rule") + 1 :][:3]
    assert len({len(row) for row in totals}) == 1
    assert "MADE UP" not in as_text(replace(EMPTY, days=(Day("2026-10-01", Change(0, 0)),)))
    harmless = replace(ATTACKED, attacks=Attacks(requests=1, stopped=Change(0, 0), passing_amount=Change(0, 0)))
    assert "amount that passes" not in as_text(harmless)
