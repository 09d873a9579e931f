"""authorization_details (RFC 9396): one bound action, its fields and nothing else. A requirement is never read from it."""

import json

from newel.crypto.strict_json import loads
from newel.domain.action import ActionRequest
from newel.domain.client import Client
from newel.domain.errors import InvalidAuthorizationDetails
from newel.policy.base import Policy
from newel.policy.fields import FieldRefused, parse_fields

MOST_CHARACTERS = 8192
MEMBERS = {"type", "actions", "fields"}


def parse_details(policy: Policy, client: Client, unverified: str | None) -> ActionRequest | None:
    """The action a client asks to be confirmed; None without the parameter. InvalidAuthorizationDetails for all else."""
    if unverified is None:
        return None
    if len(unverified) > MOST_CHARACTERS:
        raise InvalidAuthorizationDetails("authorization_details is too long")
    try:
        entries = loads(unverified.encode())
    except (ValueError, RecursionError, json.JSONDecodeError):
        raise InvalidAuthorizationDetails("authorization_details is not JSON") from None
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise InvalidAuthorizationDetails("authorization_details holds exactly one object: one action at a time")
    entry = entries[0]
    if set(entry) != MEMBERS:
        raise InvalidAuthorizationDetails("an entry has exactly type, actions and fields")
    resource = policy.resources.get(entry["type"]) if isinstance(entry["type"], str) else None
    if resource is None or resource.name not in client.action_types:
        raise InvalidAuthorizationDetails("unknown type, or not registered for this client")
    actions = entry["actions"]
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], str):
        raise InvalidAuthorizationDetails("actions holds exactly one action")
    if actions[0] not in resource.verbs:
        raise InvalidAuthorizationDetails("unknown action")
    try:
        fields = parse_fields(resource.fields, entry["fields"])
    except FieldRefused as refused:
        raise InvalidAuthorizationDetails(str(refused)) from refused
    return ActionRequest(resource=resource.name, action=actions[0], fields=fields)
