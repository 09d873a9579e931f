"""Amounts and account numbers as people type them: one reading, or words."""

import pytest
from bank.iban import format_iban, own_iban, parse_iban
from bank.money import MOST, NoAmount, format_amount, parse_amount
from hypothesis import given
from hypothesis import strategies as st

AMOUNTS = st.integers(1, MOST)


def german(minor: int) -> str:
    return format_amount(minor).translate(str.maketrans(",.", ".,"))


@given(minor=AMOUNTS)
def test_what_is_written_is_read_back_in_english_and_german(minor: int) -> None:
    plain = f"{minor // 100}.{minor % 100:02d}"
    for text in (format_amount(minor), german(minor), plain, plain.replace(".", ","), f"  {plain} €", f"EUR {plain}"):
        assert parse_amount(text) == minor


@given(text=st.text(max_size=40))
def test_any_text_is_an_amount_within_bounds_or_words(text: str) -> None:
    read = parse_amount(text)
    assert isinstance(read, NoAmount) or 1 <= read <= MOST


@given(text=st.from_regex(r"[0-9.,]{1,12}", fullmatch=True))
def test_separators_never_change_a_value_in_silence(text: str) -> None:
    read = parse_amount(text)
    if isinstance(read, int):
        decimals = next((len(part) for mark in ".," if len(part := text.rpartition(mark)[2]) < 3 and mark in text), 0)
        digits = text.replace(".", "").replace(",", "")
        assert read == int(digits) * 10 ** (2 - decimals)


@pytest.mark.parametrize(
    "text",
    [
        "1,234",
        "1.234",
        "12,34,56",
        "1,23,456.00",
        "01,234.00",
        "1.234.56",
        "0,000",
        "+5",
        "5-",
        "\uff11\uff12",
        "1 000.00",
        ".5",
        "5.",
    ],
)
def test_what_has_two_readings_or_none_is_refused(text: str) -> None:
    assert isinstance(parse_amount(text), NoAmount)


@pytest.mark.parametrize(
    "number",
    [
        "DE89 3704 0044 0532 0130 00",
        "gb82 west 1234 5698 7654 32",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
    ],
)
def test_account_numbers_of_other_banks_are_read(number: str) -> None:
    assert parse_iban(number) == number.replace(" ", "").upper()


@given(account=st.integers(0, 9_999_999_999))
def test_own_account_numbers_are_sound_and_one_wrong_digit_is_seen(account: int) -> None:
    number = own_iban(account)
    assert parse_iban(format_iban(number)) == number
    for place in range(4, len(number)):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert parse_iban(wrong) is None


@given(text=st.text(max_size=60))
def test_any_text_is_an_account_number_or_none(text: str) -> None:
    read = parse_iban(text)
    assert read is None or (read.isascii() and read.isalnum())
