"""Safe resume of an interrupted POST (S16): the intent belongs to the browser, person and session that made it."""

from newel_sdk.resume.intent import Intent
from newel_sdk.resume.intents import IntentCookie, Intents
from newel_sdk.resume.origin import same_origin
from newel_sdk.resume.refusal import Refusal
from newel_sdk.resume.store import IntentStore, MemoryIntentStore, SealedIntent, SqliteIntentStore

__all__ = [
    "Intent",
    "IntentCookie",
    "IntentStore",
    "Intents",
    "MemoryIntentStore",
    "Refusal",
    "SealedIntent",
    "SqliteIntentStore",
    "same_origin",
]
