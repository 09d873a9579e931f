"""The whole configuration: one frozen tree, every key with its default, its unit, its safe bounds and the reason.

`docs/config.md` is generated from this module. Policy is data and stands elsewhere; secrets stand in files of their own.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from newel.config.key import key, said

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the server is reached, and where it listens."""

    issuer: str = key(
        "http://localhost:8400",
        "The address people and clients see, exactly as tokens name it: https://host[:port], with no path.",
        why="Plain http is taken for this machine only: cookies and passkeys need https everywhere else.",
    )
    host: str = key(
        "127.0.0.1", "The address to listen on: a loopback or private one, where your TLS proxy reaches it."
    )
    port: int = key(8400, "The port to listen on.", low=1, high=65535)
    workers: int = key(
        1,
        "Processes that share one listening socket and one database file.",
        low=1,
        high=64,
        why="More processes than cores only take memory.",
    )
    drain: int = key(
        10,
        "How long requests under way may take to finish when the server stops.",
        unit="seconds",
        low=1,
        high=300,
    )
    danger_public_listener: bool = key(
        default=False,
        says="Listen on an address that others than a proxy can reach, without TLS.",
        why="Whoever reaches the plain listener reads cookies and codes on the wire. In a container whose port only "
        "the proxy sees, it is the way.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where things are kept. Paths are relative to the configuration file's folder."""

    database: Path = field(
        default=Path("newel.db"),
        metadata=said("The SQLite database file; two more files appear beside it while it is used."),
    )
    checkpoint_file: Path = field(
        default=Path("newel.checkpoints"),
        metadata=said(
            "Where signed checkpoints of the audit chains are appended, at least every minute.",
            why="It stands outside the database, best on another disk or machine: who can write both can hide what was cut.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Secrets come from files only: never from this file, never from the environment."""

    master_key_file: Path = field(
        default=Path("newel.key"),
        metadata=said(
            "The file with the master key that seals signing keys and authenticators' secrets at rest.",
            why="Only its owner may read it, and a backup of the database is worth nothing without it.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What pages say about the house."""

    name: str = key("Newel", "The organisation's name on every page and in authenticator apps.")
    help_address: str = key("", "Where a person who is stuck finds help: an https: or mailto: address.")
    locale: str = key("en", "The language where the browser asks for none that exists here.", choices=("en", "de"))
    zone: str = key("UTC", "The time zone in which pages show times, by its IANA name (Europe/Berlin).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webauthn:
    """Passkeys and security keys."""

    rp_id: str = key(
        "",
        "The domain that passkeys are bound to; the issuer's host when empty.",
        why="It is the issuer's host or a parent domain of it. Changing it later makes every passkey useless.",
    )
    origins: tuple[str, ...] = key((), "Further origins that may use these passkeys, beside the issuer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """How long things live."""

    access_token: int = key(
        5 * MINUTE,
        "An access token.",
        unit="seconds",
        low=30,
        high=HOUR,
        why="An offline guard that does not poll /epoch learns of a revocation only when the token ends.",
    )
    elevated_token: int = key(
        60,
        "An access token that carries a bound action.",
        unit="seconds",
        low=10,
        high=60,
        why="It is made to be used at once, for one action.",
    )
    id_token: int = key(
        5 * MINUTE, "An ID token.", unit="seconds", low=30, high=HOUR, why="It is read once, on arrival."
    )
    code: int = key(
        60,
        "An authorization code.",
        unit="seconds",
        low=5,
        high=60,
        why="RFC 9700 asks for a short life; one redirect and one call take less than a second.",
    )
    refresh_token: int = key(
        30 * DAY, "A refresh token that is not used.", unit="seconds", low=5 * MINUTE, high=90 * DAY
    )
    session: int = key(
        DAY,
        "A session, from sign-in to its end.",
        unit="seconds",
        low=5 * MINUTE,
        high=30 * DAY,
        why="NIST SP 800-63B-4 ends a session at aal1 after 30 days; higher classes end earlier by themselves.",
    )
    interaction: int = key(
        10 * MINUTE,
        "A prompt that waits for its person.",
        unit="seconds",
        low=MINUTE,
        high=30 * MINUTE,
        why="A shared screen must not keep an open prompt for long.",
    )
    pushed_request: int = key(90, "A pushed authorization request (RFC 9126).", unit="seconds", low=5, high=10 * MINUTE)
    sign_up: int = key(
        DAY,
        "A sign-up address from `newel user add`.",
        unit="seconds",
        low=10 * MINUTE,
        high=7 * DAY,
        why="Whoever holds it becomes that person.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest input that is read; more is answered 4xx (S35)."""

    body_bytes: int = key(
        64 * KIB, "A request's body.", unit="bytes", low=8 * KIB, high=1024 * KIB, why="Passkey answers need 8 KiB."
    )
    header_bytes: int = key(16 * KIB, "Request line and headers together.", unit="bytes", low=4 * KIB, high=64 * KIB)
    headers: int = key(100, "Header lines.", low=20, high=500)
    head_seconds: int = key(10, "Time for the head of a request to arrive.", unit="seconds", low=1, high=60)
    body_seconds: int = key(30, "Time for the body of a request to arrive.", unit="seconds", low=1, high=300)
    connections: int = key(
        1000,
        "Connections a worker keeps open at once.",
        low=10,
        high=60000,
        why="Each one costs a file descriptor and a few kilobytes.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessing:
    """What stands between a guess and its answer (S10, S11, S12, S15)."""

    attempts: int = key(
        5,
        "Wrong answers in one interaction.",
        low=3,
        high=10,
        why="Ten guesses of a six-digit code succeed once in 33,000 interactions.",
    )
    per_name: int = key(20, "Sign-in attempts for one name in a window.", low=5, high=200)
    per_address: int = key(
        100, "Sign-in attempts from one address (an IPv6 /64 is one) in a window.", low=10, high=100_000
    )
    pages_per_address: int = key(600, "Page views from one address in a window.", low=60, high=1_000_000)
    window: int = key(5 * MINUTE, "The window in which these are counted.", unit="seconds", low=MINUTE, high=HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """Passwords: argon2id, 19 MiB and 2 passes (OWASP's first choice)."""

    threads: int = key(2, "Threads that hash passwords in one worker.", low=1, high=32, why="Each takes 19 MiB.")
    queue: int = key(
        32,
        "Passwords that may wait for a thread; more are answered 503.",
        low=4,
        high=1000,
        why="A queue without an end turns a flood of sign-ins into a stop of everything.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Signing keys and their rotation."""

    announce: int = key(
        HOUR,
        "How long the next key is published before it signs.",
        unit="seconds",
        low=MINUTE,
        high=7 * DAY,
        why="Resource servers that cache the JWKS must have seen it first.",
    )
    overlap: int = key(
        2 * HOUR,
        "How long the previous key stays published after it signed last.",
        unit="seconds",
        low=HOUR,
        high=30 * DAY,
        why="Longer than any access or ID token may live.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What the process says about itself, on standard error."""

    style: str = key("text", "Lines for people, or one JSON object a line.", choices=("text", "json"))
    level: str = key("info", "The least that is written.", choices=("debug", "info", "warning", "error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. Paths are absolute once it is loaded."""

    server: Server = field(default_factory=Server)
    storage: Storage = field(default_factory=Storage)
    secrets: Secrets = field(default_factory=Secrets)
    organisation: Organisation = field(default_factory=Organisation)
    webauthn: Webauthn = field(default_factory=Webauthn)
    lives: Lives = field(default_factory=Lives)
    limits: Limits = field(default_factory=Limits)
    guessing: Guessing = field(default_factory=Guessing)
    passwords: Passwords = field(default_factory=Passwords)
    keys: Keys = field(default_factory=Keys)
    log: Log = field(default_factory=Log)

    @property
    def issuer(self) -> str:
        """The issuer identifier, as tokens and discovery name it."""
        return self.server.issuer

    @property
    def rp_id(self) -> str:
        """The effective relying party identifier (WebAuthn Level 3 section 5.4.2)."""
        return self.webauthn.rp_id or _host(self.server.issuer)

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin that WebAuthn answers may come from: the issuer first."""
        return (self.server.issuer, *self.webauthn.origins)


@lru_cache(maxsize=8)
def _host(issuer: str) -> str:
    return str(urlsplit(issuer).hostname)
