"""A small policy and what a decision for a resource server is made of, without a server."""

from collections.abc import Mapping
from typing import Any, cast

from newel.domain.audit import Entry
from newel.domain.client import Authentication, Client
from newel.domain.velocity import KeptReservation
from newel.flows.counters import Reservation
from newel.flows.ground import Grounds
from newel.flows.inquiry import Inquiry
from newel.flows.presented import Verified
from newel.flows.registry import Thing
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document

POLICY = """\
newel: 1
name: parcels
schema:
  facts:
    subject.id: string
  resources:
    parcel:
      actions: {track: {sensitive: false}, send: {sensitive: false}}
      fields: {weight: {int: [0, 1000]}, note: {text: 20, optional: true}}
      facts:
        ctx.weight: {type: int, range: [0, 1000], from: request, field: weight}
        context.express: {type: bool, optional: true, from: request}
        resource.properties.zone: {type: int, range: [1, 9], optional: true, from: request}
        resource.id: {type: string, from: request}
rules:
  - {id: sign-in, on: "newel.session:sign_in", require: {evidence: {aal1: session}}}
  - {id: far, on: "parcel:send", when: "has(resource.properties.zone) && resource.properties.zone > 5", require: {evidence: {aal2: session}}}
"""
CALLER = Client(
    id="depot", name="Depot", authentication=Authentication.BASIC, redirect_uris=(), created_at=0, states=("parcel",)
)


def snapshot(text: str = POLICY) -> Snapshot:
    return Snapshot(read_document([Source.of("parcels.yaml", text)]))


class Nobody:
    """A registry in which one parcel is registered."""

    async def thing(self, _client: str, _resource: str, thing: str) -> Thing | None:
        return Thing("p-9", {"zone": "9"}) if thing == "p-9" else None

    async def things(self, _client: str, _resource: str, _after: str, _limit: int) -> list[Thing]:
        return []


class Moving:
    """Counters that move under the first `times` reservations."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.reserved: list[Reservation] = []

    async def permitted(self, _client: str, _key: str) -> KeptReservation | None:
        return None

    async def read(
        self, _target: str, _facts: Mapping[str, Any], _now: int, _first: KeptReservation | None = None
    ) -> Mapping[str, Any]:
        return {}

    async def reserve(self, reservation: Reservation) -> bool:
        self.times -= 1
        if self.times >= 0:
            return False
        self.reserved.append(reservation)
        return True

    async def release(self, _client: str, _key: str, _entry: Entry) -> bool:
        return False


def inquiry(counters: Moving | None = None) -> Inquiry:
    """An inquiry about subjects that no directory has."""
    return Inquiry(
        services=cast("Any", None),
        registry=Nobody(),
        verified=Verified(),
        caller=CALLER,
        policy=snapshot(),
        grounds=Grounds(),
        counters=counters or Moving(0),
        now=1_800_000_000,
        _persons={"sam": None},
    )
