"""Replaying a log: decisions with outcomes, the walk of its sessions, a whole report; with `--large` ten million rows.

The policy has 200 rules over 50 kinds of request, the floor is fetching every fact once.
"""

import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from line import Figure, show
from newel.policy.document import Document
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel.policy.replay.cases import FirstPass
from newel.policy.replay.columns import Array
from newel.policy.replay.log import Log
from newel.policy.replay.outcomes import recorded
from newel.policy.replay.profile import read_profile
from newel.policy.replay.reach import Reaching
from newel.policy.replay.run import Named, replay
from newel.policy.replay.sessions import Sessions
from newel.policy.replay.simulate import simulate
from newel.policy.replay.walk import walk

ROWS, MANY, ROUNDS, RULES = 1_000_000, 10_000_000, 3, 200
COUNTRIES = ("DE", "FR", "US", "GB", "NG", "RU", "CN", "IR", "NL", "PL", "BR", "IN")
GROUPS = ("eng", "fin", "hr", "ops", "legal", "ext")
DEMANDS = (
    "{evidence: {aal2: session}}",
    "{evidence: {aal2: 5m}}",
    "{evidence: {aal1: 1h}}",
    "{evidence: {phr: 15m}}",
    "{evidence: {aal2: 2m}, bind: [amount]}",
    "{approve: {fin: 1}}",
    "{deny: never}",
)
OPEN_ACTIONS = (
    "actions: {a0: {sensitive: false}, a1: {sensitive: false}, a2: {sensitive: false}, a3: {sensitive: false}}"
)


def conditions(rng: np.random.Generator) -> tuple[str, ...]:
    """A condition of each kind: equality, threshold, membership, times, networks, each beside another one."""
    countries = ", ".join(f'"{each}"' for each in rng.choice(COUNTRIES, 4, replace=False))
    more = (
        f"ctx.amount > {rng.choice((100, 1000, 5000, 20000, 100000))}",
        f"risk.score > {rng.choice((30, 50, 70, 90))}",
        f"ctx.country in [{countries}]",
        "ctx.new_payee",
        f'"{rng.choice(GROUPS)}" in subject.groups',
    )
    first, second = rng.choice(more, 2, replace=False)
    return (
        f'client.id == "c{rng.integers(50)}"',
        f"ctx.amount > {rng.choice((100, 1000, 5000, 20000, 100000))} && {first}",
        f"ctx.country in [{countries}] && {first}",
        f"(ctx.hour >= {rng.integers(18, 24)} || ctx.hour < {rng.integers(1, 8)}) && {second}",
        f'cidr("10.{rng.integers(40)}.0.0/16").containsIP(client.ip) && {second}',
    )


