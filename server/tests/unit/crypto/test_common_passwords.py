from importlib.resources import files

import pytest

from newel.crypto import common_passwords
from newel.crypto.common_passwords import is_common

DATA = files("newel.crypto")


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD",
        "Password1!",
        "password123",
        "12345678",
        "iloveyou",
        "baseball",
        "aaaaaaaa",
        "abababab",
        "qwertyuiop",
        "football2026!",
    ],
)
def test_what_is_tried_first_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["correct horse battery", "vKx3-7Wp!qd", "grünes Fahrrad", "staple-otter"])
def test_what_nobody_tries_first_is_not(password: str) -> None:
    assert not is_common(password)


def test_the_list_is_small_in_the_package_and_holds_what_it_says() -> None:
    listed = common_passwords._listed()
    assert len(listed) == 11_611
    assert min(map(len, listed)) == common_passwords.MIN_LENGTH
    assert len(DATA.joinpath("common_passwords.txt.z").read_bytes()) <= 150 * 1024


def test_the_licence_of_the_list_stands_beside_it() -> None:
    notice = DATA.joinpath("common_passwords.NOTICE.txt").read_text()
    assert "zxcvbn" in notice
    assert "Permission is hereby granted, free of charge" in notice
