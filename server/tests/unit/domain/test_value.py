"""Values: what `newel.domain.value` offers is what `dataclasses` offers, but for the guard at run time."""

import dataclasses
from dataclasses import field
from pathlib import Path

import pytest

import newel
from newel.domain.value import dataclass, replace


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


def test_equal_fields_are_equal_values_with_one_hash() -> None:
    assert Point(1) == Point(1, 0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Point(2)


def test_replace_is_dataclasses_replace() -> None:
    assert replace(Point(1), y=2) == dataclasses.replace(Point(1), y=2) == Point(1, 2)


@dataclass(frozen=True, slots=True)
class Remembering:
    x: int
    found: dict[str, int] = field(default_factory=dict, init=False)


def test_what_a_value_remembers_is_not_copied() -> None:
    first = Remembering(1)
    first.found["a"] = 1
    assert replace(first, x=2).found == dataclasses.replace(first, x=2).found == {}


def test_replace_refuses_a_field_that_is_not_there() -> None:
    with pytest.raises(TypeError, match="no field z"):
        replace(Point(1), z=3)  # type: ignore[call-arg]  # what the checker forbids too


def test_no_value_has_a_post_init_that_replace_would_skip() -> None:
    sources = Path(newel.__file__).parent.rglob("*.py")
    named = [file for file in sources if "__post_init__" in file.read_text() and file.name != "value.py"]
    assert named == []
