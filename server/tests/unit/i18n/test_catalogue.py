"""The catalogues: complete, not stale, and read as the standard tools read them."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog

from newel.i18n import extract
from newel.i18n.catalogue import parse_po, read_catalogues
from newel.i18n.extract import CATALOGUES, merged, spoken, write

SOURCE = (CATALOGUES / "de.po").read_bytes()
PLACES = re.compile(r"%\(\w+\)s")


def german() -> Catalog:
    return pofile.read_po(io.BytesIO(SOURCE), locale="de")


def texts(said: str | Sequence[str] | None) -> tuple[str, ...]:
    """The forms of a message, or of its translation."""
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_every_message_of_the_source_has_its_german_and_none_is_stale() -> None:
    current, needed = german(), merged(german())
    said = {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in needed if entry.id}
    known = {entry.id if isinstance(entry.id, str) else entry.id[0] for entry in current if entry.id}
    untranslated = {key for key, entry in said.items() if not entry.string or not all(entry.string)}
    assert untranslated == set()
    assert known - said.keys() == set()


def test_the_file_is_as_the_extraction_writes_it() -> None:
    assert write(merged(german())) == SOURCE


def test_a_translation_has_the_places_of_its_message() -> None:
    for entry in german():
        if entry.id:
            wanted = {place for text in texts(entry.id) for place in PLACES.findall(text)}
            assert {place for text in texts(entry.string) for place in PLACES.findall(text)} == wanted, entry.id


def test_our_reader_and_babels_agree() -> None:
    ours = read_catalogues()["de"]
    for entry in german():
        if isinstance(entry.id, str) and entry.id:
            assert ours.singular[entry.id] == entry.string
        elif entry.id:
            assert ours.plural[entry.id[0]] == texts(entry.string)


def test_german_pages_address_people_formally_and_never_say_bitte_in_an_error() -> None:
    texts = " ".join(read_catalogues()["de"].singular.values())
    assert not re.search(r"\b(du|dein|deine|dir|oops|ungültig|fehlgeschlagen)\b", texts, re.IGNORECASE)
    assert not re.search(r"\bBitte\b", texts)


@pytest.mark.parametrize("word", ["invalid", "failed", "oops", "please", "MFA", "for security reasons"])
def test_no_message_uses_a_word_that_frightens_or_says_nothing(word: str) -> None:
    said = [str(entry.id) for entry in german() if entry.id and re.search(rf"\b{word}\b", str(entry.id), re.IGNORECASE)]
    assert said == []


def test_an_entry_without_a_translation_is_left_out() -> None:
    assert parse_po('msgid "a"\nmsgstr ""\n\nmsgid "b"\nmsgstr "c"\n').singular == {"b": "c"}


def test_lines_are_joined_and_escapes_read() -> None:
    read = parse_po('# said\nmsgid ""\n"a \\"b\\" "\n"c"\nmsgstr "d\\n"\n')
    assert read.singular == {'a "b" c': "d\n"}


def test_two_plural_forms_are_read() -> None:
    read = parse_po('msgid "1"\nmsgid_plural "n"\nmsgstr[0] "e"\nmsgstr[1] "v"\n')
    assert read.plural == {"1": ("e", "v")}


@pytest.mark.parametrize("line", ["msgid", 'msgid "a', "hello", '"a"', "msgid a"])
def test_what_is_no_catalogue_stops_the_start(line: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        parse_po(line)


def test_extraction_keeps_what_is_translated_and_says_when_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "CATALOGUES", tmp_path)
    assert extract.main() == 1
    (tmp_path / "de.po").write_bytes(SOURCE)
    assert extract.main() == 0
    assert (tmp_path / "de.po").read_bytes() == SOURCE


def test_what_rules_say_to_people_is_extracted() -> None:
    rules = "Rule(id='r', because='it is new')\nField(kind='k', label='To')\nResource(verbs={'send': 'Send'})"
    assert list(spoken(rules)) == ["it is new", "To", "Send"]
