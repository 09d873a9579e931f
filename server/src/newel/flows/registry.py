"""The registry: which resources a client registered."""

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource that a client registered, with its properties."""

    id: str
    properties: Mapping[str, str] = field(default_factory=dict)


class Registry(Protocol):
    """What clients registered."""

    async def thing(self, client: str, resource: str, thing: str) -> Thing | None:
        """The resource of this type and id, as the client registered it."""

    async def things(self, client: str, resource: str, after: str, limit: int) -> list[Thing]:
        """A page of a client's resources of a type, by id, behind the id `after`."""
