"""Facts: what decisions inside a flow are made from, each from its source. Nothing that a client states is among them,
but for the fields of the action it asks for.
"""

from collections.abc import Mapping
from typing import Any

from newel.domain.action import ActionRequest
from newel.domain.subject import Subject
from newel.flows.stated import FactRefused, from_text
from newel.policy.base import Policy
from newel.policy.facts import Fact
from newel.policy.fields import FieldRefused, parse_fields, read_path

NO_RISK_ENGINE: Mapping[str, object] = {
    "risk.level": "low",
    "risk.score": 0,
    "risk.ppm": 0,
    "risk.looks_like": "owner",
    "risk.signals": frozenset(),
    "device.trusted": False,
}
"""What the server states where no risk engine is switched on."""


def directory_facts(subject: Subject, declared: Mapping[str, Fact]) -> dict[str, Any]:
    """What the directory says of a subject, attributes as the kinds that the policy declares.

    An attribute that is not of its kind stays a text, so that the decision refuses it.
    """
    attributes = {f"subject.{name}": text for name, text in subject.attributes.items()}
    typed = {path: _typed(declared.get(path), text) for path, text in attributes.items()}
    return {**typed, "subject.id": subject.id, "subject.groups": tuple(sorted(subject.groups))}


def _typed(fact: Fact | None, text: str) -> Any:
    if fact is None or fact.origin != "directory":
        return text
    try:
        return from_text(fact, text)
    except FactRefused:
        return text


def server_facts(client_id: str | None, address: str | None, now: int) -> dict[str, Any]:
    """What the server itself knows of a request."""
    facts: dict[str, Any] = {**NO_RISK_ENGINE, "now": now}
    if client_id is not None:
        facts["client.id"] = client_id
    if address is not None:
        facts["client.ip"] = address
    return facts


def action_facts(policy: Policy, asked: ActionRequest) -> dict[str, Any]:
    """The facts that are read from an action's fields; one that no field gives is missing, which can only add."""
    resource = policy.resources.get(asked.resource)
    sources = resource.facts if resource is not None else {}
    values = {path: read_path(asked.fields, source) for path, source in sources.items()}
    return {path: value for path, value in values.items() if value is not None}


def fits(policy: Policy, asked: ActionRequest | None) -> bool:
    """Whether an action that was asked for earlier still has the fields that its resource declares; no action fits."""
    if asked is None:
        return True
    resource = policy.resources.get(asked.resource)
    if resource is None or asked.action not in resource.verbs:
        return False
    try:
        return parse_fields(resource.fields, asked.fields) == asked.fields
    except FieldRefused:
        return False
