"""Where each page answers: GET shows, POST acts."""

from collections.abc import Awaitable, Callable, Mapping

from newel.http.request import Request
from newel.http.responses import Response
from newel.web.account import add_way, change_way, show_account
from newel.web.desk import Desk
from newel.web.health import healthz, readyz
from newel.web.interaction import choose_way, not_you, post_interaction, show_interaction, show_ways, show_why
from newel.web.sign_out import ask_again, post_sign_out, show_sign_out
from newel.web.sign_up import begin_address, show_address
from newel.web.well_known import change_password, passkey_endpoints

Endpoint = Callable[[Desk, Request], Awaitable[Response]]

PAGES: tuple[tuple[str, Mapping[str, Endpoint]], ...] = (
    ("/i/{id}", {"GET": show_interaction, "POST": post_interaction}),
    ("/i/{id}/ways", {"GET": show_ways, "POST": choose_way}),
    ("/i/{id}/why", {"GET": show_why}),
    ("/i/{id}/not-you", {"GET": not_you}),
    ("/i/{id}/again", {"POST": ask_again}),
    ("/account", {"GET": show_account, "POST": change_way}),
    ("/account/add/{method}", {"GET": add_way}),
    ("/sign-up/{token}", {"GET": show_address, "POST": begin_address}),
    ("/sign-out", {"GET": show_sign_out, "POST": post_sign_out}),
    ("/.well-known/change-password", {"GET": change_password}),
    ("/.well-known/passkey-endpoints", {"GET": passkey_endpoints}),
)

HEALTH: tuple[tuple[str, Mapping[str, Endpoint]], ...] = (
    ("/healthz", {"GET": healthz}),
    ("/readyz", {"GET": readyz}),
)
"""What probes ask: never counted against an address."""
