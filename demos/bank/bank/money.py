"""Amounts in minor units, as people type and read them; integers only, since a cent has no half."""

import re
from dataclasses import dataclass

CURRENCY = "EUR"
MOST = 100_000_000  # 1,000,000.00, the most that one payment may move
LONGEST = 32  # characters
NO_BREAK = "\u00a0"

_UNIT = re.compile(r"^(?:EUR|€)\s?|\s?(?:EUR|€)$")
_WHOLE = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"([0-9]+)[.,]([0-9]{1,2})")
_ENGLISH = re.compile(r"([1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")
_GERMAN = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,([0-9]{1,2}))?")
_EITHER = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_TOO_FINE = re.compile(r"[0-9]+[.,][0-9]{3,}")


@dataclass(frozen=True, slots=True)
class NoAmount:
    """Why a text is no amount, in words that say what to type."""

    because: str


def parse_amount(text: str) -> int | NoAmount:
    """Read `5,000.00`, `5.000,00`, `5000` or `5000,5` as minor units; what can be read in two ways is refused."""
    if not text.strip():
        return NoAmount("Type an amount, like 20.00.")
    if len(text) > LONGEST:
        return NoAmount("That is too long for an amount. Type it like 20.00.")
    digits = _UNIT.sub("", text.strip(), count=1)
    if digits.startswith(("-", "\u2212")):
        return NoAmount("An amount is more than 0. To get money back, ask the payee to send it.")
    if _EITHER.fullmatch(digits):
        plain = re.sub(r"[.,]", "", digits)
        return NoAmount(f"{digits} can be read in two ways. For {group(int(plain))} type {plain}.00.")
    minor = _minor(digits)
    if minor is None:
        fine = _TOO_FINE.fullmatch(digits) is not None
        return NoAmount(
            "An amount has at most two decimals." if fine else "That is no amount. Type digits only, like 1,250.50."
        )
    return _within(minor)


def group(whole: int) -> str:
    """Write whole units with English groups: 12,345."""
    return f"{whole:,}"


def format_amount(minor: int, currency: str = CURRENCY) -> str:
    """Write minor units as people read them, `5,000.00 EUR`, with a space that does not break."""
    sign = "\u2212" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}{NO_BREAK}{currency}"


def _minor(digits: str) -> int | None:
    if _WHOLE.fullmatch(digits):
        return int(digits) * 100
    for form in (_DECIMAL, _ENGLISH, _GERMAN):
        if match := form.fullmatch(digits):
            return int(re.sub(r"[.,]", "", match[1])) * 100 + int((match[2] or "0").ljust(2, "0"))
    return None


def _within(minor: int) -> int | NoAmount:
    if minor == 0:
        return NoAmount("An amount is more than 0.")
    if minor > MOST:
        return NoAmount(f"One payment moves at most {format_amount(MOST)}.")
    return minor
