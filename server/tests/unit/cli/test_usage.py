"""What argparse refuses is printed like every other refusal: with `--json` for programs, too."""

from collections.abc import Callable
from typing import Any

import pytest

Newel = Callable[..., Any]


@pytest.mark.parametrize(
    "arguments",
    [
        ("policy", "diff", "a", "--json"),
        ("policy", "diff", "--json", "a", "b", "--bogus"),
        ("policy", "prove", "p.yaml", "--seconds", "soon", "--json"),
        ("policy", "log", "--json"),
        ("user", "--json"),
        ("keys", "rotate", "everything", "--json"),
        ("policy", "--json"),
        ("--json",),
    ],
    ids=" ".join,
)
def test_what_was_not_understood_is_a_json_error(newel: Newel, arguments: tuple[str, ...]) -> None:
    told = newel(*arguments)
    assert told.code == 2
    assert [*told.json] == ["error"]
    assert told.json["error"]
    assert told.err.endswith(f"newel: {told.json['error']}\n")


def test_without_it_standard_output_stays_empty_and_the_usage_is_said(newel: Newel) -> None:
    done = newel("policy", "diff", "a")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: newel policy diff ")
    assert done.err.endswith("newel: the following arguments are required: NEW. See: newel policy diff --help\n")


def test_help_is_no_refusal(newel: Newel) -> None:
    done = newel("policy", "diff", "--help", "--json")
    assert done.code == 0
    assert "{" not in done.out.partition("\n")[0]
