"""The step-up challenge of RFC 9470: built, written as WWW-Authenticate and problem+json, and read back.

Reading is for hostile input: RFC 9110 section 11.6.1 by hand, with limits, every parameter once.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newel_sdk.encoding import base64url, parse_json, parse_object, unbase64url
from newel_sdk.errors import ChallengeMalformed

INSUFFICIENT = "insufficient_user_authentication"
PROBLEM_TYPE = "/problems/"
MAX_HEADER = 16_384
MAX_CHALLENGES = 16
MAX_AGE_DIGITS = 10
# Servers commonly limit all headers together to 8 or 16 KiB; details beyond this stand in the body alone.
MAX_DETAILS = 4096

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_QUOTED = re.compile(r'"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"')
_SPACE = re.compile(r"[ \t]*")
_ACR = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
# RFC 6750 section 3: what error_description may hold.
_OTHER_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_OUTSIDE_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What is missing: any of these classes, not older than `max_age` seconds, with an approval of these actions."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    authorization_details: tuple[Mapping[str, Any], ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorized:
    """A request without a token that may be believed; `error` is empty when it brought none (RFC 6750 section 3.1)."""

    error: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedChallenge:
    """One challenge of a WWW-Authenticate header: scheme in lower case, and parameters by lower-case name."""

    scheme: str
    parameters: Mapping[str, str]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _description(text: str) -> str:
    """Printable ASCII without quotes (RFC 6750 section 3): other spaces become a plain one, all else a question mark."""
    return _OUTSIDE_DESCRIPTION.sub("?", _OTHER_SPACES.sub(" ", text))


def www_authenticate(outcome: Challenge | Unauthorized) -> str:
    """Write the header's value (RFC 9470 section 3, RFC 6750 section 3)."""
    parameters: list[tuple[str, str]] = []
    if isinstance(outcome, Unauthorized):
        if outcome.error:
            parameters += [("error", outcome.error), ("error_description", _description(outcome.because))]
    else:
        because = outcome.because or "more proof is needed for this"
        parameters += [("error", INSUFFICIENT), ("error_description", _description(because))]
        if outcome.acr_values:
            parameters.append(("acr_values", " ".join(outcome.acr_values)))
        if outcome.max_age is not None:
            parameters.append(("max_age", str(outcome.max_age)))
        if outcome.authorization_details:
            details = json.dumps(outcome.authorization_details, ensure_ascii=False, separators=(",", ":"))
            encoded = base64url(details.encode("utf-8"))
            parameters += [("authorization_details", encoded)] if len(encoded) <= MAX_DETAILS else []
    written = ", ".join(f"{name}={_quoted(value)}" for name, value in parameters)
    return f"Bearer {written}" if written else "Bearer"


def problem(outcome: Challenge | Unauthorized) -> dict[str, Any]:
    """Return the problem+json body (RFC 9457) that says the same as the header."""
    if isinstance(outcome, Unauthorized):
        name = outcome.error or "unauthorized"
        body = {"type": PROBLEM_TYPE + name.replace("_", "-"), "title": "Sign in first", "status": 401}
        return body | {"detail": outcome.because} | ({"error": outcome.error} if outcome.error else {})
    body = {
        "type": PROBLEM_TYPE + INSUFFICIENT.replace("_", "-"),
        "title": "More proof is needed",
        "status": 401,
        "detail": outcome.because,
        "error": INSUFFICIENT,
    }
    if outcome.acr_values:
        body["acr_values"] = " ".join(outcome.acr_values)
    if outcome.max_age is not None:
        body["max_age"] = outcome.max_age
    if outcome.authorization_details:
        body["authorization_details"] = list(outcome.authorization_details)
    return body


