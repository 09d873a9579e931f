"""A moment and an account for the tests of factors: random bytes that count up, so that every run is the same."""

import hashlib
from collections.abc import Callable
from itertools import count
from typing import Any

from newel.crypto.vault import Vault
from newel.factors.base import Account, Context

NOW = 1_790_000_000
ORIGIN = "https://login.example"
VAULT = Vault({"k1": bytes(32)}, "k1")
ALEX = Account(id="subject-alex", name="alex@example.com", display="Alex Doe")


def counting() -> Callable[[int], bytes]:
    """Random bytes that are always the same and never repeat."""
    drawn = count()
    return lambda length: hashlib.shake_128(next(drawn).to_bytes(8, "big")).digest(length)


def moment(**more: Any) -> Context:
    """A context at NOW, with `more` changed."""
    told: dict[str, Any] = {
        "now": NOW,
        "random": counting(),
        "rp_id": "login.example",
        "origin": ORIGIN,
        "rp_name": "Acme Bank",
        "interaction": "interaction-1",
        "event_id": "event-1",
        "vault": VAULT,
    }
    return Context(**(told | more))
