"""`newel client resource`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Newel = Callable[..., Any]
RECORD = ("records", "record", "101")


@pytest.fixture
def records(newel: Newel, folder: Path) -> Newel:
    """`newel client resource`, where there is a client."""
    assert newel("client", "add", "records", "--states", "record").code == 0
    return lambda command, *arguments: newel("client", "resource", command, *arguments)


def test_a_resource_is_listed_with_its_properties(records: Newel) -> None:
    done = records("add", *RECORD, "--property", "owner=alice", "--property", "note=a=b", "--property", "empty=")
    assert (done.code, done.out) == (0, "record 101 is registered for records.\n")
    assert records("list", "records").out.splitlines() == [
        "type    id   properties",
        "record  101  owner=alice note=a=b empty=",
    ]
    properties = {"owner": "alice", "note": "a=b", "empty": ""}
    assert records("list", "records", "--json").json == [{"type": "record", "id": "101", "properties": properties}]


def test_a_list_may_be_of_one_type(records: Newel) -> None:
    records("add", *RECORD)
    records("add", "records", "shelf", "3")
    assert [one["id"] for one in records("list", "records", "shelf", "--json").json] == ["3"]
    assert [one["id"] for one in records("list", "records", "--json").json] == ["101", "3"]
    assert records("list", "records", "box", "--json").json == []


def test_a_resource_is_registered_once(records: Newel) -> None:
    records("add", *RECORD)
    done = records("add", *RECORD, "--property", "owner=mallory")
    assert (done.code, "newel client resource list records" in done.err) == (1, True)
    assert records("list", "records", "--json").json[0]["properties"] == {}


def test_a_resource_is_removed_once(records: Newel) -> None:
    records("add", *RECORD)
    assert records("remove", *RECORD).code == 0
    assert records("list", "records", "--json").json == []
    assert records("remove", *RECORD).code == 1


def test_resources_go_with_their_client(records: Newel, newel: Newel) -> None:
    records("add", *RECORD)
    newel("client", "remove", "records")
    newel("client", "add", "records", "--states", "record")
    assert records("list", "records", "--json").json == []


@pytest.mark.parametrize("command", [("add", "nobody", "record", "1"), ("list", "nobody")])
def test_nobody_has_no_resources(records: Newel, command: tuple[str, ...]) -> None:
    done = records(*command)
    assert (done.code, "newel client list" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("records", "re cord", "1"), "bank.transfer"),
        (("records", "record", ""), "printable"),
        (("records", "record", "1" * 201), "printable"),
        (("records", "record", "a\nb"), "printable"),
        ((*RECORD, "--property", "owner"), "owner=alice"),
        ((*RECORD, "--property", "=alice"), "owner=alice"),
        ((*RECORD, "--property", "owner=\x07"), "owner=alice"),
        ((*RECORD, "--property", "owner=a", "--property", "Owner=b"), "twice"),
        ((*RECORD, *(part for n in range(51) for part in ("--property", f"p{n}=1"))), "50"),
    ],
)
def test_what_cannot_be_registered_is_a_usage_error(records: Newel, arguments: tuple[str, ...], words: str) -> None:
    done = records("add", *arguments)
    assert (done.code, words in done.err) == (2, True)
    assert records("list", "records", "--json").json == []
