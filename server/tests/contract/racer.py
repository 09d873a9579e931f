"""One process of a race: opens the database, waits for the start, redeems everything, prints how much it got."""

import asyncio
import json
import sys
from dataclasses import replace

from server.tests.contract.opening import NOW, Database, open_engine
from server.tests.contract.racing import RACES, names

from newel.domain.audit import Entry
from newel.storage.base import Committed


async def main(engine: str, address: str, racer: int, many: int) -> None:
    """Race as number `racer` for `many` things of each kind."""
    store = await open_engine(Database(engine, address), now_ms=NOW * 1000 + racer)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    won = {}
    for number, (name, race) in enumerate(RACES.items()):
        won_it, lost_it = Entry(kind=name, at=NOW), Entry(kind="lost", at=NOW)
        units = [replace(race.redeem(n, racer), audit=won_it, refused=lost_it) for n in names(number, many)]
        outcomes = await asyncio.gather(*map(store.commit, units))
        won[name] = [
            n for n, outcome in zip(names(number, many), outcomes, strict=True) if isinstance(outcome, Committed)
        ]
    await store.close()
    sys.stdout.write(json.dumps(won))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
