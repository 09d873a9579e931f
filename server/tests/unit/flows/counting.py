"""A policy with counters, what is asked under it, and how it is counted."""

from collections.abc import Mapping
from typing import Any

from newel.domain.audit import Entry
from newel.flows.counters import Counters, Reservation
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document

NOW = 1_790_000_000
SEND, PEEK, READ = "bank.transfer:send", "bank.transfer:peek", "bank.statement:read"
TEXT = """\
newel: 1
name: velocity
schema:
  facts:
    subject.id: string
    client.ip: ip
  resources:
    bank.transfer:
      actions: {send: {sensitive: false}, repeat: {sensitive: false}, peek: {sensitive: false}}
      facts:
        ctx.amount: {type: int, range: [0, 1000000], from: request}
        ctx.payee: {type: string, from: request}
        ctx.country: {type: string, from: request}
    bank.statement:
      actions: {read: {sensitive: false}}
velocity:
  total: {sum: ctx.amount, by: subject.id, over: OVER, of: ["bank.transfer:send", "bank.transfer:repeat"], range: [0, 5000]}
  often: {count: requests, by: subject.id, over: OVER, of: "bank.transfer:send"}
  payees: {distinct: ctx.payee, by: subject.id, over: OVER, of: "bank.transfer:send"}
  from_one_address: {count: requests, by: client.ip, over: OVER, of: "bank.transfer:send"}
rules:
  - id: small-payments-add-up
    on: bank.transfer:send
    when: velocity.total > 3000
    require: {evidence: {aal2: 5m}}
"""
THRESHOLD, OVER = 3000, 86_400


def policy(over: str = "24h", text: str = TEXT) -> Snapshot:
    return Snapshot(read_document([Source.of("policy.yaml", text.replace("OVER", over))]))


POLICY = policy()


def facts(amount: int | None = 1000, subject: str = "alice", **more: Any) -> dict[str, Any]:
    given = {"subject.id": subject, "client.ip": "192.0.2.1", "ctx.amount": amount, "ctx.payee": "Maria", **more}
    return {name: value for name, value in given.items() if value is not None}


def named(name: str, value: str) -> dict[str, Any]:
    """One more fact."""
    return {name: value}


def entry(kind: str = "pdp.evaluated") -> Entry:
    return Entry(kind=kind, at=NOW)


def asked(
    key: str, counted: Mapping[str, Any], with_facts: Mapping[str, Any], *, target: str = SEND, at: int = NOW
) -> Reservation:
    return Reservation(
        bound=(),
        client="bank-api",
        key=key,
        digest=key.encode(),
        target=target,
        facts=with_facts,
        counted=counted,
        at=at,
        entry=entry(),
    )


async def reserve(counters: Counters, key: str, target: str = SEND, at: int = NOW, **more: Any) -> bool:
    """Decide and reserve, undisturbed."""
    known = facts(**more)
    return await counters.reserve(asked(key, await counters.read(target, known, at), known, target=target, at=at))
