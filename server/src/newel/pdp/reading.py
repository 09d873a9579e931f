"""Reading: JSON → entities (AuthZEN Authorization API 1.0 section 5). Strict, bounded, and forgiving of what it does not know.

An unknown member is ignored, a wrong type refused. Values below `properties` and `context` become paths that a policy's
facts have: `{"context": {"payee": {"Country": "DE"}}}` states `context.payee.country`.
"""

import re
from collections.abc import Mapping
from typing import Any

from newel.crypto.strict_json import loads_object
from newel.domain.value import dataclass
from newel.flows.inquiry import Question
from newel.http.body import too_deep
from newel.http.errors import RequestError
from newel.http.request import Request

DEEPEST = 12
MOST_VALUES = 500
MOST_TYPE, MOST_ID, MOST_KEY = 256, 1024, 200
TOKEN, RESERVATION = "access_token", "reservation"
NAME = re.compile(r"[a-z][a-z0-9_]*")

Members = Mapping[str, Any]


class Malformed(ValueError):
    """A request that cannot be understood; the message names the member."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A subject, a resource or an action: `kind` is the type (or the action's name), `id` is empty where not asked for."""

    kind: str
    id: str
    properties: Members


def read_body(request: Request) -> Members:
    """The JSON object of a request. RequestError 400 for any other body, or one nested too deeply."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RequestError(400, "the body is application/json")
    openings = request.body.count(b"{") + request.body.count(b"[")
    if openings > DEEPEST and too_deep(request.body, DEEPEST):
        raise RequestError(400, "the body is nested too deeply")
    try:
        return loads_object(request.body)
    except ValueError:
        raise RequestError(400, "the body is not one JSON object in UTF-8 with each member once") from None


def read_question(body: Members) -> Question:
    """What an access evaluation asks. Malformed otherwise."""
    subject = read_entity(body, "subject")
    return question(subject, read_action(body), read_entity(body, "resource"), read_context(body))


def question(subject: Entity, action: Entity, resource: Entity, context: Members) -> Question:
    """The question that entities make. Malformed for a token or a reservation of a wrong type."""
    return Question(
        resource=resource.kind,
        thing=resource.id,
        action=action.kind,
        subject=subject.id,
        stated=stated(subject, action, resource, context),
        named={
            "subject.type": subject.kind,
            "resource.type": resource.kind,
            "resource.id": resource.id,
            "action.name": action.kind,
        },
        properties=resource.properties,
        unverified_token=_text_or_none(subject.properties, TOKEN, "subject.properties"),
        reservation=_key_or_none(context),
    )


def stated(subject: Entity, action: Entity, resource: Entity, context: Members) -> dict[str, Any]:
    """Every value that a caller states, by path. Malformed where two say one thing, or there are too many."""
    values: dict[str, Any] = {}
    _state(values, "subject.properties", subject.properties, TOKEN)
    _state(values, "action.properties", action.properties)
    _state(values, "resource.properties", resource.properties)
    _state(values, "context", context, RESERVATION)
    if len(values) > MOST_VALUES:
        raise Malformed(f"more than {MOST_VALUES} properties")
    return values


def read_entity(body: Members, name: str, *, with_id: bool = True) -> Entity:
    """The subject or the resource. Where it is the target of a search its id is ignored. Malformed otherwise."""
    given = _object(body, name)
    identifier = _text(given, "id", name, MOST_ID) if with_id else ""
    return Entity(_text(given, "type", name, MOST_TYPE), identifier, _properties(given, name))


def read_action(body: Members) -> Entity:
    """The action. Malformed otherwise."""
    given = _object(body, "action")
    return Entity(_text(given, "name", "action", MOST_TYPE), "", _properties(given, "action"))


def read_context(body: Members) -> Members:
    """The context, empty without one. Malformed where it is no object."""
    return _object(body, "context") if "context" in body else {}


def _object(body: Members, name: str) -> Members:
    if name not in body:
        raise Malformed(f"{name} is missing")
    given = body[name]
    if not isinstance(given, dict):
        raise Malformed(f"{name} must be an object")
    return given


def _properties(given: Members, name: str) -> Members:
    properties = given.get("properties", {})
    if not isinstance(properties, dict):
        raise Malformed(f"{name}.properties must be an object")
    return properties


def _text(given: Members, member: str, where: str, most: int) -> str:
    if member not in given:
        raise Malformed(f"{where}.{member} is missing")
    value = given[member]
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise Malformed(f"{where}.{member} must be a string of 1 to {most} characters")
    return value


def _text_or_none(given: Members, member: str, where: str) -> str | None:
    if member not in given:
        return None
    value = given[member]
    if not isinstance(value, str):
        raise Malformed(f"{where}.{member} must be a string")
    return value


def _key_or_none(context: Members) -> str | None:
    return _text(context, RESERVATION, "context", MOST_KEY) if RESERVATION in context else None


def _state(values: dict[str, Any], prefix: str, members: Members, reserved: str = "") -> None:
    """Put each value under its path, in lower case as facts are named; what is `reserved` is no fact, however spelled.

    What no fact can be called keeps its own spelling.
    """
    for name, value in members.items():
        lower = name.lower() if name.isascii() else name
        if lower == reserved and reserved:
            continue
        path = f"{prefix}.{lower if NAME.fullmatch(lower) else repr(name)}"
        if isinstance(value, dict) and value:
            _state(values, path, value)
        elif path in values:
            raise Malformed("a property is stated twice")
        else:
            values[path] = value
