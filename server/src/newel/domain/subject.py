"""A subject: somebody or something that authenticates, with what the directory says of it."""

from collections.abc import Mapping
from dataclasses import field

from newel.domain.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject as the directory knows it.

    `name` is what is typed at sign-in, `display` what pages show, `person` the human behind several subjects (the
    subject itself by default). `groups` and `attributes` are facts `from: directory`.
    """

    id: str
    name: str
    display: str
    person: str
    created_at: int
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    disabled: bool = False
