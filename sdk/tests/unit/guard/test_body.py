"""Request bodies, read strictly."""

import pytest

from newel_sdk.errors import InputRefused
from newel_sdk.guard.body import parse_body

FORM, JSON = "application/x-www-form-urlencoded", "application/json; charset=utf-8"


def test_a_form_and_a_json_object_are_read() -> None:
    assert parse_body(FORM, b"a=1&b=%C3%A9+x&c=") == {"a": "1", "b": "é x", "c": ""}
    assert parse_body(FORM.upper() + ";x=y", b"") == {}
    assert parse_body(JSON, b'{"a":[1]}') == {"a": [1]}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"a=1&a=2"),
        (FORM, b"a"),
        (FORM, b"a=%FF"),
        (FORM, b"a=\xff"),
        (FORM, b"&".join(b"f%d=1" % n for n in range(201))),
        (FORM, b"a=" + b"x" * 65_536),
        (JSON, b"[]"),
        (JSON, b'{"a":1,"a":2}'),
        (JSON, b'{"a":' * 9 + b"1" + b"}" * 9),
        (JSON, b""),
        ("multipart/form-data; boundary=x", b""),
        ("", b"a=1"),
    ],
)
def test_s35_repeated_malformed_oversized_and_other_bodies_are_refused(kind: str, body: bytes) -> None:
    with pytest.raises(InputRefused):
        parse_body(kind, body)
