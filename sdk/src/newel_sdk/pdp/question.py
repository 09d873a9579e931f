"""What a resource server asks: may this person do this to that (AuthZEN Authorization API 1.0 section 6.1)?"""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from newel_sdk.action import Fields, Target, check_fields
from newel_sdk.errors import InputRefused, Misconfigured

RESERVATION = "reservation"
MOST_KEY, MOST_ID = 200, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about `target`.

    `fields` are the values that will be executed, `facts` what else the caller states. `reservation` is the idempotency
    key under which the decision's counters are kept; without it the answer only says what would be decided.
    """

    target: Target
    resource_id: str
    subject: str
    access_token: str = field(repr=False)
    fields: Fields
    facts: Mapping[str, Any]
    reservation: str | None = None

    def to_json(self) -> bytes:
        """The request's body; raises ActionRefused or InputRefused for values of the request, Misconfigured for facts."""
        check_fields(self.fields)
        _bounded("resource id", self.resource_id, MOST_ID)
        context = {name: _plain(name, value) for name, value in self.facts.items()}
        if RESERVATION in context:
            raise Misconfigured(f"a fact cannot be called {RESERVATION}")
        if self.reservation is not None:
            context[RESERVATION] = _bounded("reservation", self.reservation, MOST_KEY)
        members = {
            "subject": {"type": "person", "id": self.subject, "properties": {"access_token": self.access_token}},
            "resource": {
                "type": self.target.resource,
                "id": self.resource_id,
                "properties": _plain("fields", self.fields),
            },
            "action": {"name": self.target.action},
            "context": context,
        }
        return json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _bounded(what: str, value: str, most: int) -> str:
    if not 0 < len(value) <= most or not value.isprintable():
        raise InputRefused(f"the {what} is a printable text of 1 to {most} characters")
    return value


def _plain(name: str, value: Any) -> Any:
    """Plain JSON; a set becomes a sorted array."""
    if isinstance(value, Mapping):
        return {str(key): _plain(name, member) for key, member in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(_plain(name, member) for member in value)
    if isinstance(value, list | tuple):
        return [_plain(name, member) for member in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    raise Misconfigured(f"{name} holds a {type(value).__name__}; facts are texts, whole numbers, true, false, or lists")