def policy(rng: np.random.Generator) -> Document:
    """A policy of RULES rules, ten of them for every target."""
    kinds = range(RULES // 16 + 1)
    resources = "\n".join(
        f"    res{kind}: {{{OPEN_ACTIONS}, fields: {{amount: {{money: true}}}}, facts: {{}}}}" for kind in kinds
    )
    rules = []
    for number in range(RULES):
        target = '"*"' if number < RULES // 20 else f"res{number // 4 % len(kinds)}:a{number % 4}"
        when, demand = conditions(rng)[number % 5], DEMANDS[rng.integers(len(DEMANDS))]
        if number < RULES // 20:
            demand = demand.replace(", bind: [amount]", "")
        rules.append(f"  - id: r{number}\n    on: {target}\n    when: '{when}'\n    require: {demand}")
    text = f"""
newel: 1
name: bench
schema:
  facts:
    client.id: string
    client.ip: ip
    subject.groups: {{set: string, from: directory}}
    risk.score: {{type: int, range: [0, 100], from: risk}}
    ctx.amount: {{type: int, range: [0, 1000000000000]}}
    ctx.country: string
    ctx.hour: {{type: int, range: [0, 23]}}
    ctx.new_payee: bool
  resources:
{resources}
pools: {{fin: {{group: fin}}}}
rules:
{chr(10).join(rules)}
"""
    return read_document([Source.of("bench.yaml", text)])


def made(document: Document, rows: int, rng: np.random.Generator) -> Log:
    """A log of requests for all targets of the policy."""
    facts = {
        "client.id": {"among": {f"c{number}": 1 for number in range(60)}},
        "client.ip": {"networks": {"10.0.0.0/10": 1, "192.168.0.0/16": 1, "81.2.0.0/16": 1}},
        "ctx.amount": {"median": 1100, "sigma": 2},
        "ctx.country": {"among": list(COUNTRIES)},
        "ctx.hour": {"low": 0, "high": 23},
        "ctx.new_payee": {"chance": 0.2},
        "risk.score": {"low": 0, "high": 100},
    }
    groups = [
        {"groups": [name for bit, name in enumerate(GROUPS) if mask >> bit & 1], "methods": [{"hold": hold}]}
        for mask in range(64)
        for hold in (["password", "totp"], ["passkey"], ["password"])
    ]
    asks = [{"targets": [target], "facts": facts} for target in document.targets if target.startswith("res")]
    profile = {
        "name": "bench", "people": max(rows // 100, 1), "requests": rows, "requests_in_a_session": 20,
        "attack_share": 0.001, "groups": groups, "requests_of": asks,
    }  # fmt: skip
    return simulate(read_profile(profile), document, rng)


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the best round, since neighbours only ever slow it."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def first_pass(log: Log, document: Document) -> list[Array]:
    """Every decision of a policy with what comes of it, by the evidence as recorded."""
    passing = FirstPass(log, (document,))
    reaching = Reaching(passing.cases[0], log)
    found = []
    for rows, _ in log.chunks():
        (cases,) = passing.run(rows)
        found.append(recorded(log, rows, cases, reaching.tables()))
    return found


def second_pass(log: Log, document: Document) -> Callable[[], object]:
    """The walk of all sessions, its decisions made before."""
    passing = FirstPass(log, (document,))
    reaching = Reaching(passing.cases[0], log)
    decided = [(rows, starts, passing.run(rows)[0]) for rows, starts in log.chunks()]
    reach = reaching.tables()
    return lambda: [walk(Sessions(log, rows, starts), cases, reach) for rows, starts, cases in decided]


def fetched(log: Log) -> object:
    """The least that a decision takes: every fact is fetched once, in the order of targets."""
    order = np.argsort(log.target, kind="stable")
    return [column.take(order) for column in log.facts.values()]


def figures() -> list[Figure]:
    """A million rows."""
    rng = np.random.default_rng(1)
    document, other = policy(np.random.default_rng(2)), policy(np.random.default_rng(3))
    log = made(document, ROWS, rng)
    millions = ROWS / 1e6
    decided = best(lambda: first_pass(log, document))
    walked = best(second_pass(log, document))
    whole = best(lambda: replay(log, Named("before", document), Named("after", other)))
    floor = best(lambda: fetched(log))
    return [
        Figure(
            figure=f"replay: decisions with outcomes, {RULES} rules",
            value=round(millions / decided, 2),
            unit="M/s",
            budget=2,
        ),
        Figure(figure="replay: walk of sessions", value=round(millions / walked, 2), unit="M rows/s"),
        Figure(
            figure="replay: two policies and the report", value=round(2 * millions / whole, 2), unit="M decisions/s"
        ),
        Figure(
            figure="replay: one decision with its outcome",
            value=round(decided / ROWS * 1e9, 1),
            unit="ns",
            budget=500,
            floor=round(floor / ROWS * 1e9, 1),
        ),
    ]


def large() -> list[Figure]:
    """Ten million rows: the most memory that the whole of it takes."""
    document, other = policy(np.random.default_rng(2)), policy(np.random.default_rng(3))
    log = made(document, MANY, np.random.default_rng(1))
    began = time.process_time()
    replay(log, Named("before", document), Named("after", other))
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return [
        Figure(figure="replay: ten million rows, two policies", value=round(spent, 1), unit="s"),
        Figure(figure="replay: ten million rows, most memory", value=round(peak, 2), unit="GB", budget=4),
    ]


if __name__ == "__main__":
    show(large() if "--large" in sys.argv[1:] else figures())
