"""The decision log of the database as rows of a replay; people and sessions under keyed hashes."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from typing import Any

from newel.domain.audit import DecisionRecord, Entry
from newel.domain.subject import Subject
from newel.policy.replay.build import Row
from newel.policy.replay.log import Outcome
from newel.storage.base import Store
from newel.storage.decisions import decisions
from newel.storage.sql.subjects import subjects

PAGE = 500
APART = frozenset({"subject", "shown", "thing", "author"})
"""Personal members of an entry that are no facts."""
OUTCOME: Mapping[str, Outcome] = {"met": "met", "asked": "asked", "refused": "refused"}
NOT_DECIDED = ("newel.account:", "newel.console:")


async def rows(store: Store, key: bytes, since: int) -> AsyncIterator[Row]:
    """Every decision from `since` (Unix seconds) on whose person is known, oldest first; `key` (32 bytes) hides who it was."""
    groups = {each.id: tuple(sorted(each.groups)) async for each in _everybody(store)}
    async for page in decisions(store, since):
        for entry in page:
            found = row_of(entry, entry.decision, key, groups) if entry.decision is not None else None
            if found is not None:
                yield found


def row_of(entry: Entry, record: DecisionRecord, key: bytes, groups: Mapping[str, tuple[str, ...]]) -> Row | None:
    """One decision as a row; None for one that the policy did not take, or whose person was forgotten."""
    subject = entry.personal.get("subject")
    targets = tuple(target for target in record.targets if not target.startswith(NOT_DECIDED))
    if not isinstance(subject, str) or not targets:
        return None
    session = str(entry.body.get("session") or entry.body.get("interaction") or subject)
    personal = {path: value for path, value in entry.personal.items() if path not in APART}
    return Row(
        at=entry.at,
        targets=targets,
        person=hidden(key, subject),
        session=hidden(key, session),
        facts=_facts({**record.facts, **personal}),
        ages={name: max(0, entry.at - at) for name, at in record.reached.items()},
        groups=groups.get(subject, ()),
        methods=record.methods or None,
        outcome=OUTCOME.get(record.outcome, "unknown"),
    )


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
