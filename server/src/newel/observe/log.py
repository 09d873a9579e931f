"""The log: one line an event, for people or as JSON; never a secret.

Modules log through the standard library, `log.info("session ended", extra={"request_id": …, "sid": …})`. What is passed as
`extra` becomes members of the JSON object, or `name=value` behind the text. A member whose name belongs to a secret is
withheld whatever it holds, so that a careless call cannot leak (S14).
"""

import json
import logging
import sys
from collections.abc import Mapping
from typing import TextIO

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""Members that every record has."""

SECRETS = frozenset(
    {
        "assertion",
        "attestation",
        "authorization",
        "client_assertion",
        "client_secret",
        "authorization_code",
        "code",
        "code_verifier",
        "cookie",
        "cookies",
        "form",
        "master_key",
        "otp",
        "password",
        "recovery_code",
        "refresh_token",
        "request_uri",
        "secret",
        "seed",
        "token",
    }
)
"""Names that may not carry a value."""

ENDS = ("_assertion", "_cookie", "_otp", "_password", "_secret", "_seed", "_token")
"""Nor may names that end so (`new_password`)."""

LONGEST = 2000
"""Characters of one value; more is cut, because a log is no store for input."""


class JsonLines(logging.Formatter):
    """One JSON object a line: `at` (Unix seconds with milliseconds), `level`, `logger`, `event`, then the members."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line: dict[str, object] = {
            "at": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **members(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """A line for people: time, level, event, `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, and its traceback below it where there is one."""
        named = "".join(
            f" {name}={json.dumps(value, ensure_ascii=False, default=str)}" for name, value in members(record).items()
        )
        event = record.getMessage().replace("\n", "\\n").replace("\r", "\\r")
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {event}{named}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def members(record: logging.LogRecord) -> Mapping[str, object]:
    """What was passed as `extra`, secrets withheld and long texts cut."""
    return {name: _safe(name, value) for name, value in vars(record).items() if name not in STANDARD}


def _safe(name: str, value: object) -> object:
    if name in SECRETS or name.endswith(ENDS):
        return "[withheld]"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}…"
    return value


STYLES: Mapping[str, type[logging.Formatter]] = {"json": JsonLines, "text": Text}


def start_logging(*, style: str, level: str, stream: TextIO = sys.stderr) -> None:
    """Send every logger's lines to `stream` in `style` (`json` or `text`) from `level` on, once, whoever logged before."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(STYLES[style]())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        inherited = logging.getLogger(name)
        inherited.handlers.clear()
        inherited.propagate = True
        inherited.setLevel(logging.WARNING)
