"""Grants: what an authorization code or a refresh family stands for."""

from collections.abc import Mapping
from dataclasses import field

from newel.domain.action import Action
from newel.domain.evidence import Evidence
from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Elevation:
    """A bound action that the person approved: object A, its digest (32 bytes), and how it was bound."""

    action: Action
    digest: bytes
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What tokens may be issued for.

    `family` names the refresh family and everything issued from it; `evidence` is the snapshot at the code's issue,
    from which acr, amr and auth_time are derived anew each time and can only fall (S06); `max_age` in seconds.
    """

    family: str
    subject: str
    client_id: str
    session: str
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    issued_at: int
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    interaction: str | None = None
    elevation: Elevation | None = None
    claims_userinfo: tuple[str, ...] = ()
    claims_id_token: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrant:
    """A grant waiting behind an authorization code, with what its redemption must match.

    `policy` is the version that decided it, from `facts`: another one in force at the redemption decides anew. `life` is
    the most seconds of an access token that it demanded.
    """

    grant: Grant
    redirect_uri: str
    nonce: str | None
    code_challenge: str | None
    policy: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    life: int | None = None
