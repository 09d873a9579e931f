"""Domain values for the contracts, each with every member set to something that must come back."""

import hashlib
from dataclasses import replace
from typing import Any

from newel.domain.action import Action, ActionRequest
from newel.domain.authorization import AuthorizationRequest, Prompt
from newel.domain.client import Authentication, Client
from newel.domain.evidence import Authenticator, Binding, Evidence
from newel.domain.grant import CodeGrant, Elevation, Grant
from newel.domain.interaction import Challenge, Decided, Interaction, Purpose, Reason
from newel.domain.requirement import require
from newel.domain.session import Session
from newel.domain.snapshot import Activation, KeptSnapshot
from newel.domain.subject import Subject
from newel.domain.velocity import Count, KeptReservation, name_of
from newel.storage.base import Unit
from newel.storage.sql.authenticators import add_authenticator
from newel.storage.sql.subjects import add_subject

NOW = 1_790_000_000
ACTION = Action(
    iss="https://id.example",
    aud="https://bank.example",
    client_id="bank-web",
    cnf=None,
    sub="alice",
    interaction="i1",
    action="send",
    resource="bank.transfer",
    fields={"amount": {"minor": 500_000, "currency": "EUR"}, "tags": ["rent", None, True]},
    locale="en",
    text="Send 5,000.00 EUR\nTo: Maria Example",
    exp=NOW + 600,
)


def digest(text: str) -> bytes:
    """A hash standing for the hash of a secret."""
    return hashlib.sha256(text.encode()).digest()


def evidence(event: str = "e1", *, at: int = NOW) -> Evidence:
    """A bound passkey event."""
    binding = Binding(digest=ACTION.digest(), kind="signed")
    return Evidence(
        id=event, authenticator="a1", method="passkey", at=at, interaction="i1", user_verified=True, binding=binding
    )


def client(client_id: str = "bank-web") -> Client:
    """A confidential client."""
    return Client(
        id=client_id,
        name="Bank",
        authentication=Authentication.PRIVATE_KEY_JWT,
        redirect_uris=("https://bank.example/callback",),
        created_at=NOW,
        jwks={"keys": [{"kty": "EC", "crv": "P-256"}]},
        scopes=("openid", "accounts"),
        minimum_acr="aal2",
        states=("bank.transfer",),
    )


def subject(subject_id: str = "alice") -> Subject:
    """A subject with facts."""
    return Subject(
        id=subject_id,
        name=subject_id.title(),
        display="Alice Example",
        person=subject_id,
        created_at=NOW,
        groups=frozenset({"staff", "payments"}),
        attributes={"plan": "member"},
    )


def authenticator(authenticator_id: str = "a1", subject_id: str = "alice", **members: Any) -> Authenticator:
    """A passkey that has not settled."""
    made = Authenticator(
        id=authenticator_id,
        subject=subject_id,
        method="passkey",
        name="Phone",
        created_at=NOW,
        material=b"public key",
        counter=3,
        ceiling="aal1",
        user_verifying=True,
        device_bound=True,
    )
    return replace(made, **members)


def enrolled(subject_id: str = "alice", authenticator_id: str = "a1", **members: Any) -> Unit:
    """A unit that adds a subject with one authenticator."""
    new = authenticator(authenticator_id, subject_id, **members)
    return Unit((add_subject(subject(subject_id), subject_id), *add_authenticator(new)))


def session(lineage: str = "s1", **members: Any) -> Session:
    """A session with one event."""
    made = Session(
        lineage=lineage,
        subject="alice",
        created_at=NOW,
        active_at=NOW,
        expires_at=NOW + 86_400,
        evidence=(evidence(),),
    )
    return replace(made, **members)


def request() -> AuthorizationRequest:
    """An authorization request with a bound action."""
    return AuthorizationRequest(
        client_id="bank-web",
        redirect_uri="https://bank.example/callback",
        scope=("openid",),
        state="xyz",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        acr_values=("phr", "aal2"),
        max_age=0,
        prompt=frozenset({Prompt.LOGIN}),
        action=ActionRequest(resource="bank.transfer", action="send", fields=ACTION.fields),
    )


def interaction(interaction_id: str = "i1", **members: Any) -> Interaction:
    """An open interaction with a challenge inside."""
    made = Interaction(
        id=interaction_id,
        purpose=Purpose.AUTHORIZE,
        browser_hash=digest("browser"),
        created_at=NOW,
        expires_at=NOW + 600,
        request=request(),
        subject="alice",
        lineage="s1",
        evidence=(evidence(),),
        decided=Decided(
            requirement=require({"phr": 300}, bind=frozenset({"amount"})),
            policy="p1",
            reasons=(Reason("large", "It is a large amount"),),
            facts={"amount": 500_000, "new_payee": True},
        ),
        action=ACTION,
        challenges=(Challenge(id="c1", method="passkey", authenticators=("a1",), made_at=NOW, secret=b"s" * 32),),
    )
    return replace(made, **members)


def grant(family: str = "f1", **members: Any) -> Grant:
    """A grant with an elevation."""
    made = Grant(
        family=family,
        subject="alice",
        client_id="bank-web",
        session="s1",
        scope=("openid",),
        audience=("https://bank.example",),
        evidence=(evidence(),),
        issued_at=NOW,
        elevation=Elevation(action=ACTION, digest=ACTION.digest(), binding="signed"),
    )
    return replace(made, **members)


def code_grant(family: str = "f1", **members: Any) -> CodeGrant:
    """What waits behind a code."""
    return CodeGrant(
        grant=grant(family, **members),
        redirect_uri="https://bank.example/callback",
        nonce="n",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )


def reservation(key: str = "k1", *counts: Count, at: int = NOW) -> KeptReservation:
    """A client's reservation under a key."""
    return KeptReservation(id=name_of("bank-api", key), digest=digest(key), at=at, counts=counts)


def snapshot(version: str = "a1") -> KeptSnapshot:
    """A policy as it is kept."""
    return KeptSnapshot(
        version=version,
        name="bank",
        canonical='{"newel": 1}',
        sources={"policy.yaml": "newel: 1\n"},
        author="alice",
        kept_at=NOW,
        checks={"tests": 3, "accepted": {"F1": "agreed"}},
    )


def activation(number: int = 1, version: str = "a1", *, at: int = NOW) -> Activation:
    """A snapshot that came into force."""
    return Activation(
        number=number, version=version, author="alice", reason="as agreed", at=at, accepted={"F1": "agreed"}
    )
