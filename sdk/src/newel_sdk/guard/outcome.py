"""What a guard answers: values with reasons, never exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims, Elevation
from newel_sdk.guard.spent import SpentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What an action asks for beyond its route: a class, its greatest age in seconds, an approval of exactly this."""

    acr: str | None = None
    max_age: int | None = None
    bind: bool = False
    because: str = ""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


# A named tuple, since one is made on every call: a frozen dataclass would cost a third of the guard's whole time.
class Allowed(NamedTuple):
    """The route may go on, and for an action execute `fields` and nothing else.

    `reservation` is the key under which the decision point counts it.
    """

    claims: Claims
    elevation: Elevation | None = None
    fields: Mapping[str, Any] = _NOTHING
    facts: Mapping[str, Any] = _NOTHING
    unspent_key: str | None = None
    reservation: str | None = None

    def spend(self, store: SpentStore) -> bool:
        """Spend the approval inside the effect's own transaction (`spend="effect"`); False: used before, roll back.

        Without an approval, or when the guard spent it already, there is nothing to spend and the answer is True.
        """
        if self.unspent_key is None or self.elevation is None:
            return True
        return store.spend(self.unspent_key, self.elevation.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The policy says no, and nothing that the person could prove would change it.

    `no_way`: because of what the person has enrolled. `because` is then for a log; say it to the person in other words.
    """

    because: str
    no_way: bool = False


Outcome = Allowed | Challenge | Unauthorized | Denied
