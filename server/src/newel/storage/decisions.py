"""Decision records in the order of time, as a replay reads them: all chains side by side, a page of each in memory.

Within a chain rows are in the order of time, but for a clock that was set back, by SET_BACK seconds at most.
"""

from collections import deque
from collections.abc import AsyncIterator
from heapq import heapify, heappop, heappush

from newel.domain.audit import Entry
from newel.storage import audit
from newel.storage.base import Store

SET_BACK = 3_600
AT_ONCE = 1_000
FOR_EVER = 1 << 62


class _Chain:
    """The rows of one writer behind a sequence number."""

    def __init__(self, store: Store, writer: int, behind: int) -> None:
        self._store = store
        self._writer = writer
        self._behind = behind
        self._page: deque[audit.AuditRow] = deque()

    async def next(self, limit: int = AT_ONCE) -> audit.AuditRow | None:
        if not self._page:
            self._page.extend(await self._store.all(audit.rows(self._writer, self._behind, limit)))
        if not self._page:
            return None
        row = self._page.popleft()
        self._behind = row.seq
        return row


async def decisions(
    store: Store, since: int, until: int = FOR_EVER, *, at_once: int = AT_ONCE
) -> AsyncIterator[list[Entry]]:
    """Entries with a decision from `since` on and before `until` (Unix seconds), oldest first, at most `at_once` a time.

    What is recorded meanwhile is read too where it falls into that time; what was forgotten is not there.
    """
    found: list[Entry] = []
    async for row in _merged(store, since - SET_BACK, until + SET_BACK):
        if since <= row.at < until and (entry := row.entry()).decision is not None:
            found.append(entry)
        if len(found) == at_once:
            yield found
            found = []
    if found:
        yield found


async def newest_from(store: Store, since: int, most: int) -> int:
    """The earliest time from `since` on (Unix seconds) from which on at most `most` entries of any kind were recorded.

    It is no later than the newest entry, however many were recorded in that second.
    """
    chains = {}
    writer = await store.one(audit.next_writer(audit.BEFORE_FIRST))
    while writer is not None:
        last = await store.one(audit.last_row(writer))
        if last is not None and last.at >= since:
            chains[writer] = last
        writer = await store.one(audit.next_writer(writer))

    async def from_then(at: int) -> int:
        return sum([last.seq + 1 - await _first(store, writer, at) for writer, last in chains.items()])

    if await from_then(since) <= most:
        return since
    low, high = since, max(last.at for last in chains.values())
    while high - low > 1:
        middle = (low + high) // 2
        if await from_then(middle) > most:
            low = middle
        else:
            high = middle
    return high


async def _merged(store: Store, since: int, until: int) -> AsyncIterator[audit.AuditRow]:
    """The rows of all chains in the order of time. Of a chain that has not begun only the first row is in memory."""
    chains = {}
    heads = []
    writer = await store.one(audit.next_writer(audit.BEFORE_FIRST))
    while writer is not None:
        chain = _Chain(store, writer, await _first(store, writer, since) - 1)
        if (row := await chain.next(1)) is not None:
            chains[writer] = chain
            heads.append((row.at, writer, row.seq, row))
        writer = await store.one(audit.next_writer(writer))
    heapify(heads)
    while heads:
        at, writer, _, row = heappop(heads)
        if at >= until:
            continue
        yield row
        if (following := await chains[writer].next()) is not None:
            heappush(heads, (following.at, writer, following.seq, following))


async def _first(store: Store, writer: int, since: int) -> int:
    """The sequence number of a chain's first row from `since` on; one beyond the last where all are older."""
    last = await store.one(audit.last_row(writer))
    if last is None:
        return 1
    low, high = 1, last.seq + 1
    if last.at < since:
        return high
    while low < high:
        middle = (low + high) // 2
        row = await store.one(audit.rows(writer, middle - 1, 1))
        if row is None or row.at >= since:
            high = middle
        else:
            low = row.seq + 1
    return low
