"""Two implementations of CEL that others wrote, over the shared schema: cel-expr-python (C++) and
common-expression-language (Rust).

Neither knows the functions of addresses, so both get them from `ipaddress`; the Rust one knows no time zones and gets
them from `zoneinfo`. The C++ one answers an error as a text, which Python calls true: only a value of type bool counts.
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import cel as rust
from cel_expr_python import cel as cpp

from newel.policy.facts import Fact

TYPES = {
    "string": cpp.Type.STRING,
    "enum": cpp.Type.STRING,
    "ip": cpp.Type.STRING,
    "int": cpp.Type.INT,
    "bool": cpp.Type.BOOL,
    "timestamp": cpp.Type.TIMESTAMP,
    "set": cpp.Type.List(cpp.Type.STRING),
}
Answer = bool | str | None
"""What a library says: true, false, the words of its error, or nothing where one of its DIFFERENCES shows."""
DIFFERENCES: Mapping[str, str] = {
    "Unsupported operation: duration + timestamp": "CEL adds both ways round, the Rust library only timestamp + duration",
}
"""What a library is known to have otherwise than the specification of CEL: how its error begins, and what it is."""


class Refused(Exception):
    """A library does not take a text for a condition."""


def _contains(network: str, address: str) -> bool:
    found = ipaddress.ip_network(network)
    asked = ipaddress.ip_address(address)
    return asked.version == found.version and asked in found


def _hour(time: datetime, zone: str) -> int:
    return time.astimezone(ZoneInfo(zone)).hour


def _day(time: datetime, zone: str) -> int:
    return time.astimezone(ZoneInfo(zone)).isoweekday() % 7


def _theirs(fact: Fact, value: Any) -> Any:
    match fact.kind:
        case "timestamp":
            return datetime.fromtimestamp(value, UTC)
        case "ip":
            address = ipaddress.IPv6Address(value)
            return str(address.ipv4_mapped or address)
        case "set":
            return sorted(value)
        case _:
            return value


def _tree(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of one dot as maps in maps; every first name is there."""
    found: dict[str, Any] = {}
    for path, value in facts.items():
        first, _, second = path.partition(".")
        if second:
            found.setdefault(first, {})[second] = value
        else:
            found[first] = value
    return found


class Row:
    """One set of facts, as each library takes it."""

    def __init__(self, declared: Mapping[str, Fact], facts: Mapping[str, Any], environment: Any) -> None:
        given = {path: _theirs(declared[path], value) for path, value in facts.items()}
        self.tree = _tree(given)
        flat = {path: value for path, value in given.items() if not declared[path].optional}
        plain = _tree({path: value for path, value in given.items() if not isinstance(value, datetime)})
        maps = {name: value for name, value in plain.items() if isinstance(value, dict)}
        self.cpp = environment.Activation({**maps, **flat})
        self.rust = rust.Context(
            variables=self.tree,
            functions={
                "cidr": str,
                "containsIP": _contains,
                "getHours": _hour,
                "getDayOfWeek": _day,
            },
        )


class Libraries:
    """Both, with the schema declared."""

    def __init__(self, declared: Mapping[str, Fact]) -> None:
        self._declared = declared
        dotted = {fact.name: TYPES[fact.kind] for fact in declared.values() if not fact.optional}
        maps = {path.partition(".")[0] for path in declared if "." in path}
        text, boolean = cpp.Type.STRING, cpp.Type.BOOL
        within = cpp.Overload("contains_ip", boolean, [text, text], True, _contains)
        self._environment = cpp.NewEnv(
            variables={**dict.fromkeys(maps, cpp.Type.Map(text, cpp.Type.DYN)), **dotted},
            functions=[
                cpp.FunctionDecl("cidr", [cpp.Overload("cidr", text, [text], False, str)]),
                cpp.FunctionDecl("containsIP", [within]),
            ],
        )

    def row(self, facts: Mapping[str, Any]) -> Row:
        """Facts as our conditions read them, for the libraries."""
        return Row(self._declared, facts, self._environment)

    def cpp(self, text: str) -> Callable[[Row], Answer]:
        """A condition of the C++ library. Refused where it is none, or is not of type bool."""
        try:
            compiled = self._environment.compile(text)
        except RuntimeError as error:
            raise Refused(str(error)) from error
        if compiled.return_type() != cpp.Type.BOOL:
            raise Refused(f"of type {compiled.return_type().name()}")

        def answer(row: Row) -> Answer:
            value = compiled.eval(row.cpp)
            plain = value.value()
            return plain if value.type() == cpp.Type.BOOL and isinstance(plain, bool) else f"error: {plain}"

        return answer

    @staticmethod
    def rust(text: str) -> Callable[[Row], Answer]:
        """A condition of the Rust library, which checks no types before it evaluates. Refused where it is none."""
        try:
            compiled = rust.compile(text)
        except ValueError as error:
            raise Refused(str(error)) from error

        def answer(row: Row) -> Answer:
            try:
                found = compiled.execute(row.rust)
            except (ValueError, TypeError, RuntimeError, ArithmeticError, KeyError) as error:
                return None if str(error).startswith(tuple(DIFFERENCES)) else f"error: {error}"
            return found if isinstance(found, bool) else f"not a truth: {found!r}"

        return answer
