"""One server and one Chromium for each module; every browser profile is watched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.landing import landing
from tests.browser.site import SETTINGS, Beside, Site
from tests.simulators.running import POLICY, running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SOON = "".join(
    f"""
  - id: {group}
    on: newel.session:sign_in
    when: '"{group}" in subject.groups'
    require: {demand}
    because: a stronger way is needed soon
    grace: {{until: 2098-11-30T12:00:00Z, skips: 2}}
"""
    for group, demand in {
        "soon-second": "{evidence: {aal2: session}}",
        "soon-passkey": "{evidence: {phr: session}}",
        "soon-no-app": "{evidence: {aal2: session}, forbid: [totp]}",
    }.items()
)
"""What is demanded of some people at sign-in, and can be put off."""
INSTEAD = """
  - id: passkey-or-less
    on: newel.session:sign_in
    when: '"passkey-or-less" in subject.groups'
    require: {evidence: {phr: session}}
    fallback: {when: cannot_meet, require: {evidence: {aal1: session}}}
"""
"""What is demanded of some people at sign-in where they can give it."""
OWN = """
  - id: own-door
    on: newel.account:open
    when: '"own-door" in subject.groups'
    require: {evidence: {aal2: 5m}}
    because: your account lies behind a code
  - id: own-closed
    on: newel.account:add
    when: '"own-closed" in subject.groups && account.method == "passkey"'
    require: {deny: own-closed}
    because: passkeys are handed out by the help desk
"""
"""What is demanded of some people at their own account."""


def policy(folder: Path) -> Path:
    """The policy of test servers, with what can be put off, what less is taken for, and what one's own account demands."""
    file = folder / "policy.yaml"
    file.write_text(POLICY.read_text("utf-8") + SOON + INSTEAD + OWN, "utf-8")
    return file


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def place(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        landing() as origin,
        running(
            tmp_path_factory.mktemp("newel"), environment=SETTINGS, policy=policy(tmp_path_factory.mktemp("policy"))
        ) as started,
    ):
        server = Beside(started.folder, started.issuer, started.process, started.restart, started.http)
        client = server.client(redirect_uris=(f"{origin}/callback",))
        yield Site(server, client, origin, chromium)


@pytest.fixture
def site(place: Site) -> Iterator[Site]:
    """The site, which no page may have led to a third party, and in whose pages no policy was violated."""
    place.third_parties.clear()
    place.complaints.clear()
    yield place
    assert place.third_parties == []
    assert place.complaints == []


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    context = site.context()
    yield context.new_page()
    context.close()
