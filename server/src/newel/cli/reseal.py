"""Sealing anew what older master keys sealed: signing keys and the secret material of authenticators (S32).

Each value is replaced only while it is still what was read, so the command may run beside a server and be repeated.
"""

import os

from newel.cli.opening import Open
from newel.cli.signing import seal
from newel.crypto.vault import sealed_under
from newel.domain.change import ReplaceMaterial
from newel.domain.evidence import Authenticator
from newel.factors.table import FACTORS, opened, sealed
from newel.flows.known import SIGNING_KEY
from newel.storage.base import Committed, Statement, Unit
from newel.storage.sql.authenticators import apply_change, authenticators_of
from newel.storage.sql.keys import reseal_key, signing_keys
from newel.storage.sql.subjects import subjects

PAGE = 500


async def reseal(everything: Open) -> tuple[int, int]:
    """How many values were sealed anew, and how many had changed meanwhile and were left."""
    replacements = await _signing_keys(everything)
    done = raced = 0
    for replacement in replacements:
        won = await _replaced(everything, replacement)
        done, raced = done + won, raced + (not won)
    after = ""
    while page := await everything.store.all(subjects(after=after, limit=PAGE)):
        after = page[-1].id
        for subject in page:
            for held in await everything.store.all(authenticators_of(subject.id)):
                if _outdated(everything, held):
                    won = await _replaced(everything, _material(everything, held))
                    done, raced = done + won, raced + (not won)
    return done, raced


async def _signing_keys(everything: Open) -> list[Statement]:
    vault = everything.vault
    found = []
    for key in await everything.store.all(signing_keys()):
        if sealed_under(key.sealed_private) != vault.current:
            private = vault.open(SIGNING_KEY, key.sealed_private, associated=(key.kid,))
            found.append(reseal_key(key.kid, key.sealed_private, seal(vault, key.kid, private)))
    return found


def _outdated(everything: Open, held: Authenticator) -> bool:
    return FACTORS[held.method].secret_material and sealed_under(held.material) != everything.vault.current


def _material(everything: Open, held: Authenticator) -> Statement:
    """The replacement of an authenticator's material, which leaves the time of its last use as it is."""
    anew = sealed(opened(held, everything.vault), everything.vault, nonce=os.urandom(12))
    change = ReplaceMaterial(held.id, held.material, anew.material)
    return apply_change(held.subject, change, held.last_used_at)


async def _replaced(everything: Open, replacement: Statement) -> bool:
    return isinstance(await everything.store.commit(Unit((replacement,))), Committed)