class _Reader:
    """A cursor over one header value."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_HEADER:
            raise ChallengeMalformed(f"header over {MAX_HEADER} characters")
        self.text, self.at, self.separated = text, 0, False

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def take_text(self, literal: str) -> bool:
        found = self.text.startswith(literal, self.at)
        self.at += len(literal) if found else 0
        return found

    def ended(self) -> bool:
        return self.at == len(self.text)

    def at_comma(self) -> bool:
        return self.text.startswith(",", self.at)

    def separator(self) -> bool:
        """Skip commas and space between list elements (RFC 9110 section 5.6.1.2); say whether there was a comma."""
        start = self.at
        while self.take(_SPACE) and self.take_text(","):
            pass
        self.separated = self.separated or "," in self.text[start : self.at]
        return "," in self.text[start : self.at]

    def parameter(self) -> tuple[str, str] | None:
        """Take `name = value`, or nothing when what stands here is not one (then the cursor stays)."""
        start = self.at
        name = self.take(_TOKEN)
        self.take(_SPACE)
        if not name or not self.take_text("="):
            self.at = start
            return None
        self.take(_SPACE)
        if quoted := self.take(_QUOTED):
            return name.group().lower(), re.sub(r"\\(.)", r"\1", quoted.group(1))
        if value := self.take(_TOKEN):
            return name.group().lower(), value.group()
        self.at = start
        return None


def _parameters(reader: _Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    while parameter := reader.parameter():
        name, value = parameter
        if name in found:
            raise ChallengeMalformed(f"parameter {name} appears twice")
        found[name] = value
        if not reader.separator():
            break
    if not found and not reader.take(_TOKEN68):
        raise ChallengeMalformed("neither parameters nor a token68 after the scheme")
    return found


def parse_www_authenticate(header: str) -> tuple[ParsedChallenge, ...]:
    """Read every challenge of a header value (RFC 9110 section 11.6.1); raises ChallengeMalformed."""
    reader = _Reader(header)
    challenges: list[ParsedChallenge] = []
    reader.separator()
    while not reader.ended():
        if challenges and not reader.separated:
            raise ChallengeMalformed("text after a challenge")
        scheme = reader.take(_TOKEN)
        if not scheme:
            raise ChallengeMalformed("no scheme where one must stand")
        reader.separated = False
        spaced = reader.take_text(" ") and reader.take(_SPACE) is not None
        parameters = _parameters(reader) if spaced and not reader.ended() and not reader.at_comma() else {}
        challenges.append(ParsedChallenge(scheme=scheme.group().lower(), parameters=parameters))
        if len(challenges) > MAX_CHALLENGES:
            raise ChallengeMalformed(f"more than {MAX_CHALLENGES} challenges")
        reader.separator()
    return tuple(challenges)


def _max_age(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > MAX_AGE_DIGITS:
        raise ChallengeMalformed("max_age is not a number of seconds")
    return int(text)


def _acr_values(text: str) -> tuple[str, ...]:
    values = tuple(text.split())
    if not all(_ACR.fullmatch(value) for value in values):
        raise ChallengeMalformed("acr_values holds a character that no class name may have")
    return values


def _details(text: str) -> tuple[Mapping[str, Any], ...]:
    try:
        details = parse_json(unbase64url(text))
    except ValueError as bad:
        raise ChallengeMalformed(f"authorization_details: {bad}") from bad
    return _objects(details)


def _objects(details: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(details, list) or not all(isinstance(entry, dict) for entry in details):
        raise ChallengeMalformed("authorization_details is not a list of objects")
    return tuple(details)


def parse_challenge(header: str) -> Challenge | None:
    """Return the step-up challenge of a header value, or None when it holds none (RFC 9470 section 3).

    `max_age` may be a token or a quoted string. Raises ChallengeMalformed.
    """
    for parsed in parse_www_authenticate(header):
        given = parsed.parameters
        if parsed.scheme not in {"bearer", "dpop"} or given.get("error") != INSUFFICIENT:
            continue
        return Challenge(
            acr_values=_acr_values(given.get("acr_values", "")),
            max_age=_max_age(given["max_age"]) if "max_age" in given else None,
            authorization_details=_details(given["authorization_details"]) if "authorization_details" in given else (),
            because=given.get("error_description", ""),
        )
    return None


def parse_problem(body: bytes) -> Challenge | None:
    """Return the step-up challenge of a problem+json body, or None when it holds none; raises ChallengeMalformed."""
    try:
        given = parse_object(body)
    except ValueError as bad:
        raise ChallengeMalformed(f"problem: {bad}") from bad
    if given.get("error") != INSUFFICIENT:
        return None
    acr_values, max_age, because = given.get("acr_values", ""), given.get("max_age"), given.get("detail", "")
    if not isinstance(acr_values, str) or not isinstance(because, str):
        raise ChallengeMalformed("problem: acr_values or detail is not a text")
    if max_age is not None and (type(max_age) is not int or max_age < 0):
        raise ChallengeMalformed("problem: max_age is not a number of seconds")
    return Challenge(
        acr_values=_acr_values(acr_values),
        max_age=max_age,
        authorization_details=_objects(given.get("authorization_details", [])),
        because=because,
    )
