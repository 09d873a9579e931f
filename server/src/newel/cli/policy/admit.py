"""How a policy comes into force: tests, proofs, what it makes weaker, whom it locks out; then one conditional statement.

Whatever is found stops it, unless it is accepted by its id with a reason. A failure changes nothing. What it would have
asked of the last requests is told before it decides, and stops nothing. A dry run does the same up to that statement.
"""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newel.cli.opening import Open
from newel.cli.policy.accepted import accepted, add_accept, tell_unmatched
from newel.cli.policy.directory import people_of
from newel.cli.policy.files import BAD_INPUT, FINDING, HOLDS
from newel.cli.policy.locking import not_told, untold
from newel.cli.policy.mending import is_damaged, mended
from newel.cli.policy.proving import add_seconds, solver
from newel.cli.policy.replaying import replayed
from newel.cli.policy.told import Told
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.flows.policies import InForce, activate, in_force, kept, last_activation
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.prove.audit import audit
from newel.policy.prove.diff import diff
from newel.policy.prove.invariants import prove
from newel.policy.prove.locked import LockOuts
from newel.policy.prove.lockout import locked_anew
from newel.policy.prove.problem import Ask
from newel.policy.shipped import shipped
from newel.policy.testing import run_tests
from newel.storage.sql.snapshots import DamagedActivation

