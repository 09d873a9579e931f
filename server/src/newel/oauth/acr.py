"""acr_values and the `claims` parameter (OpenID Connect Core sections 3.1.2.1 and 5.5, S02)."""

from collections.abc import Mapping
from typing import Any

from newel.crypto.strict_json import loads_object
from newel.domain.assurance import Classes
from newel.domain.errors import InvalidRequest, UnmetAuthenticationRequirements
from newel.domain.value import dataclass

HIDDEN = frozenset({"recovery"})
MOST_CLAIMS = 50
MOST_VALUES = 20


@dataclass(frozen=True, slots=True)
class AcrAsked:
    """The known acr values asked for, in order; `best_effort` where what was proven will do instead."""

    values: tuple[str, ...] = ()
    best_effort: bool = False


@dataclass(frozen=True, slots=True)
class ClaimsAsked:
    """The parsed `claims` parameter: names for each place, what it says of acr, and the one subject it will take."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    acr: Mapping[str, Any] | None = None
    subject: str | None = None


def parse_claims(unverified: str | None) -> ClaimsAsked:
    """Read `claims`. InvalidRequest for what is not an object of objects."""
    if unverified is None:
        return ClaimsAsked()
    try:
        asked = loads_object(unverified.encode())
    except ValueError:
        raise InvalidRequest("claims is not a JSON object") from None
    places = {place: {} if asked.get(place) is None else asked[place] for place in ("userinfo", "id_token")}
    for members in places.values():
        if not isinstance(members, dict) or len(members) > MOST_CLAIMS:
            raise InvalidRequest("claims.userinfo and claims.id_token are objects")
        if any(each is not None and not isinstance(each, dict) for each in members.values()):
            raise InvalidRequest("a requested claim is null or an object")
    acr = places["id_token"].get("acr") or places["userinfo"].get("acr")
    subject = (places["id_token"].get("sub") or {}).get("value")
    if subject is not None and not isinstance(subject, str):
        raise InvalidRequest("sub.value is a string")
    return ClaimsAsked(tuple(places["userinfo"]), tuple(places["id_token"]), acr, subject)


def asked_acr(classes: Classes, acr_values: str | None, claims: ClaimsAsked, *, voluntary: bool) -> AcrAsked:
    """What a request asks of acr. An essential claim with no value known here is an error, never a pass (S02)."""
    if claims.acr is not None:
        named = _claim_values(claims.acr)
        known = _known(classes, named)
        if claims.acr.get("essential") is True and named:
            if not known:
                raise UnmetAuthenticationRequirements("no essential acr value is known here")
            return AcrAsked(known)
        if known:
            return AcrAsked(known, best_effort=True)
    return AcrAsked(_known(classes, (acr_values or "").split()[:MOST_VALUES]), best_effort=voluntary)


def _claim_values(asked: Mapping[str, Any]) -> list[str]:
    values = asked.get("values", [])
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise InvalidRequest("acr.values is a short array")
    named = [*([asked["value"]] if "value" in asked else []), *values]
    if not all(isinstance(each, str) for each in named):
        raise InvalidRequest("acr values are strings")
    return named


def _known(classes: Classes, named: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in named if each in classes.by_name and each not in HIDDEN))
