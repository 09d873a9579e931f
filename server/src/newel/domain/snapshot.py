"""Snapshots of policies as they are kept, and which of them came into force when."""

from collections.abc import Mapping
from dataclasses import field

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """A policy under the SHA-256 of its canonical form (`version`, hex), with its files as they were written.

    `checks` says what was found when it was admitted: tests, proofs, findings accepted by id with a reason.
    """

    version: str
    name: str
    canonical: str
    sources: Mapping[str, str]
    author: str
    kept_at: int
    checks: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A snapshot that came into force: the `number`-th of this server, by whom, when and why."""

    number: int
    version: str
    author: str
    reason: str
    at: int
    accepted: Mapping[str, str] = field(default_factory=dict)
