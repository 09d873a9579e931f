"""`newel bench flow|seed`: what a complete step-up costs, measured from outside on a server of its own or on yours.

One flow is what a browser and its client do: /authorize, which answers with the page that asks, the page's form with a
one-time code, and the code's exchange for an access and an ID token; with --par the client pushes its request first.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Generator as Yielding
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from newel.cli.arguments import add_config, add_json
from newel.cli.bench_accounts import Accounts, read_accounts, seed, write_accounts
from newel.cli.bench_load import Generator, Measured
from newel.cli.bench_process import Cost, cost, file_system, in_memory
from newel.cli.bench_script import script
from newel.cli.bench_server import sync_ms, temporary
from newel.cli.opening import Open, run_open
from newel.cli.printing import print_json, print_pairs
from newel.cli.refusal import REFUSED, USAGE, Refusal

SUBJECTS = 60_000
WARM_UP = 2.0
OPEN_CONNECTIONS = 128
REQUESTS, REQUESTS_WITH_PAR = 3, 4


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="flow|seed")
    flow = commands.add_parser("flow", help="measure complete step-ups with a one-time code")
    loop = flow.add_mutually_exclusive_group()
    loop.add_argument("--rate", type=float, default=0.0, metavar="R", help="open loop: R flows begin each second")
    loop.add_argument("--concurrency", type=int, default=32, metavar="C", help="closed loop: C at once (default: 32)")
    flow.add_argument("--seconds", type=float, default=10.0, metavar="S", help="how long to measure (default: 10)")
    flow.add_argument("--par", action="store_true", help="push the authorization request first (RFC 9126)")
    flow.add_argument("--workers", type=int, default=1, metavar="N", help="processes of the own server (default: 1)")
    flow.add_argument("--subjects", type=int, default=SUBJECTS, metavar="N", help=f"subjects (default: {SUBJECTS})")
    flow.add_argument("--issuer", metavar="URL", help="a running server instead of an own one; needs --accounts")
    flow.add_argument("--accounts", type=Path, metavar="FILE", help="what newel bench seed wrote for that server")
    flow.add_argument("--process", type=int, metavar="PID", help="that server's process, to measure what it costs")
    seeding = commands.add_parser("seed", help="fill a server that is made for measuring with subjects")
    seeding.add_argument("--subjects", type=int, default=SUBJECTS, metavar="N", help=f"(default: {SUBJECTS})")
    seeding.add_argument("--accounts", type=Path, required=True, metavar="FILE", help="where to write their secrets")
    add_config(seeding)
    add_json(flow)


def run(options: Namespace) -> int:
    """Run the subcommand."""
    if options.subjects < 1:
        raise Refusal("--subjects takes a number from 1", code=USAGE)
    return _seed(options) if options.command == "seed" else _flow(options)


def _seed(options: Namespace) -> int:
    async def action(everything: Open) -> int:
        write_accounts(options.accounts, await seed(everything, options.subjects))
        print(f"{options.subjects} subjects are stored; what they prove themselves with is in {options.accounts}.")
        return 0

    return run_open(options.config, action)


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured: where, whose accounts, which process if it is known, and the folder of an own server."""

    issuer: str
    accounts: Accounts
    process: int | None = None
    folder: Path | None = None


def _flow(options: Namespace) -> int:
    _possible(options)
    with _target(options) as target:
        floor = sync_ms(target.folder) if target.folder else []
        measured, before, after = uvloop.run(_measure(options, target))
    found = report(options, target, measured, before, after, floor)
    if options.json:
        print_json(found)
    else:
        print_pairs({name: str(value) for name, value in found.items()})
    return 0 if found["flows"] and not found["failures"] else REFUSED


def _possible(options: Namespace) -> None:
    """Refusal for what cannot be measured."""
    if bool(options.issuer) != bool(options.accounts):
        raise Refusal("--issuer and --accounts go together; newel bench seed makes the accounts", code=USAGE)
    if options.rate < 0 or options.concurrency < 1 or options.seconds <= 0:
        raise Refusal("--rate, --concurrency and --seconds are above zero", code=USAGE)
    needed = int(options.rate * (options.seconds + WARM_UP)) + 1
    if needed > options.subjects and options.rate:
        raise Refusal(
            f"a code is used once, so this takes {needed} subjects; say --subjects {needed} or more", code=USAGE
        )


@contextmanager
def _target(options: Namespace) -> Yielding[Target]:
    if options.issuer:
        yield Target(options.issuer.rstrip("/"), read_accounts(options.accounts), options.process)
        return
    print(f"storing {options.subjects} subjects …", file=sys.stderr)
    with temporary(options.workers, options.subjects) as own:
        yield Target(own.issuer, own.accounts, own.process, own.folder)


async def _measure(options: Namespace, target: Target) -> tuple[Measured, Cost | None, Cost | None]:
    before: list[Cost | None] = []
    generator = Generator(
        script(target.issuer, target.accounts, pushes=options.par),
        iter(target.accounts.accounts),
        rate=options.rate,
        connections=OPEN_CONNECTIONS if options.rate else options.concurrency,
    )
    try:
        measured = await generator.run(
            options.seconds, warm_up=min(WARM_UP, options.seconds), begin=lambda: before.append(_cost(target.process))
        )
    except OSError as error:
        raise Refusal(f"{target.issuer} does not answer: {error}") from error
    return measured, before[0], _cost(target.process)


def _cost(process: int | None) -> Cost | None:
    return None if process is None else cost(process)


def report(
    options: Namespace,
    target: Target,
    measured: Measured,
    before: Cost | None,
    after: Cost | None,
    floor: Sequence[float],
) -> dict[str, Any]:
    """The figures of a run as one object: milliseconds, megabytes, flows a second; None where it is not known."""
    flows, tally = len(measured.tally.flows), measured.tally
    times = sorted(tally.flows)
    server = after.cpu - before.cpu if after and before else None
    kind = file_system(target.folder) if target.folder else None
    return {
        "loop": f"open, {options.rate:g} flows/s" if options.rate else f"closed, {options.concurrency} at once",
        "par": options.par,
        "requests_per_flow": REQUESTS_WITH_PAR if options.par else REQUESTS,
        "flows": flows,
        "seconds": round(measured.wall, 2),
        "flows_per_s": round(flows / measured.wall, 1),
        **{f"p{share}_ms": percentile(times, share) for share in (50, 95, 99)},
        "failures": sum(tally.failed.values()),
        "failed": dict(tally.failed),
        "server_cpu_ms_per_flow": round(server / flows * 1e3, 3) if server is not None and flows else None,
        "generator_cpu_ms_per_flow": round(measured.cpu / flows * 1e3, 3) if flows else None,
        "server_rss_mb": round(after.rss_mb, 1) if after else None,
        "server_rss_growth_mb": round(after.rss_mb - before.rss_mb, 1) if after and before else None,
        "server_processes": after.processes if after else None,
        "durable": None if kind is None else not in_memory(kind),
        "file_system": kind,
        "sync_p50_ms": percentile([each / 1e3 for each in floor], 50),
        "sync_p99_ms": percentile([each / 1e3 for each in floor], 99),
        "subjects": len(target.accounts.accounts),
        "requests": {
            name: {f"p{share}_ms": percentile(sorted(taken), share) for share in (50, 99)}
            for name, taken in tally.requests.items()
        },
    }


def percentile(ordered: Sequence[float], share: int) -> float | None:
    """Milliseconds at or below which `share` percent of sorted seconds lie (nearest rank); None for none."""
    if not ordered:
        return None
    return round(ordered[max(0, -(-len(ordered) * share // 100) - 1)] * 1e3, 2)
