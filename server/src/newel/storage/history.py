"""Walking through the audit rows of every chain, and forgetting persons in them."""

from collections.abc import AsyncIterator, Mapping

from newel.storage import audit
from newel.storage.base import Store, Unit

_AT_ONCE = 200


async def history(store: Store) -> AsyncIterator[audit.AuditRow]:
    """Every row, chain by chain, each chain in its order; memory stays small."""
    writer = await store.one(audit.next_writer(audit.BEFORE_FIRST))
    while writer is not None:
        seq = audit.BEFORE_FIRST
        while page := await store.all(audit.rows(writer, seq)):
            for row in page:
                yield row
            seq = page[-1].seq
        writer = await store.one(audit.next_writer(writer))


async def forget(store: Store, personal: Mapping[str, object]) -> int:
    """Forget the personal part of every row that holds one of these members with the same value.

    Answers how many rows it was, once that is durable. The chains stand: they hold commitments.
    """
    found = [
        audit.forget(row)
        async for row in history(store)
        if row.personal is not None and _holds(row.entry().personal, personal)
    ]
    for begin in range(0, len(found), _AT_ONCE):
        await store.commit(Unit(tuple(found[begin : begin + _AT_ONCE])))
    return len(found)


def _holds(held: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return any(name in held and held[name] == value for name, value in wanted.items())
