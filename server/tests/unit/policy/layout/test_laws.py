"""However a tree is written, it is laid out alike; the layout stays what it is, means the same and loses no comment."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st
from server.tests.unit.policy.layout.spelling import ROOTS, Speller
from server.tests.unit.policy.read.base import EXAMPLE

from newel.policy.canonical import canonical_text
from newel.policy.format import formatted
from newel.policy.layout.tree import Branch, Entry, Value, Word, whole
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.source import Node, Scalar, Table, read

LAW = settings(deadline=None, max_examples=500 if os.environ.get("NEWEL_NIGHTLY") else 25)
SEEDS = st.integers(0, 2**32)


def source(text: str) -> Source:
    return Source.of("p.yaml", text)


def meant(node: Node | Value) -> object:
    """What a tree says, without how it is written."""
    match node:
        case Scalar(text=text) | Word(text=text):
            return text
        case Table(entries=entries):
            return {key.text: meant(value) for key, value in entries}
        case Branch(table=True, entries=entries):
            return {entry.key.text: meant(entry.value) for entry in entries if entry.key}
        case Branch(entries=entries):
            return [meant(entry.value) for entry in entries]
        case _:
            return [meant(item) for item in node.items]


def comments(branch: Branch) -> list[str]:
    """Every comment of a tree."""
    found = [branch.opened, branch.after]
    for entry in branch.entries:
        found += entry.above
        found += comments(entry.value) if isinstance(entry.value, Branch) else [entry.value.after]
    return sorted(filter(None, found))


@LAW
@given(ROOTS, SEEDS, SEEDS)
def test_two_files_that_differ_in_white_space_and_quotes_come_out_equal(root: Branch, one: int, two: int) -> None:
    texts = [Speller(seed).text(root) for seed in (one, two)]
    assert formatted(source(texts[0])) == formatted(source(texts[1]))


@LAW
@given(ROOTS, SEEDS)
def test_the_layout_is_its_own_layout_and_means_the_same(root: Branch, seed: int) -> None:
    text = Speller(seed).text(root)
    laid_out = formatted(source(text))
    assert formatted(source(laid_out)) == laid_out
    assert meant(read(source(laid_out))) == meant(read(source(text))) == meant(root)


@LAW
@given(ROOTS, SEEDS)
def test_every_comment_is_there_once(root: Branch, seed: int) -> None:
    laid_out = formatted(source(Speller(seed).text(root)))
    found = sum(laid_out.count(each) for each in ("# c\n", "#d\n", "# 'e\": [f\n", "# above\n", "#: b\n"))
    assert found == len(comments(root))


@LAW
@given(SEEDS)
def test_a_policy_however_it_is_written_has_one_layout_and_one_version(seed: int) -> None:
    found = whole(source(EXAMPLE))
    text = Speller(seed).text(found.root)
    assert canonical_text(read_document([source(text)])) == canonical_text(read_document([source(EXAMPLE)]))
    laid_out = formatted(source(text))
    assert laid_out == formatted(source(EXAMPLE))
    assert canonical_text(read_document([source(laid_out)])) == canonical_text(read_document([source(EXAMPLE)]))


def test_entries_of_the_tree_are_told_apart_by_what_they_are() -> None:
    entry = Entry(Word("a"))
    assert entry != Entry(Word("a"))
    assert meant(Branch(table=False, flow=True, entries=[entry])) == ["a"]
