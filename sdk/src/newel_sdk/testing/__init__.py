"""For an application's own tests: tokens of any strength in process, and a whole authorization server without a socket."""

from newel_sdk.testing.authorization_server import AuthorizationServer
from newel_sdk.testing.decision_point import SimulatedPoint, deny, permit, step_up
from newel_sdk.testing.issuer import Issuer

__all__ = ["AuthorizationServer", "Issuer", "SimulatedPoint", "deny", "permit", "step_up"]
