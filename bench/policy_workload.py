"""Policies and requests of any size, the same on every machine: what Newel and four libraries are asked.

A rule is a target and one or two terms; a term knows how to say itself in every language. Five kinds take turns:
equality, threshold, membership, time of day, network. A twentieth of the rules, ten at most, speak of every target.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
ACTIONS = 4
MOST_GLOBAL = 10
COUNTRIES = ("DE", "FR", "US", "GB", "NG", "RU", "CN", "IR", "NL", "PL", "BR", "IN")
GROUPS = ("eng", "fin", "hr", "ops", "legal", "ext")
TIERS = ("basic", "gold", "staff", "admin")
HEAD = """
newel: 1
name: bench
schema:
  facts:
    subject.id: string
    subject.tier: {enum: [basic, gold, staff, admin], from: directory}
    subject.groups: {set: string, from: directory}
    client.id: string
    client.ip: ip
    ctx.amount: {type: int, range: [0, 1000000000000]}
    ctx.country: string
    ctx.hour: {type: int, range: [0, 23]}
    ctx.new_payee: bool
    risk.score: {type: int, range: [0, 100], from: risk}
  resources:
"""
DEMANDS = (
    "{evidence: {aal2: session}}",
    "{evidence: {aal2: 5m}}",
    "{evidence: {aal1: 1h}}",
    "{evidence: {phr: 15m}}",
    "{forbid: [totp]}",
    "{evidence: {aal3: session}}",
    "{session: {max_life: 10m}}",
    "{deny: not-here}",
)


class Dice:
    """Choices that a seed determines."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def below(self, end: int) -> int:
        """A number from 0 to `end` - 1."""
        self._drawn += 1
        drawn = hashlib.blake2b(f"{self._seed}:{self._drawn}".encode(), digest_size=8)
        return int.from_bytes(drawn.digest()) % end

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> tuple[T, ...]:
        """That many different ones, in their order."""
        left = list(range(len(choices)))
        return tuple(choices[each] for each in sorted(left.pop(self.below(len(left))) for _ in range(count)))


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison; `cel` as CEL has it, addresses with `{within}` and the network; `cedar` and `python` alike."""

    cel: str
    cedar: str
    python: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds at `target` (`*`: everywhere) where all `terms` do."""

    id: str
    target: str
    terms: tuple[Term, ...]
    demand: str


def _quoted(items: Sequence[str]) -> str:
    return f"[{', '.join(f'{each!r}' for each in items)}]".replace("'", '"')


def _client(dice: Dice) -> Term:
    name = f"c{dice.below(50)}"
    return Term(f'client.id == "{name}"', f'context.client.id == "{name}"', f'r.sub.client_id == "{name}"')


def _amount(dice: Dice) -> Term:
    most = dice.one((100, 1000, 5000, 20_000, 100_000))
    return Term(f"ctx.amount > {most}", f"context.ctx.amount > {most}", f"r.sub.amount > {most}")


def _country(dice: Dice) -> Term:
    listed = _quoted(dice.some(COUNTRIES, 4))
    return Term(f"ctx.country in {listed}", f"{listed}.contains(context.ctx.country)", f"r.sub.country in {listed}")


def _night(dice: Dice) -> Term:
    begin, end = dice.one(((22, 6), (20, 7)))
    return Term(
        f"(ctx.hour >= {begin} || ctx.hour < {end})",
        f"(context.ctx.hour >= {begin} || context.ctx.hour < {end})",
        f"(r.sub.hour >= {begin} or r.sub.hour < {end})",
    )


def _network(dice: Dice) -> Term:
    inside = dice.below(10) < 7
    network = f"10.{dice.below(40)}.0.0/16" if inside else f"192.168.{dice.below(256)}.0/24"
    return Term(
        f'cidr("{network}").containsIP(client.ip)',
        f'context.client.ip.isInRange(ip("{network}"))',
        f'within(r.sub.ip, "{network}")',
    )


def _risk(dice: Dice) -> Term:
    most = dice.one((30, 50, 70, 90))
    return Term(f"risk.score > {most}", f"context.risk.score > {most}", f"r.sub.score > {most}")


def _payee(_: Dice) -> Term:
    return Term("ctx.new_payee", "context.ctx.new_payee", "r.sub.new_payee")


def _group(dice: Dice) -> Term:
    name = dice.one(GROUPS)
    return Term(
        f'"{name}" in subject.groups', f'context.subject.groups.contains("{name}")', f'"{name}" in r.sub.groups'
    )


FIRST = (_client, _amount, _country, _night, _network)
SECOND = (_amount, _risk, _country, _payee, _group)


def targets(rules: int) -> tuple[str, ...]:
    """The targets over which so many rules are spread, four a target."""
    return tuple(f"res{number // ACTIONS}:act{number % ACTIONS}" for number in range(max(1, rules // ACTIONS)))


def rules(count: int, *, spread: bool = True) -> tuple[Rule, ...]:
    """So many rules; without `spread` all of them at one target."""
    dice = Dice(f"rules {count}")
    where = targets(count) if spread else targets(1)
    everywhere = max(1, min(MOST_GLOBAL, count // 20)) if spread else 0
    made = []
    for number in range(count):
        first = FIRST[number % len(FIRST)](dice)
        terms = (first, dice.one(SECOND)(dice)) if number % len(FIRST) else (first,)
        target = "*" if number < everywhere else where[number % len(where)]
        made.append(Rule(f"r{number}", target, terms, dice.one(DEMANDS)))
    return tuple(made)


def policy(given: Sequence[Rule]) -> str:
    """The rules as a policy file."""
    named = sorted({each.target for each in given} - {"*"})
    resources = sorted({target.partition(":")[0] for target in named})
    actions = ", ".join(f"act{number}: {{sensitive: false}}" for number in range(ACTIONS))
    lines = [HEAD.strip("\n"), *(f"    {name}: {{actions: {{{actions}}}}}" for name in resources), "rules:"]
    for each in given:
        condition = " && ".join(term.cel for term in each.terms)
        lines.append(f"  - {{id: {each.id}, on: '{each.target}', when: '{condition}', require: {each.demand}}}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What is decided: a target, and facts nested as JSON has them."""

    target: str
    facts: Mapping[str, Any]


def requests(count: int, of: Sequence[str]) -> tuple[Request, ...]:
    """So many requests for targets among `of`."""
    dice = Dice(f"requests {count} {len(of)}")
    return tuple(Request(dice.one(of), _facts(dice)) for _ in range(count))


def _facts(dice: Dice) -> dict[str, Any]:
    inside = f"10.{dice.below(60)}.{dice.below(256)}.{dice.below(256)}"
    address = dice.one((inside, f"192.168.{dice.below(256)}.{dice.below(256)}", f"81.2.{dice.below(256)}.1"))
    return {
        "subject": {
            "id": f"u{dice.below(10_000)}",
            "tier": dice.one(TIERS),
            "groups": list(dice.some(GROUPS, dice.below(4))),
        },
        "client": {"id": f"c{dice.below(60)}", "ip": address},
        "ctx": {
            "amount": 10 ** dice.below(6) * (1 + dice.below(9)),
            "country": dice.one(COUNTRIES),
            "hour": dice.below(24),
            "new_payee": dice.below(5) == 0,
        },
        "risk": {"score": dice.below(101)},
    }
