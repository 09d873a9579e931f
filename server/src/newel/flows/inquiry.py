"""Inquiry: one request of a resource server, what it asks, and what was looked up for it already."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from newel.domain.client import Client
from newel.domain.errors import UnauthorizedClient
from newel.flows.counters import Counters
from newel.flows.decide import Person
from newel.flows.ground import Ground, Grounds
from newel.flows.known import known_person
from newel.flows.presented import Presented, Verified, present
from newel.flows.registry import Registry, Thing
from newel.policy.base import Policy
from newel.services import Services


class Unregistered(UnauthorizedClient):
    """The caller is not registered for this type of resource: 403, as AuthZEN Authorization API 1.0 answers such a caller."""

    status = 403


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May `subject` do `action` to `thing`, a resource of type `resource`?

    `stated` holds the caller's values by path, `properties` those of the resource as they came. The token is the person's; `reservation` is the key under which counters are to be kept.
    """

    resource: str
    thing: str
    action: str
    subject: str
    subject_type: str = ""
    stated: Mapping[str, Any] = {}
    properties: Mapping[str, Any] = {}
    unverified_token: str | None = None
    reservation: str | None = None

    @property
    def target(self) -> str:
        """The policy's target."""
        return f"{self.resource}:{self.action}"

    @property
    def named(self) -> Mapping[str, str]:
        """The types, ids and names of the request, by path."""
        return {
            "subject.type": self.subject_type,
            "resource.type": self.resource,
            "resource.id": self.thing,
            "action.name": self.action,
        }

    def digest(self) -> bytes:
        """SHA-256 (32 bytes) of everything that is asked, apart from the token that shows who asks."""
        asked = (self.target, self.thing, self.subject, sorted(self.named.items()), self.stated)
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


class Inquiry(msgspec.Struct, kw_only=True):
    """Who asks, when, and by which policy all of it is decided. Whatever it looks up it looks up once."""

    services: Services
    registry: Registry
    verified: Verified
    caller: Client
    policy: Policy
    grounds: Grounds
    counters: Counters
    now: int
    _shown: dict[str, Presented | None] = {}
    _persons: dict[str, Person | None] = {}

    def ground(self, resource: str, action: str) -> Ground:
        """What the policy says about the facts of an action."""
        return self.grounds.at(self.policy, resource, action)

    def states(self, resource: str) -> bool:
        """Whether the caller is registered for this type of resource: it may state facts, reserve, search and ask about anybody."""
        return resource in self.caller.states

    def check_reserves(self, resource: str) -> None:
        """Unregistered where the caller may not count anything against anybody at this type of resource."""
        if not self.states(resource):
            raise Unregistered(
                "a reservation needs a client registered for this type of resource: newel client change CLIENT --states TYPE"
            )

    async def shown(self, unverified_token: str) -> Presented | None:
        """What the person's token shows to the caller."""
        if unverified_token in self._shown:
            return self._shown[unverified_token]
        shown = await present(self.services, self.verified, self.caller, unverified_token, self.now)
        self._shown[unverified_token] = shown
        return shown

    async def person(self, resource: str, subject: str) -> Person | None:
        """Who has this id in the directory; None where the caller is not registered for this type of resource.

        Whoever is not registered learns of a person only what that person's token shows.
        """
        if not self.states(resource):
            return None
        if subject not in self._persons:
            self._persons[subject] = await known_person(self.services, subject)
        return self._persons[subject]

    async def thing(self, resource: str, thing: str) -> Thing | None:
        """A resource as the caller registered it; None where it may not state facts about its type."""
        if not self.states(resource):
            return None
        return await self.registry.thing(self.caller.id, resource, thing)
