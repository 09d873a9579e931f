"""An authorization request after every check: the frozen value that all later steps read."""

from enum import StrEnum

from newel.domain.action import ActionRequest
from newel.domain.value import dataclass


class Prompt(StrEnum):
    """OpenID Connect Core 3.1.2.1 `prompt`."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A validated request of one client.

    `acr_values` are the known ones asked for, in order; `acr_best_effort` says that what was proven will do where they
    cannot be met; `max_age` in seconds; `hint_subject` is the subject of a verified id_token_hint; `pushed` names the request_uri it
    came by, which its completion uses up.
    """

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    acr_values: tuple[str, ...] = ()
    acr_best_effort: bool = False
    max_age: int | None = None
    prompt: frozenset[Prompt] = frozenset()
    login_hint: str | None = None
    hint_subject: str | None = None
    ui_locales: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    action: ActionRequest | None = None
    pushed: str | None = None
    auth_time_asked: bool = False
    claims_userinfo: tuple[str, ...] = ()
    claims_id_token: tuple[str, ...] = ()

    @property
    def fresh_only(self) -> bool:
        """Whether only events of this interaction count (`prompt=login`, `max_age=0`)."""
        return Prompt.LOGIN in self.prompt or self.max_age == 0
