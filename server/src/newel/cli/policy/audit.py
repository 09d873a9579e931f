"""`newel policy audit POLICY`: rules that do nothing, targets below their minimum, demands nobody can meet.

With `--directory` also who, of the people and authenticators in the database, could not comply.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence

from newel.cli.arguments import add_config, add_json
from newel.cli.opening import Open, run_open
from newel.cli.policy.accepted import accepted, add_accept, tell_unmatched
from newel.cli.policy.directory import people_of
from newel.cli.policy.files import FINDING, HOLDS, add_policy, read_at
from newel.cli.policy.locking import lock_outs_json, print_lock_outs
from newel.cli.policy.proving import add_seconds, now, solver
from newel.cli.printing import count, print_json
from newel.policy.prove.alike import Person
from newel.policy.prove.audit import Oddity, audit
from newel.policy.prove.locked import LockOuts
from newel.policy.prove.lockout import lock_outs
from newel.policy.read.document import ReadPolicy

SHOWN = 3
"""Targets that a terminal shows of what is not known for one reason."""


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    parser.add_argument("--directory", action="store_true", help="also look for people who could not comply")
    parser.add_argument("--strict", action="store_true", help="1 where anything at all was found and is not accepted")
    add_config(parser)
    add_accept(parser)
    add_seconds(parser, "each of its steps")
    add_json(parser)


def run(options: Namespace) -> int:
    """Look; 1 where something grave, or a lock-out, is not accepted; where anything is not, if that is asked."""
    found = read_at(options.policy, options)
    document = found.document
    allowed = accepted(options)
    people = list[Person]()

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
    counting = [each.id for each in oddities if each.grave or options.strict] + [each.id for each in locked.found]
    still = [name for name in counting if name not in allowed]
    notes = (*found.warnings, *found.notes)
    noted = len(notes) + len(locked.unknown) if options.strict else 0
    holds = not still and not noted
    if options.json:
        print_json(
            {
                "holds": holds,
                "policy": found.document.name,
                "findings": [{**each.as_json(), "accepted": allowed.get(each.id)} for each in oddities],
                **lock_outs_json(locked, allowed),
                "warnings": [each.as_json() for each in found.warnings],
                "notes": [each.as_json() for each in found.notes],
            }
        )
        return HOLDS if holds else FINDING
    for lines in told_shortly(oddities):
        print("\n".join(lines), end="\n\n")
    for note in notes:
        print(f"note: {note}", end="\n\n")
    print_lock_outs(locked, allowed)
    counted = f"{count(len(oddities), 'finding')}, {count(len(locked.found), 'lock-out')}"
    print(f"{counted}; {len(still)} of them stand against this policy.")
    if noted:
        print(f"{count(noted, 'note')} beside them, which --strict lets stand against it, too.")
    return HOLDS if holds else FINDING


def told_shortly(oddities: Sequence[Oddity]) -> Iterator[Sequence[str]]:
    """The lines of each; of what is not known of many targets for one reason, the first ones and how many more."""
    known = [each for each in oddities if each.kind != "unknown"]
    untold: dict[str, list[Oddity]] = {}
    for each in oddities:
        if each.kind == "unknown":
            untold.setdefault(each.what.removeprefix(f"{each.targets[0]}: "), []).append(each)
    yield from (each.lines() for each in known)
    for why, alike in untold.items():
        yield from (each.lines() for each in alike[:SHOWN])
        if len(alike) > SHOWN:
            yield (f"unknown, too, of {len(alike) - SHOWN} more targets: {why}", "  --json names each with its id")
