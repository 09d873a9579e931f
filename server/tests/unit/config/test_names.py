"""Names of keys and what was probably meant."""

import pytest

from newel.config.key import places
from newel.config.names import nearest
from newel.config.tree import Config

KNOWN = [place.path for place in places(Config)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lives.acces_token", "lives.access_token"),
        ("storage.port", "server.port"),
        ("secrets.master_key", "secrets.master_key_file"),
        ("organization.name", "organisation.name"),
        ("LIVES.SESSION", "lives.session"),
    ],
)
def test_nearest_name_is_suggested(written: str, meant: str) -> None:
    assert nearest(written, KNOWN) == f" Did you mean {meant}?"


def test_a_name_like_nothing_suggests_nothing() -> None:
    assert nearest("zzz.qqqqqq", KNOWN) == ""


def test_no_known_names_suggest_nothing() -> None:
    assert nearest("anything", []) == ""
