"""What a verified access token says, typed and frozen (RFC 9068 section 2.2, docs/wire.md).

A missing acr is the empty text, which is no class; a missing auth_time is 0, which is never fresh; a missing amr is
empty: the weakest value each (S02). Claims are a named tuple, since a frozen dataclass costs thrice as much to make; they
keep the payload instead of its parsed members, which take four times the memory for as long as a token is remembered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from newel_sdk.encoding import parse_object, unbase64url
from newel_sdk.errors import TokenRefused

BINDINGS = ("signed", "confirmed")
# Times are below 2^53: shifted by 53 bits such a number is 0, a negative one is -1.
SECONDS_BITS = 53
# What an absent member counts as; four must be there.
_TEXTS = {"iss": None, "sub": None, "client_id": "", "jti": "", "scope": "", "sid": "", "acr": ""}
_TIMES = {"iat": None, "nbf": 0, "exp": None, "auth_time": 0}


class LedgerEvent(NamedTuple):
    """One verified authentication event: by which method, when (seconds), with what properties."""

    method: str
    at: int
    uv: bool
    phr: bool
    hw: bool
    binding: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elevation:
    """An approval of one action: the object A that was shown, how it was bound, and its digest as the token states it."""

    resource: str
    action: str
    fields: Mapping[str, Any]
    approved: Mapping[str, Any]
    binding: str
    digest: bytes
    interaction: str
    expires_at: int


class Claims(NamedTuple):
    """A verified access token; times in seconds since the epoch.

    `family` is the refresh family that a token came from: what its `jti` says before the last full stop.
    """

    issuer: str
    subject: str
    audience: tuple[str, ...]
    client_id: str
    issued_at: int
    not_before: int
    expires_at: int
    token_id: str
    scope: frozenset[str]
    sid: str
    family: str
    acr: str
    auth_time: int
    amr: tuple[str, ...]
    acrs: Mapping[str, int]
    elevations: tuple[Elevation, ...]
    key_bound: bool
    payload: bytes

    @property
    def raw(self) -> dict[str, Any]:
        """Every member as it stands in the token, read anew: what is remembered is neither doubled nor ever changed."""
        return parse_object(self.payload)

    @property
    def ledger(self) -> tuple[LedgerEvent, ...]:
        """The verified authentication events, made anew; their types were checked with those of all other members."""
        return tuple(
            LedgerEvent(
                method=event["method"],
                at=event["at"],
                uv=event.get("uv", False),
                phr=event.get("phr", False),
                hw=event.get("hw", False),
                binding=event.get("binding"),
            )
            for event in self.raw.get("newel_ledger", ())
        )


def _text(raw: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = raw.get(name, default)
    if type(value) is not str:
        raise TokenRefused(f"{name} is not a text")
    return value


def _seconds(raw: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = raw.get(name, default)
    if type(value) is not int or value >> SECONDS_BITS:
        raise TokenRefused(f"{name} is not a time in whole seconds")
    return value


def _refuse(raw: Mapping[str, Any]) -> NoReturn:
    """Raise for the first plain member that is wrong: read_claims looks at several at once and does not say which."""
    for text, absent in _TEXTS.items():
        _text(raw, text, absent)
    for time, absent_time in _TIMES.items():
        _seconds(raw, time, absent_time)
    raise TokenRefused("the claims are not whole")


def _audience(value: Any) -> tuple[str, ...]:
    if type(value) is str:
        return (value,)
    audience = _texts(value, "aud")
    if not audience:
        raise TokenRefused("aud is missing")
    return audience


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if type(value) is list:
        for entry in value:
            if type(entry) is not str:
                break
        else:
            return tuple(value)
    raise TokenRefused(f"{name} is not a list of texts")


@lru_cache(maxsize=256)
def _scope(value: str) -> frozenset[str]:
    return frozenset(value.split(" ")) - {""}


def _acrs(value: Any) -> Mapping[str, int]:
    if type(value) is not dict:
        raise TokenRefused("newel_acrs is not an object")
    for at in value.values():
        if type(at) is not int or at >> SECONDS_BITS:
            raise TokenRefused("newel_acrs holds what is not a time in whole seconds")
    return value


def _check_ledger(value: Any) -> None:
    if type(value) is not list:
        raise TokenRefused("newel_ledger is not a list of objects")
    for event in value:
        if type(event) is not dict:
            raise TokenRefused("newel_ledger is not a list of objects")
        get = event.get
        at, binding = get("at"), get("binding")
        if type(get("method")) is not str or type(at) is not int or at >> SECONDS_BITS:
            raise TokenRefused("newel_ledger holds an event without a method or a time in whole seconds")
        if binding is not None and binding not in BINDINGS:
            raise TokenRefused("newel_ledger names an unknown binding")
        if not type(get("uv", False)) is type(get("phr", False)) is type(get("hw", False)) is bool:
            raise TokenRefused("newel_ledger holds a flag that is not true or false")


def _elevations(value: Any) -> tuple[Elevation, ...]:
    if type(value) is not list:
        raise TokenRefused("authorization_details is not a list of objects")
    for entry in value:
        if type(entry) is not dict:
            raise TokenRefused("authorization_details is not a list of objects")
    return tuple([_elevation(entry) for entry in value if "elevation" in entry])


def _elevation(raw: Mapping[str, Any]) -> Elevation:
    approved, binding = raw.get("elevation"), raw.get("binding")
    if not isinstance(approved, dict) or binding not in BINDINGS:
        raise TokenRefused("authorization_details hold an elevation that is not whole")
    try:
        digest = unbase64url(_text(raw, "digest"))
    except ValueError as problem:
        raise TokenRefused("digest is not base64url") from problem
    fields = approved.get("fields")
    if not isinstance(fields, dict):
        raise TokenRefused("an elevation without fields")
    return Elevation(
        resource=_text(approved, "resource"),
        action=_text(approved, "action"),
        fields=fields,
        approved=approved,
        binding=binding,
        digest=digest,
        interaction=_text(approved, "interaction"),
        expires_at=_seconds(approved, "exp"),
    )


def read_claims(payload: bytes) -> Claims:
    """Give a verified payload's members their types; raises TokenRefused when one has the wrong type (RFC 9068 section 4)."""
    try:
        raw = parse_object(payload)
    except ValueError as problem:
        raise TokenRefused(f"claims: {problem}") from problem
    get = raw.get
    issuer, subject, client_id = get("iss"), get("sub"), get("client_id", "")
    if not type(issuer) is type(subject) is type(client_id) is str:
        _refuse(raw)
    token_id, scope, sid, acr = get("jti", ""), get("scope", ""), get("sid", ""), get("acr", "")
    if not type(token_id) is type(scope) is type(sid) is type(acr) is str:
        _refuse(raw)
    issued_at, not_before, expires_at, auth_time = get("iat"), get("nbf", 0), get("exp"), get("auth_time", 0)
    if not type(issued_at) is type(not_before) is type(expires_at) is type(auth_time) is int:
        _refuse(raw)
    if (issued_at | not_before | expires_at | auth_time) >> SECONDS_BITS:
        _refuse(raw)
    if "newel_ledger" in raw:
        _check_ledger(raw["newel_ledger"])
    return Claims(
        issuer,
        subject,
        _audience(get("aud")),
        client_id,
        issued_at,
        not_before,
        expires_at,
        token_id,
        _scope(scope),
        sid,
        token_id.rpartition(".")[0],
        acr,
        auth_time,
        _texts(raw["amr"], "amr") if "amr" in raw else (),
        _acrs(raw["newel_acrs"]) if "newel_acrs" in raw else {},
        _elevations(raw["authorization_details"]) if "authorization_details" in raw else (),
        "cnf" in raw,
        payload,
    )
