"""Core → Python: the lines of a function for the conditions of a target, which finds the bits of those that hold.

Facts come as a tuple; what is missing stands in it as `Missing`. Texts of the policy reach the source only through
`repr` of a text or a number, names of facts never.
"""

from collections.abc import Iterable, Mapping

from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.evaluate import day, hour
from newel.policy.lang.interval import quotient, remainder
from newel.policy.lang.missing import Missing

ALWAYS = core.TRUE
FUNCTIONS = {"Missing": Missing, "hour": hour, "day": day, "quotient": quotient, "remainder": remainder}
CLOCKS = {"getHours": "hour", "getDayOfWeek": "day"}
AFFIXES = {"startsWith": "startswith", "endsWith": "endswith"}


def mask_lines(conditions: Iterable[Core], places: Mapping[str, int]) -> list[str]:
    """Lines of a function that put those bits into `m`; the facts are in `v0`, `v1`, … by their places.

    The names of `FUNCTIONS` must be in its scope.
    """
    names = _Names(places)
    lines: list[str] = []
    always = 0
    for number, condition in enumerate(conditions):
        bit = 1 << number
        if condition == ALWAYS:
            always |= bit
            continue
        lines += [" try:", f"  if {names.expression(condition)}: m |= {bit}", f" except Exception: m |= {bit}"]
    return [f" m = {always}", *lines]


class _Names:
    """Python expressions; each fact that they read becomes a local name."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places

    def _fact(self, path: str) -> str:
        return f"v{self._places[path]}"

    def expression(self, found: Core) -> str:
        """The expression of a part; in brackets unless it is a name or a value."""
        match found:
            case core.Constant(value):
                return repr(value)
            case core.Read(path):
                return self._fact(path)
            case core.Present(path):
                return f"({self._fact(path)}.__class__ is not Missing)"
            case core.Negation(item):
                return f"(not {self.expression(item)})"
            case core.Every(items):
                return f"({' and '.join(map(self.expression, items))})"
            case core.Some(items):
                return f"({' or '.join(map(self.expression, items))})"
            case core.Select(test, then, other):
                return f"({self.expression(then)} if {self.expression(test)} else {self.expression(other)})"
            case core.Compare(sign, left, right):
                return f"({self.expression(left)} {sign} {self.expression(right)})"
            case _:
                return self._special(found)

    def _special(self, found: Core) -> str:
        match found:
            case core.OneOf(item, values):
                return f"({self.expression(item)} in {{{', '.join(map(repr, values))}}})"
            case core.HasMember(group, item):
                return f"({self.expression(item)} in {self._fact(group.path)})"
            case core.Within(item, _, ranges):
                name = self._fact(item.path)
                return f"({' or '.join(f'{first} <= {name} <= {last}' for first, last in ranges)})"
            case core.Affix("contains", item, text):
                return f"({text!r} in {self.expression(item)})"
            case core.Affix(where, item, text):
                return f"{self.expression(item)}.{AFFIXES[where]}({text!r})"
            case core.Arithmetic(sign, left, right):
                return self._arithmetic(sign, self.expression(left), self.expression(right))
            case core.Minus(item):
                return f"(-{self.expression(item)})"
            case core.Clock(part, item, zone):
                return f"{CLOCKS[part]}({self.expression(item)}, {zone!r})"
            case _:
                raise TypeError(f"{type(found).__name__} has no Python")

    def _arithmetic(self, sign: str, left: str, right: str) -> str:
        if sign in "/%":
            return f"{'quotient' if sign == '/' else 'remainder'}({left}, {right})"
        return f"({left} {sign} {right})"
