"""S13: two parallel redemptions give exactly one success, within a process and between two, on every storage."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from server.tests.contract.opening import AUDIT_KEY, Database, open_engine
from server.tests.contract.racing import RACES, names

from newel.storage import audit
from newel.storage.base import Committed, Store, Unit
from newel.storage.verify import verify

ROOT = Path(__file__).parents[3]
RACER = ("-m", "server.tests.contract.racer")
MANY = 25


@pytest.mark.parametrize("name", RACES)
async def test_s13_twenty_tasks_redeem_one_thing_once(store: Store, name: str) -> None:
    race = RACES[name]
    await store.commit(race.prepare(0))
    outcomes = await asyncio.gather(*(store.commit(race.redeem(0, racer)) for racer in range(20)))
    assert sum(isinstance(outcome, Committed) for outcome in outcomes) == 1


async def test_s13_two_processes_redeem_each_thing_once(database: Database) -> None:
    store = await open_engine(database)
    for number, race in enumerate(RACES.values()):
        prepared = [race.prepare(n).statements for n in names(number, MANY)]
        await asyncio.gather(*(store.commit(Unit(each)) for each in prepared))
    won = await race_two(database)
    for number, name in enumerate(RACES):
        assert sorted(won[0][name] + won[1][name]) == list(names(number, MANY)), name
    report = await verify(store, AUDIT_KEY, ())
    assert (report.good, report.writers) == (True, 2)
    assert report.rows == 2 + 2 * MANY * len(RACES)
    assert len(await store.all(audit.recent_heads())) == 2
    await store.close()


async def race_two(database: Database) -> list[dict[str, list[int]]]:
    """Start two racers, wait until both are ready, let them run, and read what each won."""
    pipe = asyncio.subprocess.PIPE
    racers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, *RACER, database.engine, database.address, str(number), str(MANY)),
            cwd=ROOT,
            stdin=pipe,
            stdout=pipe,
        )
        for number in (1, 2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    return [json.loads(won) for won, _ in said]
