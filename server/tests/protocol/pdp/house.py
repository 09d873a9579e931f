"""A server with the policy beside this file, clients that may state facts, and counters in memory. Run as a process of its own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newel.app import Application, build
from newel.cli.answering import answer
from newel.cli.listener import adopt
from newel.config.read import load
from newel.domain.audit import Entry
from newel.domain.value import dataclass
from newel.flows.counters import Reservation
from newel.flows.registry import Thing
from newel.observe.log import start_logging
from newel.policy.document import Counter, Document
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.storage.base import Unit

STATES = {
    "bank-api": {"bank.transfer", "bank.statement"},
    "todo-app": {"todo", "user"},
    "records": {"record"},
    "signer": {"bank.transfer"},
}
SHELF = (
    "101 Legal alice, 102 Legal bob, 103 Legal carol, 104 Accounting dan, 105 Legal erin, 106 Accounting felix, "
    "107 Sales alice, 108 Legal bob, 109 Accounting carol, 110 Sales dan, 111 Accounting erin, 112 Legal felix, "
    "113 Sales alice, 114 Accounting bob, 115 Finance carol, 116 Legal dan, 117 Legal erin, 118 Accounting felix, "
    "119 Legal alice, 120 Accounting bob"
)
"""The interop scenario's records: id, department, owner."""


def records() -> dict[str, Thing]:
    """Each record with its properties."""
    rows = [row.split() for row in SHELF.split(", ")]
    return {number: Thing(number, {"department": where, "owner": owner, "shelf": "3"}) for number, where, owner in rows}


class Clients:
    """What the clients of this house registered."""

    async def states(self, client: str, resource: str) -> bool:
        return resource in STATES.get(client, ())

    async def thing(self, client: str, resource: str, thing: str) -> Thing | None:
        return records().get(thing) if (client, resource) == ("records", "record") else None

    async def things(self, client: str, resource: str, after: str, limit: int) -> list[Thing]:
        if (client, resource) != ("records", "record"):
            return []
        return [each for number, each in sorted(records().items()) if number > after][:limit]


@dataclass(slots=True)
class Kept:
    reservation: Reservation
    released: bool = False


class Memory:
    """Counters of a policy, kept by one process."""

    def __init__(self, document: Document) -> None:
        self._counters = document.counters
        self._kept: dict[tuple[str, str], Kept] = {}
        self.application: Application | None = None

    async def permitted(self, client: str, key: str) -> bytes | None:
        kept = self._kept.get((client, key))
        return None if kept is None else kept.reservation.digest

    async def read(self, target: str, facts: Mapping[str, Any], now: int) -> Mapping[str, Any]:
        return {name: self._sum(each, facts, now) for name, each in self._counters.items() if target in each.targets}

    def _sum(self, counter: Counter, facts: Mapping[str, Any], now: int) -> int:
        earlier = (
            kept.reservation.facts[counter.fact]
            for kept in self._kept.values()
            if not kept.released
            and kept.reservation.target in counter.targets
            and kept.reservation.at > now - counter.over
            and kept.reservation.facts[counter.by] == facts.get(counter.by)
        )
        return min(int(sum(earlier) + facts.get(counter.fact, 0)), counter.high)

    async def reserve(self, reservation: Reservation) -> bool:
        place = reservation.client, reservation.key
        moved = await self.read(reservation.target, reservation.facts, reservation.at) != reservation.counted
        if place in self._kept or moved:
            return False
        self._kept[place] = Kept(reservation)
        await self._record(reservation.entry)
        return True

    async def release(self, client: str, key: str, entry: Entry) -> bool:
        kept = self._kept.get((client, key))
        if kept is None or kept.released:
            return False
        kept.released = True
        await self._record(entry)
        return True

    async def _record(self, entry: Entry) -> None:
        assert self.application is not None
        assert self.application._services is not None
        await self.application._services.store.commit(Unit(audit=entry))


def policy() -> Snapshot:
    """The policy beside this file."""
    text = (Path(__file__).parent / "policy.yaml").read_text(encoding="utf-8")
    return Snapshot(read_document([Source.of("policy.yaml", text)]))


def told() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main(config_file: str, descriptor: str) -> int:
    config = load(Path(config_file), dict(os.environ)).config
    start_logging(style=config.log.style, level=config.log.level)
    snapshot = policy()
    counters = Memory(snapshot.document)
    application = build(config, policy=snapshot)
    application.registry, application.counters, counters.application = Clients(), counters, application
    with adopt(int(descriptor)) as listener:
        return answer(application, config, listener, ready=told)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
