"""The decision log of the database as rows of a replay; people and sessions under keyed hashes."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from newel.cli.opening import Open
from newel.domain.audit import DecisionRecord, Entry
from newel.domain.subject import Subject
from newel.policy.document import Document
from newel.policy.replay.build import Row, builder_for
from newel.policy.replay.log import Log, Outcome
from newel.storage.base import Store
from newel.storage.decisions import FOR_EVER, decisions
from newel.storage.sql.subjects import subjects

PAGE = 500
APART = frozenset({"subject", "shown", "thing", "author"})
"""Personal members of an entry that are no facts."""
NAMES = frozenset({"subject.id", "client.ip"})
"""Facts that would say who it was; a kept log is without them, and rules that read them match every request of it."""
OUTCOME: Mapping[str, Outcome] = {"met": "met", "asked": "asked", "refused": "refused"}
OURS = "newel."
NOT_DECIDED = ("newel.console:",)
CODE_ALONE = "account-floor"
"""In place of a policy's version: what older servers recorded of changes that no policy decided."""


async def recorded_log(everything: Open, documents: Sequence[Document], since: int) -> Log:
    """What was decided from `since` (Unix seconds) on, with all that these policies read. LogRefused for an odd record."""
    builder = builder_for(documents)
    key = everything.vault.mac("replay", b"")
    async for row in rows(everything.store, key, since, fielded_facts(*documents)):
        builder.add(row)
    return builder.log()


async def rows(
    store: Store, key: bytes, since: int, fielded: frozenset[str] = frozenset(), until: int = FOR_EVER
) -> AsyncIterator[Row]:
    """Every decision from `since` on and before `until` (Unix seconds) whose person is known, oldest first.

    `key` (32 bytes) hides who it was; `fielded` are the facts that are read from an action's fields: decisions about
    one person's action with the same ones are about one act.
    """
    groups = {each.id: tuple(sorted(each.groups)) async for each in _everybody(store)}
    async for page in decisions(store, since, until):
        for entry in page:
            found = row_of(entry, entry.decision, key, groups, fielded) if entry.decision is not None else None
            if found is not None:
                yield found


def row_of(
    entry: Entry,
    record: DecisionRecord,
    key: bytes,
    groups: Mapping[str, tuple[str, ...]],
    fielded: frozenset[str] = frozenset(),
) -> Row | None:
    """One decision as a row; None for one that the policy did not take, or whose person was forgotten."""
    subject = entry.personal.get("subject")
    targets = tuple(target for target in record.targets if not target.startswith(NOT_DECIDED))
    if not isinstance(subject, str) or not targets or record.policy == CODE_ALONE:
        return None
    session = str(entry.body.get("session") or entry.body.get("interaction") or subject)
    personal = {path: value for path, value in entry.personal.items() if path not in APART}
    facts = _facts({**record.facts, **personal})
    return Row(
        at=entry.at,
        targets=targets,
        person=hidden(key, subject),
        session=hidden(key, session),
        facts=facts,
        ages={name: max(0, entry.at - at) for name, at in record.reached.items()},
        groups=groups.get(subject, ()),
        methods=record.methods or None,
        outcome=OUTCOME.get(record.outcome, "unknown"),
        act=_act(subject, targets, {path: facts[path] for path in sorted(fielded & facts.keys())}, key),
    )


def fielded_facts(*documents: Document) -> frozenset[str]:
    """The facts that policies read from the fields of an action."""
    declared = (resource.facts for document in documents for resource in document.resources.values())
    return frozenset(fact.name for facts in declared for fact in facts.values() if fact.field)


def _act(subject: str, targets: tuple[str, ...], fields: Mapping[str, Any], key: bytes) -> int | None:
    """What tells one act from another: who, what, and its fields. None where nothing is acted on."""
    action = next((target for target in targets if not target.startswith(OURS)), None)
    return None if action is None else hidden(key, json.dumps([subject, action, fields], sort_keys=True, default=str))


def hidden(key: bytes, name: str) -> int:
    """64 bits that stand for a name and say nothing about it without the key."""
    return int.from_bytes(hmac.digest(key, name.encode(), hashlib.sha256)[:8], "big")


def _facts(found: Mapping[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in found.items() if "." in path or path == "now"}


async def _everybody(store: Store) -> AsyncIterator[Subject]:
    after = ""
    while page := await store.all(subjects(after, PAGE)):
        for each in page:
            yield each
        after = page[-1].id
