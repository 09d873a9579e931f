"""docs/config.md is the tree in words."""

import tomllib
from pathlib import Path

import pytest

from newel.config.document import document, toml
from newel.config.key import places
from newel.config.tree import Config

PAGE = Path(__file__).parents[4] / "docs" / "config.md"


def test_the_page_is_what_the_tree_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == document()


def test_there_are_at_most_sixty_keys_and_each_says_what_it_means() -> None:
    keys = list(places(Config))
    assert len(keys) <= 60
    assert all(place.key.says.endswith(".") for place in keys)


def test_a_key_with_a_bound_has_both_bounds() -> None:
    assert all((place.key.low is None) == (place.key.high is None) for place in places(Config))


@pytest.mark.parametrize("value", [True, 3, 'a "quoted" \\ text', ("a", "b")])
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    read = tomllib.loads(f"x = {toml(value)}")["x"]
    assert (tuple(read) if isinstance(read, list) else read) == value
