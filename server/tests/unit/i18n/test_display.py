"""S17: what is hashed and what is shown are one value, written and read back."""

from hypothesis import given
from hypothesis import strategies as st

from newel.i18n.display import Bound, Row, display_text, read_display

LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\u00a0"), min_size=1)
LABEL = LINE.filter(lambda text: ":" not in text)
AMOUNT = st.integers(0, 10**9).map(lambda minor: f"{minor / 100:,.2f}\u00a0EUR")
BOUNDS = st.builds(
    Bound, verb=LINE, amount=st.none() | AMOUNT, rows=st.lists(st.builds(Row, LABEL, LINE), max_size=4).map(tuple)
)

TRANSFER = Bound(
    verb="Send",
    amount="5,000.00\u00a0EUR",
    rows=(Row("To", "Maria Example"), Row("IBAN", "DE89 3704 0044 0532 0130 00")),
)


def test_the_text_reads_like_the_post() -> None:
    assert display_text(TRANSFER) == ("Send 5,000.00\u00a0EUR\nTo: Maria Example\nIBAN: DE89 3704 0044 0532 0130 00")


@given(BOUNDS)
def test_what_was_hashed_is_what_is_shown(bound: Bound) -> None:
    assert read_display(display_text(bound)) == bound


def test_a_row_may_hold_a_colon() -> None:
    bound = Bound(verb="Delete", rows=(Row("Repository", "acme: website"),))
    assert read_display(display_text(bound)) == bound
