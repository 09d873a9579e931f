"""Lock-outs as commands print them: who could not comply, by group."""

from collections.abc import Mapping
from typing import Any

from newel.policy.prove.locked import LockOuts


def print_lock_outs(locked: LockOuts, allowed: Mapping[str, str]) -> None:
    """Print all of them, what comes when a grace ends, and where it could not be told."""
    for each in (*locked.found, *locked.later):
        print("\n".join(each.lines()))
        if each.id in allowed:
            print(f"  accepted: {allowed[each.id]}")
        print()
    for line in untold(locked):
        print(line)


def untold(locked: LockOuts) -> tuple[str, ...]:
    """Of which targets it is not known who is locked out, and why."""
    return tuple(f"who is locked out of {target} could not be told: {why}" for target, why in locked.unknown)


def lock_outs_json(locked: LockOuts, allowed: Mapping[str, str]) -> Mapping[str, Any]:
    """All of it for a machine."""
    return {
        "lock_outs": [{**each.as_json(), "accepted": allowed.get(each.id)} for each in locked.found],
        "lock_outs_later": [each.as_json() for each in locked.later],
        "not_told": not_told(locked),
    }


def not_told(locked: LockOuts) -> list[Mapping[str, str]]:
    """The same of what is not known."""
    return [{"target": target, "reason": why} for target, why in locked.unknown]
