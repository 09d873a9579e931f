"""The policy of a server on which none was activated yet: whoever signs in proves one thing, and nothing else is there."""

from functools import cache

from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document

TEXT = """\
newel: 1
name: shipped
schema:
  facts:
    subject.id: string
    subject.groups: {set: string, from: directory}
    client.id: string
    risk.level: {enum: [low, medium, high, critical, unknown], absent: unknown, from: risk}
    now: timestamp
  resources: {}
rules:
  - id: sign-in
    on: newel.session:sign_in
    require: {evidence: {aal1: session}}
  - id: risk-unknown
    on: "*"
    when: risk.level == "unknown"
    require: {evidence: {aal2: 10m}}
    because: the risk engine gave no answer
"""

CLOSED = """\
newel: 1
name: closed
schema:
  facts: {now: timestamp}
  resources: {}
rules:
  - id: closed
    on: "*"
    require: {deny: no-policy-can-be-read}
"""


@cache
def shipped() -> Snapshot:
    """The shipped policy as a snapshot."""
    return Snapshot(read_document([Source.of("shipped", TEXT)]))


@cache
def closed() -> Snapshot:
    """The policy of a server that has activated ones and can read none of them: everything is denied."""
    return Snapshot(read_document([Source.of("closed", CLOSED)]))
