"""Amounts, times, dates and account numbers as the reader writes them (CLDR through Babel)."""

from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, get_currency_precision

NO_BREAK = "\u00a0"
REGION = {"en": "en_GB", "de": "de_DE"}  # dates as day and month, clock times of 24 hours, in both


@lru_cache(maxsize=8)
def _locale(name: str) -> Locale:
    return Locale.parse(REGION[name])


@lru_cache(maxsize=256)
def decimals(currency: str) -> int:
    """Give how many minor digits a currency has (ISO 4217): EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def amount(minor: int, currency: str, locale: str) -> str:
    """Write money: 5,000.00 EUR or 5.000,00 EUR, the code after the number and no break between."""
    places = decimals(currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    number = format_decimal(Decimal(minor).scaleb(-places), format=pattern, locale=_locale(locale))
    return f"{number}{NO_BREAK}{currency}"


def clock(at: int, zone: tzinfo) -> str:
    """Write the time of day of `at`, seconds since the epoch: 14:31."""
    moment = datetime.fromtimestamp(at, zone)
    return f"{moment.hour:02}:{moment.minute:02}"


def day(at: int, zone: tzinfo, locale: str, *, year: bool = False) -> str:
    """Write a date: 24 November or 24. November, with the year if asked."""
    moment = datetime.fromtimestamp(at, zone)
    if year:
        return format_date(moment.date(), "long", locale=_locale(locale))
    return format_skeleton("MMMMd", moment, tzinfo=zone, locale=_locale(locale))


def iban(number: str) -> str:
    """Write an account number in groups of four."""
    plain = "".join(number.split())
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))
