"""What the tests of pages do again and again."""

from collections.abc import Callable

from server.tests.inside.inside import Inside
from tests.security.stage import (
    fields,
)
from tests.simulators.person import Browser, Page
from tests.simulators.running import Person

from newel.cli.opening import Open
from newel.domain.value import replace
from newel.storage.base import Unit
from newel.storage.sql.subjects import replace_subject, subject

Do = Callable[..., Page]
Twin = Callable[[], Browser]
APOSTROPHE = "\u2019"


def heading(page: Page) -> str:
    return page.body.partition("<h1>")[2].partition("</h1>")[0]


def way(server: Inside, person: Person, method: str) -> str:
    sql = "SELECT id FROM authenticators WHERE subject = :s AND method = :m ORDER BY id DESC"
    return str(server.rows(sql, s=person.id, m=method)[0][0])


def disable(server: Inside, identifier: str) -> None:
    """Disable a subject, and leave its sessions as they are."""

    async def work(everything: Open) -> None:
        found = await everything.store.one(subject(identifier))
        assert found is not None
        await everything.store.commit(Unit((replace_subject(replace(found, disabled=True)),)))

    server.open(work)


def press(browser: Browser, act: str, identifier: str, **more: str) -> Page:
    csrf = fields(browser.get("/account"), "csrf")["csrf"]
    return browser.post("/account", {"csrf": csrf, "act": act, "id": identifier, **more})
