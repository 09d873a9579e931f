"""The registry as it is stored: what a client may state stands in its registration, its resources in their own table."""

from newel.flows.known import known_client
from newel.flows.registry import Thing
from newel.services import Services
from newel.storage.sql.registrations import Registration, registration, registrations


class StoreRegistry:
    """A `flows.registry.Registry`. Clients are remembered by epoch; a resource is one look-up by its key."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def states(self, client: str, resource: str) -> bool:
        """Whether a client may state facts about resources of a type."""
        found = await known_client(self._services, client)
        return found is not None and resource in found.states

    async def thing(self, client: str, resource: str, thing: str) -> Thing | None:
        """The resource of this type and id, as the client registered it."""
        found = await self._services.store.one(registration(client, resource, thing))
        return None if found is None else _thing(found)

    async def things(self, client: str, resource: str, after: str, limit: int) -> list[Thing]:
        """A page of a client's resources of a type, by id, behind the id `after`."""
        found = await self._services.store.all(registrations(client, resource, after, limit))
        return [_thing(each) for each in found]


def _thing(found: Registration) -> Thing:
    return Thing(id=found.id, properties=found.properties)
