"""What stands before a route: is the token believed, is its evidence enough, does its approval fit this very action."""

from newel_sdk.guard.asking import Around, enforce
from newel_sdk.guard.check import ActionCheck, Check, Facts, Parsed, RouteCheck
from newel_sdk.guard.core import Guard
from newel_sdk.guard.outcome import Allowed, Demand, Denied, Outcome
from newel_sdk.guard.policy import PolicyCheck
from newel_sdk.guard.spent import MemorySpentStore, SpentStore, SqliteSpentStore

__all__ = [
    "ActionCheck",
    "Allowed",
    "Around",
    "Check",
    "Demand",
    "Denied",
    "Facts",
    "Guard",
    "MemorySpentStore",
    "Outcome",
    "Parsed",
    "PolicyCheck",
    "RouteCheck",
    "SpentStore",
    "SqliteSpentStore",
    "enforce",
]
