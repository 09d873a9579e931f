"""Four libraries, each given what Newel is given in the way that suits it best: the rules of one target at a time, parsed
beforehand, in one call. Each answers with the rules that match, casbin with whether one does.

Addresses of the CEL libraries are compared by `ipaddress`, which neither of them knows; parsed ones are kept.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import casbin
import cedarpy
import cel as rust
from cel_expr_python import cel as cpp

from policy_workload import Request, Rule

Answer = frozenset[str] | bool
Library = Callable[[Request], Answer]
KEPT = 65_536
TEXT, WHOLE, TRUTH = cpp.Type.STRING, cpp.Type.INT, cpp.Type.BOOL
FACTS = {
    "subject.id": TEXT,
    "subject.groups": cpp.Type.List(TEXT),
    "client.id": TEXT,
    "client.ip": TEXT,
    "ctx.amount": WHOLE,
    "ctx.country": TEXT,
    "ctx.hour": WHOLE,
    "ctx.new_payee": TRUTH,
    "risk.score": WHOLE,
}
MODEL = """
[request_definition]
r = sub
[policy_definition]
p = rule
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = eval(p.rule)
"""
network = lru_cache(KEPT)(ipaddress.ip_network)
address = lru_cache(KEPT)(ipaddress.ip_address)


def _contains(written: str, asked: str) -> bool:
    return address(asked) in network(written)


def grouped(rules: Sequence[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    """The rules of each target, those of every target among them."""
    named = dict.fromkeys(rule.target for rule in rules if rule.target != "*")
    return {target: tuple(rule for rule in rules if rule.target in {target, "*"}) for target in named}


def _listed(rules: Sequence[Rule]) -> str:
    """All conditions as the items of one list: one evaluation answers for all."""
    return f"[{', '.join(' && '.join(term.cel for term in rule.terms) for rule in rules)}]"


def _true(rules: Sequence[Rule], truths: Sequence[object]) -> frozenset[str]:
    return frozenset(rule.id for rule, truth in zip(rules, truths, strict=True) if truth is True)


def rust_cel(rules: Sequence[Rule]) -> Library:
    """common-expression-language."""
    by_target = {target: (found, rust.compile(_listed(found))) for target, found in grouped(rules).items()}
    functions: dict[str, Callable[..., Any]] = {"cidr": str, "containsIP": _contains}

    def answer(request: Request) -> Answer:
        found, program = by_target[request.target]
        return _true(found, program.execute(rust.Context(variables=dict(request.facts), functions=functions)))

    return answer


def cpp_cel(rules: Sequence[Rule]) -> Library:
    """cel-expr-python."""
    within = cpp.Overload("contains_ip", TRUTH, [TEXT, TEXT], True, _contains)
    functions = [
        cpp.FunctionDecl("cidr", [cpp.Overload("cidr", TEXT, [TEXT], False, str)]),
        cpp.FunctionDecl("containsIP", [within]),
    ]
    environment = cpp.NewEnv(variables=FACTS, functions=functions)
    by_target = {target: (found, environment.compile(_listed(found))) for target, found in grouped(rules).items()}

    def answer(request: Request) -> Answer:
        found, compiled = by_target[request.target]
        values = compiled.eval(environment.Activation(_flat(request.facts))).value()
        return _true(found, [value.value() for value in values])

    return answer


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    subject, client, context = facts["subject"], facts["client"], facts["ctx"]
    return {
        "subject.id": subject["id"],
        "subject.groups": subject["groups"],
        "client.id": client["id"],
        "client.ip": client["ip"],
        "ctx.amount": context["amount"],
        "ctx.country": context["country"],
        "ctx.hour": context["hour"],
        "ctx.new_payee": context["new_payee"],
        "risk.score": facts["risk"]["score"],
    }


def cedar(rules: Sequence[Rule]) -> Library:
    """cedarpy: a rule forbids, so that the reasons of a refusal are the rules that match."""
    by_target = {
        target: cedarpy.PolicySet.from_str("\n".join(map(_forbids, found))) for target, found in grouped(rules).items()
    }
    nothing = cedarpy.Entities.from_json_str("[]")

    def answer(request: Request) -> Answer:
        client = request.facts["client"]
        stated = {"id": client["id"], "ip": {"__extn": {"fn": "ip", "arg": client["ip"]}}}
        asked = {
            "principal": 'Subject::"any"',
            "action": 'Action::"any"',
            "resource": 'Resource::"any"',
            "context": {**request.facts, "client": stated},
        }
        given = cedarpy.is_authorized(asked, by_target[request.target], nothing)
        return frozenset(given.diagnostics.id_annotations_by_reason.values())

    return answer


def _forbids(rule: Rule) -> str:
    condition = " && ".join(term.cedar for term in rule.terms)
    return f'@id("{rule.id}") forbid(principal, action, resource) when {{ {condition} }};'


class _Subject:
    """Facts as attributes: what a rule of casbin reads."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        subject, client, context = facts["subject"], facts["client"], facts["ctx"]
        self.groups, self.client_id, self.ip = subject["groups"], client["id"], client["ip"]
        self.amount, self.country = context["amount"], context["country"]
        self.hour, self.new_payee = context["hour"], context["new_payee"]
        self.score = facts["risk"]["score"]


def casbin_rules(rules: Sequence[Rule]) -> Library:
    """casbin: rules as texts that its matcher evaluates; it stops at the first that matches."""
    by_target = {target: _enforcer(found) for target, found in grouped(rules).items()}
    return lambda request: bool(by_target[request.target].enforce(_Subject(request.facts)))


def _enforcer(rules: Sequence[Rule]) -> casbin.Enforcer:
    model = casbin.Enforcer.new_model(text=MODEL)
    enforcer = casbin.Enforcer(model)
    enforcer.add_function("within", lambda asked, written: _contains(written, asked))
    for rule in rules:
        enforcer.add_policy(" and ".join(term.python for term in rule.terms))
    return enforcer


LIBRARIES: Mapping[str, Callable[[Sequence[Rule]], Library]] = {
    "cel-expr-python": cpp_cel,
    "common-expression-language": rust_cel,
    "cedarpy": cedar,
    "casbin": casbin_rules,
}
