"""S15: where attempts cannot be counted nothing is verified; pages still show."""

from collections.abc import Generator
from contextlib import contextmanager

import apsw
from tests.security.stage import Do, number
from tests.simulators.person import Browser
from tests.simulators.running import Person, Running


@contextmanager
def unwritable(server: Running) -> Generator[None]:
    """Another process holds the database's write lock, as a backup that hangs would."""
    other = apsw.Connection(str(server.database))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_s15_without_a_store_that_counts_no_answer_is_verified(
    ask: Do, browser: Browser, server: Running, sam: Person
) -> None:
    page = ask()
    with unwritable(server):
        right = browser.submit(page, username=sam.name, password=sam.password)
        assert (right.status, "retry-after" in right.headers) == (429, True)
        assert "code" not in right.answer
        assert browser.get(page.url).status == 200
    assert server.rows("SELECT attempts FROM interactions WHERE id = :id", id=number(page)) == [(0,)]
    assert server.rows("SELECT 1 FROM sessions WHERE subject = :s", s=sam.id) == []
    assert "code" in browser.submit(page, username=sam.name, password=sam.password).answer
