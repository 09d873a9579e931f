"""The bank's own policy file as a decision point: it decides as the server would, on counters kept in memory."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from newel.domain.evidence import Authenticator, Binding, Evidence
from newel.domain.standing import Standing, satisfied
from newel.flows.facts import NO_RISK_ENGINE
from newel.flows.shortfall import shortfall
from newel.policy.base import DecisionRequest
from newel.policy.engine import Snapshot
from newel.policy.fields import read_path
from newel.policy.message import Source
from newel.policy.read.document import read_document
from newel_sdk.encoding import parse_object, unbase64url
from newel_sdk.fetch import Response
from newel_sdk.testing import AuthorizationServer, deny, permit, step_up

FILE = Path(__file__).parents[2] / "demos" / "bank" / "policy.yaml"
COUNTER = "velocity.transfer_24h"
DIGEST = b"what the person confirmed is what is asked about"
METHODS = {"pwd": "password", "totp": "totp", "webauthn": "passkey"}
"""How the simulated issuer's events are called by the server."""

Json = dict[str, Any]


@cache
def snapshot() -> Snapshot:
    """The bank's policy."""
    return Snapshot(read_document([Source.of(FILE.name, FILE.read_text("utf-8"))]))


@dataclass(frozen=True)
class Reserved:
    """What one permitted question counts, and what it was answered."""

    question: str
    answer: Json
    subject: str
    amount: int
    at: int


@dataclass
class BankPolicy:
    """Answers what the bank asks; `stated` replaces facts of the server's own, `reserved` holds what is counted."""

    server: AuthorizationServer
    clock: Callable[[], int]
    stated: Json = field(default_factory=dict)
    reserved: dict[str, Reserved] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server.pdp.decide = self

    def __call__(self, question: Mapping[str, Any]) -> Json | Response:
        """The answer to one question."""
        key, asked = question["context"].get("reservation"), _without_token(question)
        kept = self.reserved.get(key) if key else None
        if kept is not None and (key in self.server.pdp.released or kept.question != asked):
            return Response(status=400, headers={}, body=b'{"error":"invalid_request"}')
        if kept is not None:
            return kept.answer
        facts = self._facts(question)
        decision = snapshot().decide(DecisionRequest(target="bank.transfer:send", facts=facts))
        standing = self._standing(question)
        bound = tuple(sorted({name for _, names in decision.requirement.bind for name in names}))
        reasons = tuple(reason.because or reason.rule for reason in decision.reasons)
        if satisfied(decision.requirement, standing):
            answer = permit(bound=bound, reasons=reasons)
            if key:
                subject, amount = question["subject"]["id"], facts["ctx.amount"]
                self.reserved[key] = Reserved(asked, answer, subject, amount, self.clock())
            return answer
        if decision.requirement.denied:
            return deny(*reasons)
        short = shortfall(decision.requirement, standing, known=False)
        if short.acr is None or short.unmet:
            return deny(*reasons, unmet=short.unmet)
        return step_up(short.acr, max_age=short.max_age, bind=short.bind, reasons=reasons)

    def counted(self, subject: str = "alex") -> int:
        """What counts for a subject now, in minor units."""
        since = self.clock() - snapshot().counters[COUNTER].over
        return sum(
            each.amount
            for key, each in self.reserved.items()
            if each.subject == subject and each.at > since and key not in self.server.pdp.released
        )

    def _facts(self, question: Mapping[str, Any]) -> Json:
        subject, properties = question["subject"]["id"], question["resource"]["properties"]
        fields = snapshot().resources["bank.transfer"].facts
        read = {name: read_path(properties, path) for name, path in fields.items()}
        return {
            **NO_RISK_ENGINE,
            "now": self.clock(),
            "subject.id": subject,
            "subject.groups": (),
            **{name: value for name, value in read.items() if value is not None},
            **{f"ctx.{name}": value for name, value in question["context"].items() if name != "reservation"},
            COUNTER: self.counted(subject) + properties["amount"]["minor"],
            **self.stated,
        }

    def _standing(self, question: Mapping[str, Any]) -> Standing:
        claims = parse_object(unbase64url(question["subject"]["properties"]["access_token"].split(".")[1]))
        now, confirmed = self.clock(), _confirmed(claims, question["resource"]["properties"])
        ledger = [*claims["newel_ledger"]]
        if confirmed == "confirmed" and ledger[-1]["method"] != "totp":
            ledger.append({"method": "totp", "at": now, "uv": False, "hw": False})
        events = [
            Evidence(
                id=str(number),
                authenticator=METHODS[each["method"]],
                method=METHODS[each["method"]],
                at=each["at"],
                interaction="",
                user_verified=each["uv"],
                hardware=each["hw"],
                binding=Binding(digest=DIGEST, kind=confirmed) if confirmed and number == len(ledger) else None,
            )
            for number, each in enumerate(ledger, 1)
        ]
        held = {
            method: Authenticator(
                id=method, subject=claims["sub"], method=method, name=method, created_at=0, material=b""
            )
            for method in METHODS.values()
        }
        return Standing(
            now=now,
            events=tuple(events),
            authenticators=held,
            active_at=now,
            digest=DIGEST if confirmed else None,
            classes=snapshot().classes,
        )


def _without_token(question: Mapping[str, Any]) -> str:
    subject = {name: value for name, value in question["subject"].items() if name != "properties"}
    return json.dumps({**question, "subject": subject}, sort_keys=True)


def _confirmed(claims: Mapping[str, Any], fields: Mapping[str, Any]) -> Any:
    """How the token's person approved exactly these fields; None where they did not."""
    for each in claims.get("authorization_details", []):
        approved = each["elevation"]
        if approved["fields"] == fields and all(approved[name] == claims[name] for name in ("iss", "sub", "client_id")):
            return each["binding"]
    return None
