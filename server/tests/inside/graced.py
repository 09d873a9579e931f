"""What the tests of grace share: rules that grant it, and the button that takes it."""

import time
from datetime import UTC, datetime
from typing import Any

from server.tests.inside.acts import APOSTROPHE
from server.tests.inside.inside import Inside
from tests.security.stage import fields
from tests.simulators.person import Browser, Page, authorize_url
from tests.simulators.running import Person, Relying

from newel.domain.audit import DecisionRecord
from newel.storage.history import history

DAY = 86_400
SOON = f"Soon you need another way to confirm it{APOSTROPHE}s you"
REFUSED = f"This can{APOSTROPHE}t be put off now"


def noon(days: int) -> datetime:
    """A day from now on, in days; its noon is on the same day in every zone that a person reads."""
    return datetime.fromtimestamp(time.time() + days * DAY, UTC)


def rule(demand: str, *, skips: int = 2, days: int = 10, rule_id: str = "soon", grace: bool = True) -> str:
    """A rule on the sign-in, with grace unless said otherwise."""
    until = f"{noon(days):%Y-%m-%dT12:00:00Z}"
    granted = f"    grace: {{until: {until}, skips: {skips}}}\n" if grace else ""
    return (
        f"  - id: {rule_id}\n    on: newel.session:sign_in\n    require: {demand}\n"
        f"    because: passkeys are needed soon\n{granted}"
    )


PASSKEY, SECOND = "{evidence: {phr: session}}", "{evidence: {aal2: session}}"
NO_APP = "{evidence: {aal2: session}, forbid: [totp]}"


def put_off(browser: Browser, page: Page) -> Page:
    """Press "Not now"."""
    return browser.post(page.url, {"csrf": fields(page, "csrf")["csrf"], "decision": "skip"})


def offers(page: Page) -> bool:
    return 'value="skip"' in page.body


def count(server: Inside, person: Person, rule_id: str = "soon") -> int:
    found = server.rows("SELECT count FROM skips WHERE subject = :s AND rule = :r", s=person.id, r=rule_id)
    return int(found[0][0]) if found else 0


def begun(browser: Browser, bank: Relying, person: Person, **more: str) -> Page:
    """Where a sign-in with a password leads, whoever is signed in."""
    browser.cookies.clear()
    page = browser.follow(browser.get(authorize_url(bank.id, bank.redirect_uri, **more)))
    return browser.follow(browser.submit(page, username=person.name, password=person.password))


def claims(bank: Relying, page: Page) -> dict[str, Any]:
    return bank.introspect(bank.redeem(page.answer["code"]).json()["access_token"])


def recorded(server: Inside, kind: str) -> list[tuple[dict[str, Any], DecisionRecord | None]]:
    async def read(everything: Any) -> list[tuple[dict[str, Any], DecisionRecord | None]]:
        rows = [row.entry() async for row in history(everything.store)]
        return [(dict(each.body), each.decision) for each in rows if each.kind == kind]

    return list(server.open(read))
