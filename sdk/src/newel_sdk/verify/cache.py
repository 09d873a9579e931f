"""Verified claims by the token's own bytes: bounded, least recently used first out, gone when the keys move.

Only what never changes is remembered: acr, age, audience, life and revocation are looked at on every call (S27).
"""

from collections import OrderedDict

from newel_sdk.claims import Claims


class TokenCache:
    """At most `size` verified tokens of one generation of keys."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._claims: OrderedDict[str, Claims] = OrderedDict()
        self._generation = 0

    def __len__(self) -> int:
        return len(self._claims)

    def get(self, token: str, generation: int) -> Claims | None:
        """Return what this token was verified to say under this generation of keys."""
        if generation != self._generation:
            self._claims.clear()
            self._generation = generation
        claims = self._claims.get(token)
        if claims is not None:
            try:
                self._claims.move_to_end(token)
            except KeyError:  # pragma: no cover - another thread dropped it; the claims in hand are still verified
                return claims
        return claims

    def put(self, token: str, claims: Claims, generation: int) -> None:
        """Remember a verified token; drops the one unused longest when there is no room."""
        if self._size < 1 or generation != self._generation:
            return
        self._claims[token] = claims
        if len(self._claims) > self._size:
            self._claims.popitem(last=False)

    def drop(self, token: str) -> None:
        """Forget a token that has expired."""
        self._claims.pop(token, None)
