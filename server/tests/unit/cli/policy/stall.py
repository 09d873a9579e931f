"""The policy of a market stall, so small that it is proved in a moment, and changes to it."""

from pathlib import Path

from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document

TEXT = """\
newel: 1
name: stall
schema:
  facts:
    subject.id: string
    subject.groups: {set: string, from: directory}
    now: timestamp
  resources:
    stall.sale:
      actions: [sell]
      fields: {amount: {money: true}}
      facts:
        ctx.amount: {type: int, range: [0, 1000000], from: request, field: amount.minor}
levels:
  signed-in: {evidence: {aal1: session}}
rules:
  - id: sign-in
    on: newel.session:sign_in
    require: signed-in
  - id: any
    on: stall.sale:sell
    require: signed-in
  - id: large
    on: stall.sale:sell
    when: ctx.amount > 5000
    require: {evidence: {aal1: 5m}}
invariants:
  - id: large-is-recent
    for: stall.sale:sell
    when: ctx.amount > 9000
    at_least: {evidence: {aal1: 10m}}
tests:
  - name: a small sale is quiet
    ask: {resource: stall.sale, action: sell, ctx.amount: 10}
    expect: signed-in
"""
Change = tuple[str, str]
WEAKER: Change = ("> 5000", "> 6000")
STRICTER: Change = ("> 5000", "> 4000")
REFUTED: Change = ("> 5000", "> 9500")
FAILING: Change = ("ctx.amount: 10}", "ctx.amount: 6000}")
PASSKEY: Change = ("aal1: 5m", "phr: 5m")
BROKEN: Change = ("when: ctx.amount > 5000", "when: ctx.amuont > 5000")


def changed(*changes: Change) -> str:
    """The policy's text with some parts changed."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def written(file: Path, *changes: Change) -> str:
    """The policy in a file, and the file's name."""
    file.write_text(changed(*changes), encoding="utf-8")
    return str(file)


def parts(folder: Path, *changes: Change) -> str:
    """The policy in two files of a new folder, beside a file that is none; the folder's name."""
    schema, invariants = changed(*changes).split("invariants:\n")
    folder.mkdir()
    (folder / "a.yaml").write_text(schema, encoding="utf-8")
    (folder / "b.yml").write_text(f"newel: 1\ninvariants:\n{invariants}", encoding="utf-8")
    (folder / "README.md").write_text("no policy", encoding="utf-8")
    return str(folder)


def sources(*changes: Change) -> list[Source]:
    """The policy as the texts it is read from."""
    return [Source.of("stall.yaml", changed(*changes))]


def snapshot(*changes: Change) -> Snapshot:
    """The policy as it decides."""
    return Snapshot(read_document(sources(*changes)))
