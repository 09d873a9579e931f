"""Bind: object A of an action, from what was parsed; the text on the post is the text that is hashed (S17)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from newel.domain.action import Action
from newel.domain.authorization import AuthorizationRequest
from newel.flows.facts import fits
from newel.i18n.display import Bound, Row, display_text
from newel.i18n.message import Amount, Iban, Text
from newel.i18n.wording import Wording
from newel.policy.base import Resource
from newel.policy.fields import Field
from newel.services import Services

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def bind(
    services: Services, request: AuthorizationRequest, *, subject: str, interaction: str, locale: str, expires_at: int
) -> Action | None:
    """Object A for the request's action in the person's language; None where nothing is bound.

    An action that the policy in force no longer declares, or with other fields, binds nothing: it is denied.
    """
    asked = request.action
    resource = services.policy.resources.get(asked.resource) if asked is not None else None
    if asked is None or resource is None or not fits(services.policy, asked):
        return None
    words = services.wordings[locale]
    return Action(
        iss=services.config.issuer,
        aud=request.audience[0],
        client_id=request.client_id,
        cnf=None,
        sub=subject,
        interaction=interaction,
        action=asked.action,
        resource=asked.resource,
        fields=asked.fields,
        locale=locale,
        text=display_text(_bound(words, resource, asked.action, asked.fields)),
        exp=expires_at,
    )


def _bound(words: Wording, resource: Resource, action: str, fields: Mapping[str, Any]) -> Bound:
    """What the person confirms: the first amount is the largest thing on the page, every other field a row."""
    amount: str | None = None
    rows: list[Row] = []
    for name, declared in resource.fields.items():
        if name not in fields:
            continue
        if declared.kind == "money" and amount is None:
            amount = words.value(Amount(fields[name]["minor"], fields[name]["currency"]))
        else:
            rows.extend(_rows(words, declared, fields[name]))
    return Bound(verb=words.say(Text(resource.verbs[action])), amount=amount, rows=tuple(rows))


def _rows(words: Wording, declared: Field, value: Any) -> Iterator[Row]:
    label = words.say(Text(declared.label))
    if declared.kind == "account":
        yield Row(label, value["name"])
        yield from _account_number(words, value["id"])
    elif declared.kind == "money":
        yield Row(label, words.value(Amount(value["minor"], value["currency"])))
    elif declared.free:
        yield Row(label, f"\u201c{value}\u201d")  # quotation marks say: these are the client's words
    else:
        yield Row(label, words.value(value))


def _account_number(words: Wording, number: str) -> Iterator[Row]:
    """The number stands beside the name: a name alone identifies nobody (S17)."""
    if IBAN.fullmatch(number):
        yield Row("IBAN", words.value(Iban(number)))
    else:
        yield Row(words.say(Text("Account")), number)
