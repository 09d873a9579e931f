"""The point: what the endpoints of this room need."""

from dataclasses import field

from newel.domain.client import Client
from newel.domain.value import dataclass
from newel.flows.counters import Counters
from newel.flows.ground import Grounds
from newel.flows.inquiry import Inquiry
from newel.flows.presented import Verified
from newel.flows.registry import Registry
from newel.pdp.caller import Callers
from newel.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The services, what clients registered, the counters, and what is remembered of callers, of tokens and of the policy."""

    services: Services
    registry: Registry
    counters: Counters
    callers: Callers = field(default_factory=Callers)
    verified: Verified = field(default_factory=Verified)
    grounds: Grounds = field(default_factory=Grounds)

    def inquiry(self, caller: Client) -> Inquiry:
        """One request of `caller`, now."""
        return Inquiry(
            services=self.services,
            registry=self.registry,
            verified=self.verified,
            caller=caller,
            policy=self.services.policy,
            grounds=self.grounds,
            now=self.services.now(),
            counters=self.counters,
        )
