"""The registry as it is stored, in a table of its own."""

from newel.flows.registry import Thing
from newel.storage.base import Store
from newel.storage.sql.registrations import Registration, registration, registrations


class StoreRegistry:
    """A `flows.registry.Registry`; a resource is one look-up by its key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def thing(self, client: str, resource: str, thing: str) -> Thing | None:
        """The resource of this type and id, as the client registered it."""
        found = await self._store.one(registration(client, resource, thing))
        return None if found is None else _thing(found)

    async def things(self, client: str, resource: str, after: str, limit: int) -> list[Thing]:
        """A page of a client's resources of a type, by id, behind the id `after`."""
        found = await self._store.all(registrations(client, resource, after, limit))
        return [_thing(each) for each in found]


def _thing(found: Registration) -> Thing:
    return Thing(id=found.id, properties=found.properties)
