"""Checks of a whole configuration: bounds with their reason, and what has to fit together (S34).

Every check returns faults as sentences; an empty list means that the start may go on.
"""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newel.config.key import Place, places
from newel.config.tree import Config

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def faults(config: Config) -> list[str]:
    """Everything that is wrong with a configuration whose types are right."""
    found: list[str] = []
    for place in places(Config):
        found.extend(_out_of_bounds(place, value(config, place)))
    for check in CHECKS:
        found.extend(check(config))
    return found


def value(config: Config, place: Place) -> Any:
    """The value of one key."""
    return getattr(getattr(config, place.section), place.name)


def warnings(config: Config) -> list[str]:
    """What is switched on and takes a protection away: said loudly at every start."""
    return [
        f"DANGER: {place.path} is on. {place.key.why}"
        for place in places(Config)
        if place.dangerous and value(config, place) != place.default
    ]


def _out_of_bounds(place: Place, actual: Any) -> Iterator[str]:
    said = place.key
    unit = f" {said.unit}" if said.unit else ""
    because = f" {said.why}" if said.why else ""
    if said.low is not None and actual < said.low:
        yield f"{place.path} = {actual} is below {said.low}{unit}.{because}"
    if said.high is not None and actual > said.high:
        yield f"{place.path} = {actual} is above {said.high}{unit}.{because}"
    if said.choices and actual not in said.choices:
        yield f'{place.path} = "{actual}" is none of {", ".join(said.choices)}.'


def origin_fault(text: str) -> str | None:
    """What keeps `text` from being an origin that cookies and passkeys work on, or None."""
    try:
        parts = urlsplit(text)
        known_port = parts.port is None or parts.port > 0
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not known_port:
        return "has to begin with https:// and name a host"
    if text != f"{parts.scheme}://{parts.netloc}" or "@" in text or text != text.lower():
        return (
            "has to be scheme://host[:port] in lower case: no path, no closing slash, no query, no name before the host"
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "has to be https: plain http is taken for localhost only, because cookies and passkeys need TLS"
    if _default_port(parts):
        return "names the port that its scheme has anyway; leave it out"
    return None


def _default_port(parts: SplitResult) -> bool:
    return parts.port == {"http": 80, "https": 443}[parts.scheme]


def _issuer(config: Config) -> Iterator[str]:
    fault = origin_fault(config.server.issuer)
    if fault:
        yield f'server.issuer = "{config.server.issuer}" {fault}.'


def _listener(config: Config) -> Iterator[str]:
    host = config.server.host
    if host == "localhost":
        return
    try:
        address = ip_address(host)
    except ValueError:
        yield f'server.host = "{host}" is not an IP address, nor localhost.'
        return
    private = address.is_loopback or (address.is_private and not address.is_unspecified)
    if not private and not config.server.danger_public_listener:
        yield (
            f'server.host = "{host}" can be reached by others than your proxy, without TLS. Listen on 127.0.0.1 or a '
            "private address, or set server.danger_public_listener = true."
        )


def _relying_party(config: Config) -> Iterator[str]:
    rp_id = config.rp_id
    for path, origin in (("server.issuer", config.issuer), *(("webauthn.origins", o) for o in config.webauthn.origins)):
        fault = origin_fault(origin)
        if path == "webauthn.origins" and fault:
            yield f'webauthn.origins: "{origin}" {fault}.'
        host = urlsplit(origin).hostname or "" if not fault else ""
        if host and host != rp_id and not host.endswith(f".{rp_id}"):
            yield f'webauthn.rp_id = "{rp_id}" is neither the host of {origin} nor a parent domain of it (WebAuthn Level 3 section 5.1.2).'
    if "." not in rp_id and rp_id not in LOOPBACK:
        yield f'webauthn.rp_id = "{rp_id}" is a whole top-level domain.'


def _organisation(config: Config) -> Iterator[str]:
    house = config.organisation
    if not house.name.strip() or not house.name.isprintable():
        yield "organisation.name has to be a printable name."
    if house.help_address and not house.help_address.startswith(("https://", "mailto:")):
        yield f'organisation.help_address = "{house.help_address}" has to begin with https:// or mailto:.'
    try:
        ZoneInfo(house.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f'organisation.zone = "{house.zone}" is not an IANA time zone; write for example Europe/Berlin or UTC.'


def _files(config: Config) -> Iterator[str]:
    database = config.storage.database
    beside = {database, *(database.with_name(f"{database.name}-{end}") for end in ("wal", "shm", "turn"))}
    named = (
        ("storage.checkpoint_file", config.storage.checkpoint_file),
        ("secrets.master_key_file", config.secrets.master_key_file),
    )
    for path, file in named:
        if file in beside:
            yield f"{path} is the database's own file {file}; it has to stand outside the database."
    if config.storage.checkpoint_file == config.secrets.master_key_file:
        yield "storage.checkpoint_file and secrets.master_key_file are one file."


def _order(config: Config) -> Iterator[str]:
    lives = config.lives
    if config.keys.overlap < max(lives.access_token, lives.id_token):
        yield "keys.overlap is shorter than a token lives; tokens would outlive the key that verifies them."
    if lives.session < lives.interaction:
        yield "lives.session is shorter than lives.interaction; a prompt would outlive its session."


CHECKS: tuple[Callable[[Config], Iterator[str]], ...] = (
    _issuer,
    _listener,
    _relying_party,
    _organisation,
    _files,
    _order,
)
