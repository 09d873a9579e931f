import pytest
from hypothesis import given
from hypothesis import strategies as st

from newel.crypto import base64url


@given(st.binary(max_size=64))
def test_decode_is_the_inverse_of_encode(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text(max_size=24))
def test_every_text_that_decodes_is_the_one_that_encode_makes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("text", ["Zg==", "Zh", "Z", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm.v", "Zm9vé", "=", "Zm9v="])
def test_padding_foreign_characters_and_unused_bits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        base64url.decode(text)
