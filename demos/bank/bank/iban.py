"""International bank account numbers (ISO 13616): length by country, check digits by ISO 7064 mod 97-10."""

import re

BANK_CODE = "99900011"  # Acme Bank's own, of no real bank
LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
}  # fmt: skip
_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")


def parse_iban(text: str) -> str | None:
    """Read an account number with or without spaces; None where country, length or check digits are wrong."""
    number = re.sub(r"[ \u00a0]", "", text).upper()
    if len(number) > max(LENGTHS.values()) or not _FORM.fullmatch(number):
        return None
    if LENGTHS.get(number[:2]) != len(number) or _remainder(number[4:] + number[:4]) != 1:
        return None
    return number


def own_iban(account: int) -> str:
    """The number of Acme Bank's account number `account` (at most ten digits)."""
    body = f"{BANK_CODE}{account:010d}"
    return f"DE{98 - _remainder(body + 'DE00'):02d}{body}"


def ours(number: str) -> bool:
    """Whether an account number names an account at Acme Bank."""
    return number.startswith("DE") and number[4:12] == BANK_CODE


def format_iban(number: str) -> str:
    """Write an account number in groups of four that do not break."""
    return "\u00a0".join(number[start : start + 4] for start in range(0, len(number), 4))


def _remainder(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97