SHORT = 12
MOST_REASON = 500
MOST_AUTHOR = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The snapshot that is to come into force, and its files."""

    made: Snapshot
    sources: Sequence[Source]


UNREADABLE = "unreadable"
NOT_COMPARED = "the policy in force cannot be read, so what this one makes weaker cannot be told"


@dataclass(slots=True)
class Found:
    """What its own tests and invariants say against it; what can be accepted, under ids; where it asks for more.

    `untold` is where it is not known who is locked out. It and `replay` are told and stand against nothing. `checks` is
    what is kept of it all.
    """

    broken: list[Told] = field(default_factory=list)
    open: dict[str, Told] = field(default_factory=dict)
    more: list[Told] = field(default_factory=list)
    untold: list[Told] = field(default_factory=list)
    replay: Told | None = None
    checks: dict[str, object] = field(default_factory=dict)


def add_admission(parser: ArgumentParser) -> None:
    """Declare what every activation is asked."""
    parser.add_argument("--reason", help="why; it stays in the record (needed but for --dry-run)")
    parser.add_argument("--author", default="", help="who (default: the name of your login)")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
    add_accept(parser)
    add_seconds(parser, "each of its steps")


async def admit(everything: Open, wanted: Wanted, options: Namespace) -> int:
    """Check `wanted` against the policy in force and bring it into force; 1 where something stands against it."""
    _check(options)
    allowed = accepted(options)
    last, before = await last_activation(everything.store), await in_force(everything.store)
    if isinstance(last, DamagedActivation):
        print(f"the row of activation {last.number} is damaged: who brought it into force is lost", file=sys.stderr)
    if last is not None and last.version == wanted.made.version:
        return await _again(everything, wanted, options, allowed, last.number)
    with solver(options) as ask:
        found = await _checked(everything, wanted.made, last, before, ask)
    tell_unmatched(allowed, found.open)
    if not found.broken:
        document = (shipped() if before is None else before.snapshot).document
        found.replay = await replayed(everything, document, wanted.made.document)
        found.checks["replay"] = found.replay.tree
    if not options.json:
        _print(found, allowed)
    if found.broken or set(found.open) - set(allowed):
        if options.json:
            _print_json(wanted, found, allowed, options, activation=None, changed=False)
        return FINDING
    number = last.number + 1 if last else 1
    if not options.dry_run:
        await _activate(everything, wanted, options, found, allowed, number)
    if options.json:
        _print_json(wanted, found, allowed, options, activation=number, changed=not options.dry_run)
    else:
        named = f"{wanted.made.document.name} {wanted.made.version[:SHORT]}"
        would = f"nothing was changed: {named} would come into force as activation {number}."
        print(would if options.dry_run else f"{named} is in force: activation {number}.")
    return HOLDS


def _check(options: Namespace) -> None:
    """Refusal where who and why cannot be kept; a dry run keeps neither."""
    reason = options.reason or ""
    unsaid = options.reason is None and options.dry_run
    if not unsaid and not (0 < len(reason.strip()) <= MOST_REASON and reason.isprintable()):
        raise Refusal(f"--reason says why, in at most {MOST_REASON} printable characters", code=BAD_INPUT)
    if len(options.author) > MOST_AUTHOR or not options.author.isprintable():
        raise Refusal(f"--author has at most {MOST_AUTHOR} printable characters", code=BAD_INPUT)


async def _again(everything: Open, wanted: Wanted, options: Namespace, allowed: Mapping[str, str], number: int) -> int:
    """What is in force already stays so; its row is mended where it was damaged."""
    if options.dry_run:
        mending = await is_damaged(everything, wanted.made.version)
    else:
        mending = await mended(everything, _kept(everything, wanted, options, Found()), reason=options.reason.strip())
    if options.json:
        _print_json(wanted, Found(), allowed, options, activation=number, changed=mending and not options.dry_run)
        return HOLDS
    short = wanted.made.version[:SHORT]
    if mending:
        print(
            f"the row of snapshot {short} {'is damaged and would be' if options.dry_run else 'was damaged; it is'} mended."
        )
    print(f"{short} is in force already, since activation {number}.")
    return HOLDS


def _print(found: Found, allowed: Mapping[str, str]) -> None:
    """What was found, and what stands against it."""
    for each in (*found.more, *found.untold, *found.broken):
        print("\n".join(each.lines))
    if found.replay is not None:
        print("\n".join(found.replay.lines))
    for name, each in found.open.items():
        print("\n".join(each.lines))
        print(f"  accepted: {allowed[name]}" if name in allowed else "  not accepted")
    if found.broken:
        print("Its own tests and invariants do not hold; nothing was changed.")
        return
    still = [name for name in found.open if name not in allowed]
    if still:
        names = " ".join(f'--accept {name}="…"' for name in still)
        stand = "1 finding stands" if len(still) == 1 else f"{len(still)} findings stand"
        print(f"{stand} against it; nothing was changed. To accept: {names}")


def _print_json(
    wanted: Wanted,
    found: Found,
    allowed: Mapping[str, str],
    options: Namespace,
    *,
    activation: int | None,
    changed: bool,
) -> None:
    """All of it for a machine; `activation` is the number it has, or would have after a dry run."""
    print_json(
        {
            "holds": activation is not None,
            "changed": changed,
            "dry_run": options.dry_run,
            "name": wanted.made.document.name,
            "version": wanted.made.version,
            "activation": activation,
            "broken": [each.tree for each in found.broken],
            "findings": [{**each.tree, "accepted": allowed.get(name)} for name, each in found.open.items()],
            "more": [each.tree for each in found.more],
            "not_told": [each.tree for each in found.untold],
            "replay": None if found.replay is None else found.replay.tree,
        }
    )


async def _checked(
    everything: Open, made: Snapshot, last: Activation | None, before: InForce | None, ask: Ask
) -> Found:
    found, document = Found(), made.document
    for result in run_tests(document):
        if not result.passed:
            place = {"file": result.place.file, "line": result.place.line}
            text = f"test fails: {result.name} ({result.place.file}:{result.place.line})"
            found.broken.append(Told((text,), {"test": result.name, "place": place}))
    verdicts = prove(document, ask, at=everything.now)
    found.broken += [Told(each.lines(), each.as_json()) for each in verdicts if each.state != "proved"]
    oddities = audit(document, ask, at=everything.now)
    found.open |= {each.id: Told(each.lines(), each.as_json()) for each in oddities if each.grave}
    if before is not None:
        findings = diff(before.snapshot.document, document, ask, at=everything.now)
        for each in findings:
            told = Told(each.lines(), each.as_json())
            if each.direction == "weaker":
                found.open[each.id] = told
            else:
                found.more.append(told)
        found.checks["diff"] = {"against": before.snapshot.version, "findings": [each.as_json() for each in findings]}
    elif last is not None:
        found.open[UNREADABLE] = Told(
            (f"unreadable [{UNREADABLE}] {NOT_COMPARED}",), {"id": UNREADABLE, "what": NOT_COMPARED}
        )
    locked = await _locked_out(everything, made, before, ask)
    found.open |= {each.id: Told(each.lines(), each.as_json()) for each in locked.found}
    found.more += [Told(each.lines(), each.as_json()) for each in locked.later]
    found.untold += map(Told, ((line,) for line in untold(locked)), not_told(locked))
    found.checks["tests"] = len(document.tests)
    found.checks["invariants"] = [verdict.as_json() for verdict in verdicts]
    found.checks["audit"] = [each.as_json() for each in oddities]
    return found


async def _locked_out(everything: Open, made: Snapshot, before: InForce | None, ask: Ask) -> LockOuts:
    """Lock-outs of people whom the policy in force does not lock out by the same rules."""
    people = await people_of(everything.store, made.document)
    old = shipped() if before is None else before.snapshot
    return locked_anew(old.document, made.document, people, ask, at=everything.now)


async def _activate(
    everything: Open,
    wanted: Wanted,
    options: Namespace,
    found: Found,
    allowed: Mapping[str, str],
    number: int,
) -> None:
    keeping = _kept(everything, wanted, options, found)
    await mended(everything, keeping, reason=options.reason.strip())
    activation = Activation(
        number=number,
        version=wanted.made.version,
        author=keeping.author,
        reason=options.reason.strip(),
        at=everything.now,
        accepted={name: reason for name, reason in allowed.items() if name in found.open},
    )
    if not await activate(everything.store, keeping, activation):
        raise Refusal("another policy came into force meanwhile, and nothing was changed; run the command again")


def _kept(everything: Open, wanted: Wanted, options: Namespace, found: Found) -> KeptSnapshot:
    author = options.author or _login()
    return kept(wanted.made, wanted.sources, author=author, now=everything.now, checks=found.checks)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
