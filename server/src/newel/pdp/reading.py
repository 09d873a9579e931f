"""Reading: JSON → entities (AuthZEN Authorization API 1.0 section 5). Strict, bounded, and forgiving of what it does not know.

An unknown member is ignored, a wrong type refused. Values below `properties` and `context` become paths that a policy's
facts have: `{"context": {"payee": {"Country": "DE"}}}` states `context.payee.country`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from newel.crypto.strict_json import loads_object, reader
from newel.flows.inquiry import Question
from newel.http.body import too_deep
from newel.http.errors import RequestError
from newel.http.request import Request

DEEPEST = 12
CONTAINERS = frozenset({dict, list})
MOST_VALUES = 500
MOST_TYPE, MOST_ID, MOST_KEY = 256, 1024, 200
TOKEN, RESERVATION = "access_token", "reservation"
THE_TOKEN, THE_RESERVATION = f"subject.properties.{TOKEN}", f"context.{RESERVATION}"
"""The paths at which they would be stated."""
NAME = re.compile(r"[a-z][a-z0-9_]*")
MOST_KEPT = 64
"""Characters of a member's name and of the path to it that are remembered."""
JSON = "application/json"
Members = Mapping[str, Any]
MISSING = object()


class Malformed(ValueError):
    """A request that cannot be understood; the message names the member."""


class Entity(msgspec.Struct, frozen=True, omit_defaults=True, rename={"kind": "type"}):
    """A subject or a resource: `kind` is the type, `id` is empty where not asked for."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TYPE)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_ID)]
    properties: dict[str, Any] = {}


class Action(msgspec.Struct, frozen=True, omit_defaults=True, rename={"kind": "name"}):
    """An action: `kind` is its name."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TYPE)]
    properties: dict[str, Any] = {}


class _Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    subject: Entity
    action: Action
    resource: Entity
    context: dict[str, Any] = {}


_at_once = reader(_Asked)


def read_body(request: Request) -> Members:
    """The JSON object of a request. RequestError 400 for any other body, or one nested too deeply."""
    _check_type(request)
    _check_depth(request.body)
    try:
        return loads_object(request.body)
    except ValueError:
        raise RequestError(400, "the body is not one JSON object in UTF-8 with each member once") from None


def read_asked(request: Request) -> Question:
    """What a request to evaluate asks. RequestError and Malformed as where its body is read first, and the question then."""
    _check_type(request)
    asked = _at_once(request.body)
    if asked is None:
        return read_question(read_body(request))
    subject, action, resource, context = asked.subject, asked.action, asked.resource, asked.context
    if _nested(context) or _nested(subject.properties) or _nested(action.properties) or _nested(resource.properties):
        _check_depth(request.body)
    return question(subject, action, resource, context)


def _check_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "")
    if media_type != JSON and media_type.partition(";")[0].strip().lower() != JSON:
        raise RequestError(400, "the body is application/json")


def _check_depth(body: bytes) -> None:
    if body.count(b"{") + body.count(b"[") > DEEPEST and too_deep(body, DEEPEST):
        raise RequestError(400, "the body is nested too deeply")


def _nested(members: Members) -> bool:
    return bool(members) and not CONTAINERS.isdisjoint(map(type, members.values()))


def read_question(body: Members) -> Question:
    """What an access evaluation asks. Malformed otherwise."""
    subject = read_entity(body, "subject")
    return question(subject, read_action(body), read_entity(body, "resource"), read_context(body))


def question(subject: Entity, action: Action, resource: Entity, context: Members) -> Question:
    """The question that entities make. Malformed for a token or a reservation of a wrong type."""
    return Question(
        resource=resource.kind,
        thing=resource.id,
        action=action.kind,
        subject=subject.id,
        subject_type=subject.kind,
        stated=stated(subject, action, resource, context),
        properties=resource.properties,
        unverified_token=_text_or_none(subject.properties, TOKEN, "subject.properties"),
        reservation=_key_or_none(context),
    )


def stated(subject: Entity, action: Action, resource: Entity, context: Members) -> dict[str, Any]:
    """Every value that a caller states, by path. Malformed where two say one thing, or there are too many."""
    values: dict[str, Any] = {}
    _state(values, "subject.properties", subject.properties, THE_TOKEN)
    if action.properties:
        _state(values, "action.properties", action.properties)
    if resource.properties:
        _state(values, "resource.properties", resource.properties)
    _state(values, "context", context, THE_RESERVATION)
    if len(values) > MOST_VALUES:
        raise Malformed(f"more than {MOST_VALUES} properties")
    return values


def read_entity(body: Members, name: str, *, with_id: bool = True) -> Entity:
    """The subject or the resource. Where it is the target of a search its id is ignored. Malformed otherwise."""
    given = _object(body, name)
    identifier = _text(given, "id", name, MOST_ID) if with_id else ""
    return Entity(_text(given, "type", name, MOST_TYPE), identifier, _properties(given, name))


def read_action(body: Members) -> Action:
    """The action. Malformed otherwise."""
    given = _object(body, "action")
    return Action(_text(given, "name", "action", MOST_TYPE), _properties(given, "action"))


def read_context(body: Members) -> Members:
    """The context, empty without one. Malformed where it is no object."""
    return _object(body, "context") if "context" in body else {}


def _object(body: Members, name: str) -> dict[str, Any]:
    given = body.get(name, MISSING)
    if isinstance(given, dict):
        return given
    raise Malformed(f"{name} is missing" if given is MISSING else f"{name} must be an object")


def _properties(given: Members, name: str) -> dict[str, Any]:
    properties = given.get("properties", {})
    if not isinstance(properties, dict):
        raise Malformed(f"{name}.properties must be an object")
    return properties


def _text(given: Members, member: str, where: str, most: int) -> str:
    value = given.get(member, MISSING)
    if isinstance(value, str) and 0 < len(value) <= most:
        return value
    must = "is missing" if value is MISSING else f"must be a string of 1 to {most} characters"
    raise Malformed(f"{where}.{member} {must}")


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
    """Put each value under its path, in lower case as facts are named; the `reserved` one is no fact, however spelled.

    What no fact can be called keeps its own spelling.
    """
    for name, value in members.items():
        path = (_path if len(prefix) + len(name) <= MOST_KEPT else _path.__wrapped__)(prefix, name)
        if path == reserved:
            continue
        if value and isinstance(value, dict):
            _state(values, path, value)
        elif path in values:
            raise Malformed("a property is stated twice")
        else:
            values[path] = value


@lru_cache(1024)
def _path(prefix: str, name: str) -> str:
    """The path of a member."""
    lower = name.lower() if name.isascii() else name
    return f"{prefix}.{lower if NAME.fullmatch(lower) else repr(name)}"
