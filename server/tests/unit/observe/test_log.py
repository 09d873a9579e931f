"""Log lines."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from newel.observe.log import LONGEST, SECRETS, start_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = before
    root.setLevel(level)


def test_json_lines_carry_the_event_and_its_members(stream: io.StringIO) -> None:
    start_logging(style="json", level="info", stream=stream)
    logging.getLogger("newel.test").info("session ended", extra={"request_id": "r1", "count": 2})
    line = json.loads(stream.getvalue())
    assert line.pop("at") > 0
    assert line == {"level": "info", "logger": "newel.test", "event": "session ended", "request_id": "r1", "count": 2}


def test_text_lines_are_one_line_an_event(stream: io.StringIO) -> None:
    start_logging(style="text", level="info", stream=stream)
    logging.getLogger("newel.test").warning("odd %s", "input\r\nforged line", extra={"name_key": "a\nb"})
    assert stream.getvalue().count("\n") == 1
    assert 'warning odd input\\r\\nforged line name_key="a\\nb"' in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize("name", [*sorted(SECRETS), "new_password", "csrf_token"])
def test_s14_a_member_named_like_a_secret_is_withheld(stream: io.StringIO, style: str, name: str) -> None:
    start_logging(style=style, level="info", stream=stream)
    logging.getLogger("newel.test").info("event", extra={name: "s3cr3t"})
    assert "s3cr3t" not in stream.getvalue()
    assert "[withheld]" in stream.getvalue()


def test_other_names_that_end_in_code_are_written(stream: io.StringIO) -> None:
    start_logging(style="json", level="info", stream=stream)
    logging.getLogger("newel.test").info("event", extra={"status_code": 404})
    assert json.loads(stream.getvalue())["status_code"] == 404


def test_long_values_are_cut(stream: io.StringIO) -> None:
    start_logging(style="json", level="info", stream=stream)
    logging.getLogger("newel.test").info("event", extra={"detail": "x" * 5000})
    assert len(json.loads(stream.getvalue())["detail"]) == LONGEST + 1


@pytest.mark.parametrize("style", ["json", "text"])
def test_an_exception_is_written_with_its_traceback(stream: io.StringIO, style: str) -> None:
    start_logging(style=style, level="info", stream=stream)
    try:
        int("broken")
    except ValueError:
        logging.getLogger("newel.test").exception("failed")
    assert "ValueError: invalid literal" in stream.getvalue()


def test_less_than_the_level_is_not_written(stream: io.StringIO) -> None:
    start_logging(style="text", level="warning", stream=stream)
    logging.getLogger("newel.test").info("quiet")
    logging.getLogger("uvicorn.error").info("quiet")
    assert stream.getvalue() == ""
