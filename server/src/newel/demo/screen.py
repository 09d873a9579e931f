"""What a demonstration says once it runs: where to go, as whom, and what to try."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from newel.demo.applications import Application
from newel.demo.people import Credentials

GROUP = 4
NONE: Mapping[Path, Path] = MappingProxyType({})
STORY = (
    "Sign in as alex with the password alone, and look around.",
    "Send 20.00 to Rosa Miller: known and small, so nobody asks.",
    "Send 5,000.00 to Maria Example, DE89 3704 0044 0532 0130 00: a page shows amount and payee and asks for a code.",
    "Say no first: nothing is sent, and the form is as you left it. Then send it, and see the ledger move once.",
    "Send Rosa another 20.00: a day's payments add up, so now it asks. 11,000.00 needs the treasury, and is refused.",
    "Open kim's address, add a passkey, and pay with that. Then try it as sam, who has nothing to confirm with.",
)


def as_json(issuer: str, applications: Sequence[Application], people: Sequence[Credentials]) -> str:
    """Everything as one JSON object in one line, for programs."""
    return json.dumps(
        {
            "issuer": issuer,
            "applications": {each.name: {"url": each.origin, "client_id": each.client_id} for each in applications},
            "people": {each.person.name: _plain(each) for each in people},
        }
    )


def as_text(
    issuer: str,
    applications: Sequence[Application],
    people: Sequence[Credentials],
    *,
    policies: Mapping[Path, Path] = NONE,
) -> str:
    """The screen for people; `policies` are the files that are watched, each with its log."""
    lines = ["", *(f"  {each.title:12}{each.origin}" for each in applications), f"  {'Sign-in':12}{issuer}", ""]
    for each in people:
        lines += _person(each)
    if any(each.name == "bank" for each in applications):
        lines += ["  Try", *(f"    {number}. {step}" for number, step in enumerate(STORY, 1)), ""]
        bank = next(each for each in applications if each.name == "bank")
        lines += [
            "  The same for programs",
            f"    curl -i {bank.origin}/api/accounts",
            f"    {bank.origin}/developers",
            "",
        ]
    for policy, log in policies.items():
        lines += [
            "  The policy: save it, and it is in force; what comes of it, faults too, is told here",
            f"    {_near(policy)}",
            f"    {_near(log)} keeps what was told",
            "",
        ]
    return "\n".join([*lines, "  Ctrl+C stops everything. newel demo --fresh forgets it.", ""])


def _near(path: Path) -> Path:
    """A path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def ready(issuer: str, applications: Sequence[Application]) -> str:
    """The one line that says that all of them answer."""
    return f"ready {' '.join([issuer, *(each.origin for each in applications)])}"


def _person(each: Credentials) -> list[str]:
    person = each.person
    lines = [f"  {person.name:6}{person.display:11}"]
    if person.password:
        lines[0] += f"password: {person.password}"
    if each.totp_secret:
        lines += [
            f"{'':19}app:      {' '.join(_groups(each.totp_secret))}",
            f"{'':19}          oathtool --totp -b {each.totp_secret}",
        ]
    if each.sign_up:
        lines[0] += "signs up once, within a day, at"
        lines.append(f"{'':19}{each.sign_up}")
    elif not person.password:
        lines[0] += "has signed up"
    return [*lines, ""]


def _groups(secret: str) -> list[str]:
    return [secret[start : start + GROUP] for start in range(0, len(secret), GROUP)]


def _plain(each: Credentials) -> dict[str, Any]:
    known = {
        "display": each.person.display,
        "password": each.person.password,
        "totp_uri": each.totp_uri,
        "totp_secret": each.totp_secret,
        "sign_up": each.sign_up,
    }
    return {name: value for name, value in known.items() if value}
