"""Guards, step-up challenges and safe resume for resource servers and clients of Newel.

The names an application starts with; everything else stands in the module named after its duty.
"""

from newel_sdk.challenge import Challenge, Unauthorized
from newel_sdk.claims import Claims
from newel_sdk.client import Client, ClientSecret
from newel_sdk.errors import NewelError
from newel_sdk.guard import Allowed, Demand, Denied, Guard, SqliteSpentStore
from newel_sdk.pdp import DecisionPoint
from newel_sdk.resume import Intents
from newel_sdk.verify import verify_access_token

__all__ = [
    "Allowed",
    "Challenge",
    "Claims",
    "Client",
    "ClientSecret",
    "DecisionPoint",
    "Demand",
    "Denied",
    "Guard",
    "Intents",
    "NewelError",
    "SqliteSpentStore",
    "Unauthorized",
    "verify_access_token",
]
