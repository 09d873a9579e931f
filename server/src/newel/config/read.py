"""Read the configuration: defaults, then one TOML file, then the environment (`NEWEL_SECTION__KEY`).

1. Unknown sections, keys and variables stop the start, naming the nearest known one (S34).
2. An empty list written down is refused: leave the key out instead.
3. Every type, bound and combination is checked; all faults are reported together.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from newel.config.check import faults
from newel.config.errors import ConfigError
from newel.config.key import Place, places
from newel.config.names import nearest
from newel.config.tree import Config

PLACES = {place.path: place for place in places(Config)}
VARIABLES = {place.variable: place for place in PLACES.values()}
SECTIONS = {place.section for place in PLACES.values()}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and, by key path, where each value came from: `default`, the file's name or a variable's."""

    config: Config
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it was written, and where; `strict` where the source has types of its own."""

    place: Place
    value: Any
    source: str
    strict: bool = True


def load(file: Path, environment: Mapping[str, str]) -> Loaded:
    """Read `file` and `environment`. ConfigError with every fault found; FileNotFoundError never."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"There is no configuration at {file}. Make one with: newel init") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {file} cannot be read: {error}.") from error
    return read(text, environment, name=file.name, folder=file.absolute().parent)


def read(text: str, environment: Mapping[str, str], *, name: str, folder: Path) -> Loaded:
    """Read TOML `text` and `environment`; paths become absolute under `folder`. ConfigError with every fault found."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}.") from error
    found: list[str] = []
    values = {}
    sources = dict.fromkeys(PLACES, "default")
    for entry in [*_from_file(written, name, found), *_from_environment(environment, found)]:
        try:
            values[entry.place.path] = _typed(entry, folder)
        except ValueError as error:
            found.append(str(error))
        sources[entry.place.path] = entry.source
    if found:
        raise ConfigError(*found)
    config = _tree(values, folder)
    found = faults(config)
    if found:
        raise ConfigError(*found)
    return Loaded(config, sources)


def _from_file(written: Mapping[str, Any], source: str, found: list[str]) -> Iterator[Written]:
    for section, content in written.items():
        if section not in SECTIONS:
            found.append(f"Unknown section [{section}].{nearest(section, SECTIONS | set(PLACES))}")
        elif not isinstance(content, dict):
            found.append(f"{section} is a section: write [{section}] on a line of its own.")
        else:
            for name, value in content.items():
                place = PLACES.get(f"{section}.{name}")
                if place is None:
                    found.append(f"Unknown key {section}.{name}.{nearest(f'{section}.{name}', PLACES)}")
                else:
                    yield Written(place, value, source)


def _from_environment(environment: Mapping[str, str], found: list[str]) -> Iterator[Written]:
    for variable, text in environment.items():
        if not variable.startswith("NEWEL_") or "__" not in variable:
            continue
        place = VARIABLES.get(variable)
        if place is None:
            found.append(f"Unknown environment variable {variable}.{nearest(variable, VARIABLES)}")
        else:
            value = [part.strip() for part in text.split(",")] if place.kind == tuple[str, ...] else text
            yield Written(place, value, variable, strict=False)


def _typed(entry: Written, folder: Path) -> Any:
    """The value in the key's type. ValueError with the fault in words."""
    place, value = entry.place, entry.value
    if value in ([], [""]):
        raise ValueError(f"{place.path} is an empty list; leave it out instead.")
    if place.kind is Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError(f"{place.path} has to be a path in quotes.")
        return folder / Path(value).expanduser()
    try:
        return msgspec.convert(value, place.kind, strict=entry.strict)
    except msgspec.ValidationError as error:
        raise ValueError(f"{place.path}: {str(error).replace('`', '')} ({entry.source}).") from error


def _tree(values: Mapping[str, Any], folder: Path) -> Config:
    """The frozen tree; default paths too are under `folder`."""
    content: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for place in PLACES.values():
        default = folder / place.default if place.kind is Path else place.default
        content[place.section][place.name] = values.get(place.path, default)
    return Config(**{section: Config.__annotations__[section](**keys) for section, keys in content.items()})
