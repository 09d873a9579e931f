"""What a verified access token says, typed and frozen (RFC 9068 section 2.2, docs/wire.md).

A missing acr is the empty text, which is no class; a missing auth_time is 0, which is never fresh; a missing amr is
empty: the weakest value each (S02). Claims and events are named tuples, since a frozen dataclass costs thrice as much
to make and a new token has forty microseconds beside its signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from newel_sdk.encoding import unbase64url
from newel_sdk.errors import TokenRefused

BINDINGS = frozenset({"signed", "confirmed"})


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
    ledger: tuple[LedgerEvent, ...]
    elevations: tuple[Elevation, ...]
    key_bound: bool
    raw: Mapping[str, Any]


def _text(raw: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = raw.get(name, default)
    if not isinstance(value, str):
        raise TokenRefused(f"{name} is not a text")
    return value


def _seconds(raw: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = raw.get(name, default)
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise TokenRefused(f"{name} is not a time in whole seconds")
    return value


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
        raise TokenRefused(f"{name} is not a list of texts")
    return tuple(value)


def _audience(raw: Mapping[str, Any]) -> tuple[str, ...]:
    value = raw.get("aud")
    audience = (value,) if isinstance(value, str) else _texts(raw, "aud")
    if not audience:
        raise TokenRefused("aud is missing")
    return audience


def _acrs(raw: Mapping[str, Any]) -> Mapping[str, int]:
    value = raw.get("newel_acrs", {})
    if not isinstance(value, dict):
        raise TokenRefused("newel_acrs is not an object")
    return {name: _seconds(value, name) for name in value}


def _objects(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise TokenRefused(f"{name} is not a list of objects")
    return value


def _ledger_event(raw: Mapping[str, Any]) -> LedgerEvent:
    method, binding = _text(raw, "method"), raw.get("binding")
    if binding is not None and binding not in BINDINGS:
        raise TokenRefused("newel_ledger names an unknown binding")
    uv, phr, hw = raw.get("uv", False), raw.get("phr", False), raw.get("hw", False)
    if not type(uv) is type(phr) is type(hw) is bool:
        raise TokenRefused("newel_ledger holds a flag that is not true or false")
    return LedgerEvent(method=method, at=_seconds(raw, "at"), uv=uv, phr=phr, hw=hw, binding=binding)


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


def read_claims(raw: Mapping[str, Any]) -> Claims:
    """Give verified members their types; raises TokenRefused when a member has the wrong one (RFC 9068 section 4)."""
    token_id = _text(raw, "jti", "")
    return Claims(
        issuer=_text(raw, "iss"),
        subject=_text(raw, "sub"),
        audience=_audience(raw),
        client_id=_text(raw, "client_id", ""),
        issued_at=_seconds(raw, "iat"),
        not_before=_seconds(raw, "nbf", 0),
        expires_at=_seconds(raw, "exp"),
        token_id=token_id,
        scope=frozenset(_text(raw, "scope", "").split(" ")) - {""},
        sid=_text(raw, "sid", ""),
        family=token_id.rpartition(".")[0],
        acr=_text(raw, "acr", ""),
        auth_time=_seconds(raw, "auth_time", 0),
        amr=_texts(raw, "amr"),
        acrs=_acrs(raw),
        ledger=tuple(_ledger_event(entry) for entry in _objects(raw, "newel_ledger")),
        elevations=tuple(_elevation(entry) for entry in _objects(raw, "authorization_details") if "elevation" in entry),
        key_bound="cnf" in raw,
        raw=raw,
    )
