"""Another policy in the database of a running server, whole or damaged, and how its decisions show."""

import time
from collections.abc import Callable

from tests.simulators.person import Browser, authorize_url
from tests.simulators.running import POLICY, Relying, Running

from newel.cli.opening import Open
from newel.domain.snapshot import Activation
from newel.flows.policies import bring, kept, last_activation
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.storage.base import Statement, Unit
from newel.storage.codec import encode
from newel.storage.sql.snapshots import activate

BASE = POLICY.read_text("utf-8")
"""The policy of test servers; its rules come last, so that more can be added."""
PROFILE_SECOND = """
  - id: profile-second
    on: newel.scope:profile
    require: {evidence: {aal2: session}}
    because: the profile wants a second proof
"""


def named(name: str) -> str:
    """The same policy under another name, and so another version."""
    return BASE.replace("name: test-bank", f"name: {name}")


def sources(text: str) -> list[Source]:
    return [Source.of("policy.yaml", text)]


def made(text: str) -> Snapshot:
    return Snapshot(read_document(sources(text)))


def put(server: Running, text: str) -> str:
    """Bring a policy into force in the database; its version."""
    snapshot = made(text)

    async def work(everything: Open) -> None:
        await bring(everything.store, snapshot, sources(text), author="test", reason="a test", now=everything.now)

    server.open(work)
    return snapshot.version


def put_damaged(server: Running, text: str, damage: Callable[[bytes], bytes]) -> str:
    """Bring a policy into force whose kept bytes are damaged; its version."""
    snapshot = made(text)

    async def work(everything: Open) -> None:
        last, now = await last_activation(everything.store), everything.now
        body = damage(encode(kept(snapshot, sources(text), author="test", now=now, checks={})))
        number = last.number + 1 if last else 1
        activation = Activation(number=number, version=snapshot.version, author="test", reason="a test", at=now)
        keep = Statement("INSERT INTO snapshots (version, body) VALUES (:v, :b)", {"v": snapshot.version, "b": body})
        await everything.store.commit(Unit((keep, *activate(activation))))

    server.open(work)
    return snapshot.version


def until(seen: Callable[[], bool], seconds: float = 5, looks: int = 100) -> None:
    """Look again and again; the test fails where it is not seen in time.

    That it is over is said by the clock and by the number of looks: where the server is slow, so are these.
    """
    end = time.monotonic() + seconds
    while not seen():
        looks -= 1
        assert looks > 0 or time.monotonic() < end, "not seen in time"


def silent(browser: Browser, client: Relying, **more: str) -> dict[str, str]:
    """The answer to a request that shows no page."""
    return browser.get(authorize_url(client.id, client.redirect_uri, prompt="none", **more)).answer


def strict(browser: Browser, client: Relying) -> bool:
    """Whether the profile wants a second proof of who has given one."""
    answer = silent(browser, client, scope="openid profile")
    assert answer.get("error", "interaction_required") == "interaction_required"
    return "code" not in answer


def remarks(server: Running) -> list[str]:
    answer = server.http.get(f"{server.issuer}/readyz")
    assert answer.status_code == 200
    return list(answer.json()["remarks"])
