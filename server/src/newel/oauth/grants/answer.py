"""The members of a token answer (RFC 6749 section 5.1, RFC 9396 section 7)."""

from typing import Any

from newel.flows.issue import bound_entry
from newel.flows.redeem import Tokens


def answer(tokens: Tokens) -> dict[str, Any]:
    """The JSON members for these tokens."""
    issued = tokens.issued
    return {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
        **({"id_token": issued.id_token} if issued.id_token else {}),
        **({"refresh_token": tokens.refresh_token} if tokens.refresh_token else {}),
        **({"authorization_details": [bound_entry(issued.elevation)]} if issued.elevation else {}),
    }
