"""The access token of a request (RFC 6750 section 2.1): in the Authorization header, nowhere else, once."""

from collections.abc import Sequence

from newel_sdk.errors import InputRefused


def bearer_token(authorization: Sequence[str]) -> str | None:
    """Return the bearer token of a request's Authorization headers, None without one; raises InputRefused for two."""
    if not authorization:
        return None
    if len(authorization) > 1:
        raise InputRefused("two Authorization headers")
    scheme, _, token = authorization[0].partition(" ")
    return token.strip(" ") or None if scheme.lower() == "bearer" else None
