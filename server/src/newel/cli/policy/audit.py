"""`newel policy audit POLICY`: rules that do nothing, targets below their minimum, demands nobody can meet.

With `--directory` also who, of the people and authenticators in the database, could not comply.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.accepted import accepted, add_accept, tell_unmatched
from newel.cli.policy.directory import people_of
from newel.cli.policy.files import FINDING, HOLDS, add_policy, read_at
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.printing import count, print_json
from newel.policy.prove.audit import Oddity, audit
from newel.policy.prove.lockout import LockOuts, Person, lock_outs
from newel.policy.read.document import ReadPolicy


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    parser.add_argument("--directory", action="store_true", help="also look for people who could not comply")
    add_config(parser)
    add_accept(parser)
    add_seconds(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Look; 1 where something grave, or a lock-out, is not accepted."""
    found = read_at(options.policy, options)
    document = found.document
    allowed = accepted(options)
    people: list[Person] = []

    async def collect(everything: Open) -> int:
        people.extend(await people_of(everything.store, document))
        return 0

    if options.directory:
        run_open(options.config, collect)
    with solver(options) as ask:
        oddities = audit(document, ask, at=now())
        locked = lock_outs(document, people, ask, at=now()) if people else LockOuts(found=())
    tell_unmatched(allowed, {*(each.id for each in oddities), *(each.id for each in locked.found)})
    return _told(found, oddities, locked, allowed, options)


def _told(
    found: ReadPolicy,
    oddities: tuple[Oddity, ...],
    locked: LockOuts,
    allowed: Mapping[str, str],
    options: Namespace,
) -> int:
    graves = [each.id for each in oddities if each.grave] + [each.id for each in locked.found]
    still = [name for name in graves if name not in allowed]
    if options.json:
        print_json(
            {
                "holds": not still,
                "policy": found.document.name,
                "findings": [{**each.as_json(), "accepted": allowed.get(each.id)} for each in oddities],
                "lock_outs": [{**each.as_json(), "accepted": allowed.get(each.id)} for each in locked.found],
                "lock_outs_later": [each.as_json() for each in locked.later],
                "notes": [each.as_json() for each in found.notes],
                "not_told": [{"target": target, "reason": why} for target, why in locked.unknown],
            }
        )
        return FINDING if still else HOLDS
    for lines in [*(each.lines() for each in oddities), *(each.lines() for each in (*locked.found, *locked.later))]:
        print("\n".join(lines), end="\n\n")
    for note in found.notes:
        print(f"note: {note}", end="\n\n")
    for target, why in locked.unknown:
        print(f"who is locked out of {target} could not be told: {why}")
    counted = f"{count(len(oddities), 'finding')}, {count(len(locked.found), 'lock-out')}"
    print(f"{counted}; {len(still)} of them stand against this policy.")
    return FINDING if still else HOLDS
