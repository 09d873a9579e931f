"""How a policy comes into force: tests, proofs, what it makes weaker, whom it locks out; then one conditional statement.

Whatever is found stops it, unless it is accepted by its id with a reason. A failure changes nothing.
"""

import getpass
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newel.cli.opening import Open
from newel.cli.policy.accepted import accepted, add_accept
from newel.cli.policy.directory import people_of
from newel.cli.policy.files import FINDING, HOLDS
from newel.cli.policy.proving import add_seconds, solver
from newel.cli.refusal import Refusal
from newel.domain.snapshot import Activation
from newel.flows.policies import InForce, activate, in_force, kept, last_activation
from newel.policy.engine import Snapshot
from newel.policy.message import Source
from newel.policy.prove.audit import audit
from newel.policy.prove.diff import diff
from newel.policy.prove.invariants import prove
from newel.policy.prove.lockout import lock_outs
from newel.policy.prove.problem import Ask
from newel.policy.shipped import shipped
from newel.policy.testing import run_tests

SHORT = 12
MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """The snapshot that is to come into force, and its files."""

    made: Snapshot
    sources: Sequence[Source]


@dataclass(slots=True)
class Found:
    """What its own tests and invariants say against it, and what can be accepted, under ids; `checks` is all there was."""

    broken: list[tuple[str, ...]] = field(default_factory=list)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[str, object] = field(default_factory=dict)


def add_admission(parser: ArgumentParser) -> None:
    """Declare what every activation is asked."""
    parser.add_argument("--reason", required=True, help="why; it stays in the record")
    parser.add_argument("--author", default="", help="who (default: the name of your login)")
    add_accept(parser)
    add_seconds(parser)


async def admit(everything: Open, wanted: Wanted, options: Namespace) -> int:
    """Check `wanted` against the policy in force and bring it into force; 1 where something stands against it."""
    if not 0 < len(options.reason.strip()) <= MOST_REASON:
        raise Refusal("--reason says why in at most 500 characters")
    allowed = accepted(options)
    last, now_in_force = await last_activation(everything.store), await in_force(everything.store)
    if now_in_force is not None and now_in_force.snapshot.version == wanted.made.version and last is not None:
        print(f"{wanted.made.version[:SHORT]} is in force already, since activation {last.number}.")
        return HOLDS
    with solver(options) as ask:
        found = await _checked(everything, wanted.made, now_in_force, ask)
    if not _clear(found, allowed):
        return FINDING
    return await _activate(everything, wanted, options, found, allowed, last.number + 1 if last else 1)


def _clear(found: Found, allowed: Mapping[str, str]) -> bool:
    """Whether nothing stands against it; what does is printed."""
    for lines in found.broken:
        print("\n".join(lines))
    for name, lines in found.open.items():
        print("\n".join(lines))
        print(f"  accepted: {allowed[name]}" if name in allowed else "  not accepted")
    if found.broken:
        print("Its own tests and invariants do not hold; nothing was changed.")
        return False
    still = [name for name in found.open if name not in allowed]
    if still:
        names = " ".join(f'--accept {name}="…"' for name in still)
        stand = "1 finding stands" if len(still) == 1 else f"{len(still)} findings stand"
        print(f"{stand} against it; nothing was changed. To accept: {names}")
    return not still


async def _checked(everything: Open, made: Snapshot, before: InForce | None, ask: Ask) -> Found:
    found, document = Found(), made.document
    for result in run_tests(document):
        if not result.passed:
            found.broken.append((f"test fails: {result.name} ({result.place.file}:{result.place.line})",))
    verdicts = prove(document, ask, at=everything.now)
    for verdict in verdicts:
        if verdict.state != "proved":
            found.broken.append(verdict.lines())
    oddities = audit(document, ask, at=everything.now)
    found.open |= {each.id: each.lines() for each in oddities if each.grave}
    if before is not None:
        findings = diff(before.snapshot.document, document, ask, at=everything.now)
        found.open |= {each.id: each.lines() for each in findings if each.direction == "weaker"}
        for each in findings:
            if each.direction != "weaker":
                print("\n".join(each.lines()))
        found.checks["diff"] = {"against": before.snapshot.version, "findings": [each.as_json() for each in findings]}
    found.open |= await _locked_out(everything, made, before, ask)
    found.checks["tests"] = len(document.tests)
    found.checks["invariants"] = [verdict.as_json() for verdict in verdicts]
    found.checks["audit"] = [each.as_json() for each in oddities]
    return found


async def _locked_out(
    everything: Open, made: Snapshot, before: InForce | None, ask: Ask
) -> Mapping[str, tuple[str, ...]]:
    """Lock-outs that are new with this policy."""
    people = await people_of(everything.store, made.document)
    if not people:
        return {}
    old = shipped() if before is None else before.snapshot
    known = {each.id for each in lock_outs(old.document, people, ask, at=everything.now).found}
    now = lock_outs(made.document, people, ask, at=everything.now)
    return {each.id: each.lines() for each in now.found if each.id not in known}


async def _activate(
    everything: Open,
    wanted: Wanted,
    options: Namespace,
    found: Found,
    allowed: Mapping[str, str],
    number: int,
) -> int:
    author = options.author or _login()
    used = {name: reason for name, reason in allowed.items() if name in found.open}
    keeping = kept(wanted.made, wanted.sources, author=author, now=everything.now, checks=found.checks)
    activation = Activation(
        number=number,
        version=wanted.made.version,
        author=author,
        reason=options.reason.strip(),
        at=everything.now,
        accepted=used,
    )
    if not await activate(everything.store, keeping, activation):
        raise Refusal("another policy came into force meanwhile, and nothing was changed; run the command again")
    print(f"{wanted.made.document.name} {wanted.made.version[:SHORT]} is in force: activation {number}.")
    return HOLDS


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
