"""Amounts by ISO 4217, times and dates by CLDR, account numbers in fours."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.i18n import formats

NB = "\u00a0"
ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("minor", "currency", "english", "german"),
    [
        (500_000, "EUR", "5,000.00", "5.000,00"),
        (0, "EUR", "0.00", "0,00"),
        (-5, "EUR", "-0.05", "-0,05"),
        (123_456_789, "JPY", "123,456,789", "123.456.789"),
        (1_234_567, "KWD", "1,234.567", "1.234,567"),
        (9_007_199_254_740_991, "USD", "90,071,992,547,409.91", "90.071.992.547.409,91"),
    ],
)
def test_money_has_the_currencys_decimals_and_its_code_behind(
    minor: int, currency: str, english: str, german: str
) -> None:
    assert formats.amount(minor, currency, "en") == f"{english}{NB}{currency}"
    assert formats.amount(minor, currency, "de") == f"{german}{NB}{currency}"


@given(st.integers(-(2**53), 2**53), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_no_amount_is_rounded(minor: int, currency: str) -> None:
    number = formats.amount(minor, currency, "en").split(NB)[0].replace(",", "")
    assert Decimal(number).scaleb(formats.decimals(currency)) == minor


def test_clock_times_follow_the_zone_also_when_the_clocks_change() -> None:
    assert formats.clock(1_792_889_940, ZONE) == "02:59"
    assert formats.clock(1_792_890_000, ZONE) == "02:00"


def test_dates_name_the_month() -> None:
    assert formats.day(1_795_527_060, ZONE, "en") == "24 November"
    assert formats.day(1_795_527_060, ZONE, "de", year=True) == "24. November 2026"


def test_an_account_number_is_grouped_however_it_was_typed() -> None:
    assert formats.iban("DE8937 0400440532013000") == "DE89 3704 0044 0532 0130 00"
