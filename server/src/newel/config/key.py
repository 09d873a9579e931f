"""One configuration key: what it means, its unit and its safe bounds, kept beside its default in the tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is said about a key. `low` and `high` are inclusive; `why` is the reason for the bounds, or for caution."""

    says: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A key where it stands: section and name, Python type, default."""

    section: str
    name: str
    kind: Any
    default: Any
    key: Key

    @property
    def path(self) -> str:
        """The name in TOML, `lives.access_token`."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable, `NEWEL_LIVES__ACCESS_TOKEN`."""
        return f"NEWEL_{self.section}__{self.name}".upper()

    @property
    def dangerous(self) -> bool:
        """Whether its name says that it takes a protection away (S34)."""
        return self.name.startswith("danger_")


def said(says: str, **bounds: Any) -> Mapping[str, Key]:
    """The metadata of a field that is a key; `bounds` are the other members of Key."""
    return {"key": Key(says=says, **bounds)}


def key(default: T, says: str, **bounds: Any) -> T:
    """Declare a key of a section: its default beside what is said about it."""
    declared: T = field(default=default, metadata=said(says, **bounds))
    return declared


def places(tree: type) -> Iterator[Place]:
    """Every key of a tree of sections, in the order of its declaration."""
    sections = get_type_hints(tree)
    for section in fields(tree):
        kinds = get_type_hints(sections[section.name])
        for entry in fields(sections[section.name]):
            yield Place(
                section=section.name,
                name=entry.name,
                kind=kinds[entry.name],
                default=entry.default,
                key=entry.metadata["key"],
            )
