"""Another policy in force in the application of this process, for a while."""

from collections.abc import Generator
from contextlib import contextmanager

from server.tests.inside.inside import POLICY_FILE, Inside

from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document

BANK = POLICY_FILE.read_text("utf-8")
"""The policy of test servers; its rules come last, so that more can be added."""
UNMET = "unmet_authentication_requirements"


def snapshot(*texts: str) -> Snapshot:
    return Snapshot(read_document([Source.of(f"{number}.yaml", text) for number, text in enumerate(texts)]))


@contextmanager
def deciding(server: Inside, *texts: str) -> Generator[None]:
    """Another policy is in force for a while."""
    before, server.services.active.policy = server.services.active.policy, snapshot(*texts)
    try:
        yield
    finally:
        server.services.active.policy = before
