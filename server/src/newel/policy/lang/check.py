"""Syntax → typed core: names, types, what may be absent, ranges. Faults point at the place in the file.

What may be absent is followed through the condition: to the right of `has(f) &&`, and in the branch that it guards, `f`
may be read (flow-sensitive typing).
"""

from collections.abc import Callable, Mapping

from newel.policy.code import Code
from newel.policy.facts import FIRST_TIME, LAST_TIME, LONGEST, Fact
from newel.policy.lang import core
from newel.policy.lang.core import Core
from newel.policy.lang.functions import duration_seconds, known_zone, like_duration
from newel.policy.lang.interval import WHOLE, Interval, combined
from newel.policy.lang.meaning import MEANT, Kind, Meaning, compare_hint, constant, words
from newel.policy.lang.network import loose_network, network_ranges
from newel.policy.lang.presence import known_if
from newel.policy.lang.syntax import Binary, Call, Chain, Choice, ListOf, Name, Negated, Not, Syntax
from newel.policy.lang.syntax import Literal as Written
from newel.policy.message import Fault, Mark, shown, suggest, with_article
from newel.policy.source import Scalar

MOST_CORE = 20_000
Lists = Mapping[str, tuple[Scalar, ...]]
KINDS: Mapping[str, Kind] = {
    "string": "string",
    "enum": "string",
    "int": "int",
    "bool": "bool",
    "timestamp": "timestamp",
    "duration": "duration",
    "ip": "ip",
    "set": "set",
}
COMPARISONS: Mapping[str, core.Sign] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
OPERATORS: Mapping[str, core.Operator] = {"+": "+", "-": "-", "*": "*", "/": "/", "%": "%"}
BOUNDS = {"int": WHOLE, "timestamp": Interval(FIRST_TIME, LAST_TIME), "duration": Interval(-LONGEST, LONGEST)}
RESULTS: Mapping[tuple[str, str, str], Kind] = {
    **{("int", sign, "int"): "int" for sign in "+-*/%"},
    ("timestamp", "-", "timestamp"): "duration",
    ("timestamp", "+", "duration"): "timestamp",
    ("timestamp", "-", "duration"): "timestamp",
    ("duration", "+", "timestamp"): "timestamp",
    ("duration", "+", "duration"): "duration",
    ("duration", "-", "duration"): "duration",
}
ORDERED = frozenset({"int", "timestamp", "duration"})
AFFIXES: Mapping[str, core.Where] = {"startsWith": "startsWith", "endsWith": "endsWith", "contains": "contains"}
CLOCKS: Mapping[str, tuple[core.Part, Interval]] = {
    "getHours": ("getHours", Interval(0, 23)),
    "getDayOfWeek": ("getDayOfWeek", Interval(0, 6)),
}
FUNCTIONS = ("has", "duration", "cidr", "startsWith", "endsWith", "contains", "containsIP", *CLOCKS, "exists", "all")
Item = Scalar | Written
Seen = frozenset[str]
Whose = Callable[[str], str]


def nobody(_: str) -> str:
    """Where no fact is known beside those that can be read."""
    return ""


def check(
    syntax: Syntax, facts: Mapping[str, Fact], lists: Lists, place: Callable[[int], Mark], whose: Whose = nobody
) -> Core:
    """The core of a condition over `facts`. Fault where it means nothing or could fail.

    `whose` says for the hint of what else a fact is that cannot be read here, "" for nothing.
    """
    checker = _Checker(facts, lists, place, whose)
    return checker.truth(syntax, frozenset(), "a condition").core


class _Checker:
    def __init__(self, facts: Mapping[str, Fact], lists: Lists, place: Callable[[int], Mark], whose: Whose) -> None:
        self._facts, self._lists, self._place, self._whose = facts, lists, place, whose
        self._variables: dict[str, Written | Scalar] = {}
        self._made = 0

    def _fault(self, code: Code, at: int, text: str, hint: str = "") -> Fault:
        return Fault(code, self._place(at), text, hint)

    def meaning(self, syntax: Syntax, seen: Seen) -> Meaning:
        """What a part means, where the facts `seen` are known to be there."""
        self._grow(1, syntax.at)
        match syntax:
            case Written():
                return constant(syntax.value)
            case Name():
                return self._name(syntax, seen)
            case Not():
                return Meaning(core.Negation(self.truth(syntax.item, seen, "'!'").core), "bool")
            case Chain():
                return self._chain(syntax, seen)
            case Choice():
                return self._choice(syntax, seen)
            case Negated():
                return self._negated(syntax, seen)
            case Binary():
                return self._binary(syntax, seen)
            case Call():
                return self._call(syntax, seen)
        raise self._fault(Code.TYPES, syntax.at, "a list stands to the right of 'in', or before exists and all")

    def _grow(self, by: int, at: int) -> None:
        self._made += by
        if self._made > MOST_CORE:
            raise self._fault(Code.CONDITION_SIZE, at, f"more than {MOST_CORE} parts once it is written out")

    def truth(self, syntax: Syntax, seen: Seen, where: str) -> Meaning:
        """The same, where only true or false will do."""
        found = self.meaning(syntax, seen)
        if found.kind != "bool":
            raise self._fault(Code.TYPES, syntax.at, f"{where} is true or false, this is {words(found)}")
        return found

    def _name(self, name: Name, seen: Seen) -> Meaning:
        if name.path in self._variables:
            value = self._variables[name.path]
            return constant(value.text if isinstance(value, Scalar) else value.value)
        fact = self._fact(name)
        if fact.optional and fact.name not in seen:
            hint = f"write has({fact.name}) && … before it is used"
            raise self._fault(Code.MAY_BE_ABSENT, name.at, f"'{fact.name}' may be absent", hint)
        return Meaning(core.Read(fact.name), KINDS[fact.kind], Interval(fact.low, fact.high), fact.values)

    def _fact(self, name: Name) -> Fact:
        fact = self._facts.get(name.path)
        if fact is None:
            near = [path for path in self._facts if path.partition(".")[0] == name.path.partition(".")[0]]
            hint = suggest(name.path, tuple(self._facts)) if not near else suggest(name.path, near, what="declared")
            hint = self._whose(name.path) or hint
            raise self._fault(Code.UNKNOWN_FACT, name.at, f"unknown fact {shown(name.path)}", hint)
        return fact

    def _chain(self, chain: Chain, seen: Seen) -> Meaning:
        items: list[Core] = []
        for item in chain.items:
            found = self.truth(item, seen, f"what '{chain.sign}' joins").core
            items.append(found)
            seen |= known_if(found, truth=chain.sign == "&&")
        return Meaning(core.Every(tuple(items)) if chain.sign == "&&" else core.Some(tuple(items)), "bool")

    def _choice(self, choice: Choice, seen: Seen) -> Meaning:
        test = self.truth(choice.test, seen, "what stands before '?'").core
        then = self.meaning(choice.then, seen | known_if(test, truth=True))
        other = self.meaning(choice.other, seen | known_if(test, truth=False))
        if then.kind != other.kind or then.kind in {"set", "ip"}:
            raise self._fault(Code.TYPES, choice.at, f"a choice between {words(then)} and {words(other)}")
        values = (*then.values, *other.values) if then.values and other.values else ()
        return Meaning(core.Select(test, then.core, other.core), then.kind, then.bounds.hull(other.bounds), values)

    def _negated(self, negated: Negated, seen: Seen) -> Meaning:
        item = self.meaning(negated.item, seen)
        if item.kind != "int":
            raise self._fault(Code.TYPES, negated.at, f"'-' needs a number, this is {words(item)}")
        bounds = self._bounded("int", Interval(-item.bounds.high, -item.bounds.low), negated.at)
        return Meaning(core.Minus(item.core), "int", bounds)

    def _binary(self, binary: Binary, seen: Seen) -> Meaning:
        if binary.sign == "in":
            return self._membership(binary, seen)
        left, right = self.meaning(binary.left, seen), self.meaning(binary.right, seen)
        if binary.sign in OPERATORS:
            return self._arithmetic(binary, left, right)
        return self._comparison(binary, left, right)

    def _comparison(self, binary: Binary, left: Meaning, right: Meaning) -> Meaning:
        sign = binary.sign
        if left.kind != right.kind or left.kind == "set":
            text = f"cannot compare {words(left)} with {words(right)}"
            raise self._fault(Code.TYPES, binary.at, text, compare_hint(left, right))
        if sign not in {"==", "!="} and left.kind not in ORDERED:
            raise self._fault(Code.TYPES, binary.at, f"'{sign}' does not order {words(left)}")
        for this, other, at in ((left, right, binary.right.at), (right, left, binary.left.at)):
            self._possible(this, other, at)
        return Meaning(core.Compare(COMPARISONS[sign], left.core, right.core), "bool")

    def _possible(self, fact: Meaning, constant: Meaning, at: int) -> None:
        if not isinstance(constant.core, core.Constant) or not isinstance(fact.core, core.Read):
            return
        value, path = constant.core.value, fact.core.path
        if fact.values and value not in fact.values:
            text = f"{shown(str(value))} is never a value of '{path}'"
            raise self._fault(Code.NEVER_A_VALUE, at, text, suggest(str(value), fact.values, what="values"))
        outside = fact.kind in ORDERED and not Interval(int(value), int(value)).within(fact.bounds)
        if outside:
            bounds = f"{fact.bounds.low} to {fact.bounds.high}"
            text = f"{value} lies outside the range of '{path}' ({bounds}), so this can never change"
            raise self._fault(Code.CANNOT_CHANGE, at, text)

    def _arithmetic(self, binary: Binary, left: Meaning, right: Meaning) -> Meaning:
        sign = binary.sign
        kind = RESULTS.get((left.kind, sign, right.kind))
        if kind is None:
            text = f"cannot compute {words(left)} {sign} {words(right)}"
            hint = "texts are not joined in conditions; compare the parts" if left.kind == "string" else ""
            raise self._fault(Code.TYPES, binary.at, text, hint)
        if sign == "*" and not (left.constant or right.constant):
            raise self._fault(Code.NOT_CONSTANT, binary.at, "one side of '*' is a constant, so that it can be proved")
        if sign in "/%":
            self._divisor(right, binary)
        if sign == "%":
            self._bounded(kind, combined("/", left.bounds, right.bounds), binary.at)  # CEL: fails where '/' does
        bounds = self._bounded(kind, combined(sign, left.bounds, right.bounds), binary.at)
        return Meaning(core.Arithmetic(OPERATORS[sign], left.core, right.core), kind, bounds)

    def _divisor(self, right: Meaning, binary: Binary) -> None:
        if not right.constant:
            text = f"'{binary.sign}' needs a constant on its right, so that nothing is divided by zero"
            raise self._fault(Code.NOT_CONSTANT, binary.right.at, text)
        if right.bounds == Interval(0, 0):
            raise self._fault(Code.DIVISION, binary.right.at, "division by zero")

    def _bounded(self, kind: Kind, bounds: Interval, at: int) -> Interval:
        if not bounds.within(BOUNDS[kind]):
            text = f"this can reach {bounds.low} to {bounds.high}, beyond what {with_article(kind)} holds"
            raise self._fault(Code.OVERFLOW, at, text, "declare a narrower range for the facts in it")
        return bounds

    def _membership(self, binary: Binary, seen: Seen) -> Meaning:
        item = self.meaning(binary.left, seen)
        if isinstance(binary.right, ListOf):
            return self._among(item, binary, binary.right)
        group = self.meaning(binary.right, seen)
        if group.kind != "set" or not isinstance(group.core, core.Read):
            text = f"'in' needs a list or a set on its right, this is {words(group)}"
            raise self._fault(Code.TYPES, binary.right.at, text)
        if item.kind != "string":
            raise self._fault(Code.TYPES, binary.left.at, f"a set holds texts, this is {words(item)}")
        return Meaning(core.HasMember(group.core, item.core), "bool")

    def _among(self, item: Meaning, binary: Binary, written: ListOf) -> Meaning:
        items = self._items(written)
        self._grow(len(items), written.at)
        if item.kind == "ip":
            return self._within(item, items, binary.at)
        values = [self._value(each, item, binary.at) for each in items]
        return Meaning(core.OneOf(item.core, tuple(sorted(set(values), key=str))), "bool")

    def _items(self, written: ListOf) -> tuple[Item, ...]:
        if written.of:
            named = self._lists.get(written.of)
            if named is None:
                hint = suggest(written.of, tuple(self._lists), what="lists")
                raise self._fault(Code.UNKNOWN_LIST, written.at, f"unknown list '${written.of}'", hint)
            return named
        if not written.items:
            raise self._fault(Code.TYPES, written.at, "an empty list")
        for each in written.items:
            if not isinstance(each, Written):
                raise self._fault(Code.NOT_CONSTANT, each.at, "the items of a list are constants")
        kinds = {type(each.value) for each in written.items if isinstance(each, Written)}
        if len(kinds) > 1:
            raise self._fault(Code.TYPES, written.at, "the items of a list are of one type")
        return tuple(each for each in written.items if isinstance(each, Written))

    def _value(self, item: Item, like: Meaning, used_at: int) -> str | int | bool:
        value: str | int | bool = item.text if isinstance(item, Scalar) else item.value
        if isinstance(item, Scalar) and like.kind == "int" and item.text.removeprefix("-").isdecimal():
            value = int(item.text)
        if constant(value).kind != like.kind:
            hint = compare_hint(like, constant(value)) if isinstance(item, Written) else ""
            raise self._at_item(Code.TYPES, item, used_at, f"{shown(str(value))} is not {MEANT[like.kind]}", hint)
        if like.values and value not in like.values:
            text = f"{shown(str(value))} can never come here"
            raise self._at_item(
                Code.NEVER_A_VALUE, item, used_at, text, suggest(str(value), like.values, what="values")
            )
        return value

    def _within(self, item: Meaning, items: tuple[Item, ...], at: int) -> Meaning:
        assert isinstance(item.core, core.Read)  # an address is computed from nothing, nor chosen
        texts = [each.text if isinstance(each, Scalar) else str(each.value) for each in items]
        ranges: list[tuple[int, int]] = []
        for each, text in zip(items, texts, strict=True):
            try:
                ranges.extend(network_ranges(text))
            except ValueError as error:
                likely = loose_network(text)
                hint = f"did you mean '{likely}'?" if likely else "write 10.20.0.0/16 or 2001:db8::/32"
                raise self._at_item(Code.NETWORK, each, at, f"{shown(text)} is not a network", hint) from error
        return Meaning(core.Within(item.core, tuple(texts), tuple(sorted(set(ranges)))), "bool")

    def _at_item(self, code: Code, item: Item, used_at: int, text: str, hint: str = "") -> Fault:
        if isinstance(item, Written):
            return self._fault(code, item.at, text, hint)
        used = self._place(used_at)
        return Fault(code, item.mark, f"{text} (used in line {used.line + 1})", hint)

    def _call(self, call: Call, seen: Seen) -> Meaning:
        name = call.name
        match name, call.receiver:
            case "has", None:
                return self._has(call)
            case "duration", None:
                return self._duration(call)
            case "containsIP", Call(name="cidr", receiver=None) as cidr:
                return self._contains_address(call, cidr, seen)
            case (("exists" | "all"), ListOf() as group):
                return self._quantified(call, group, seen)
            case str(), receiver if receiver is not None and name in AFFIXES:
                return self._affix(call, self.meaning(receiver, seen))
            case str(), receiver if receiver is not None and name in CLOCKS:
                return self._clock(call, self.meaning(receiver, seen))
        raise self._unknown(call)

    def _unknown(self, call: Call) -> Fault:
        if call.name in {"exists", "all"}:
            text = f"'{call.name}' goes over a literal list or a $list"
            return self._fault(Code.UNKNOWN_FUNCTION, call.at, text, 'write ["a", "b"].exists(x, …)')
        if call.name == "matches":
            hint = "use startsWith, endsWith, contains or a $list"
            return self._fault(Code.NOT_AVAILABLE, call.at, "regular expressions are left out: no proof ends", hint)
        text = f"there is no function {shown(call.name)} here"
        return self._fault(Code.UNKNOWN_FUNCTION, call.at, text, suggest(call.name, FUNCTIONS))

    def _has(self, call: Call) -> Meaning:
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], Name) or "." not in call.arguments[0].path:
            raise self._fault(Code.TYPES, call.at, "has() takes one fact with a dotted name")
        fact = self._fact(call.arguments[0])
        if fact.absent is not None:
            text = f"'{fact.name}' always has a value: {shown(str(fact.absent))} where it is absent"
            raise self._fault(Code.CANNOT_CHANGE, call.at, text)
        return Meaning(core.Present(fact.name), "bool")

    def _text(self, call: Call) -> str:
        match call.arguments:
            case (Written(value=str(text)),):
                return text
            case (Name(path=variable),) if variable in self._variables:
                item = self._variables[variable]
                value = item.text if isinstance(item, Scalar) else item.value
                if isinstance(value, str):
                    return value
        raise self._fault(Code.NOT_CONSTANT, call.at, f"{call.name}() takes one constant text")

    def _duration(self, call: Call) -> Meaning:
        written = self._text(call)
        seconds = duration_seconds(written)
        if (seconds is None and like_duration(written) and "d" not in written) or (seconds or 0) > LONGEST:
            text = f"{shown(written)} is too long a duration"
            raise self._fault(Code.LITERAL, call.at, text, f"at most {LONGEST // 3600}h, ten thousand years")
        if seconds is None:
            raise self._fault(Code.LITERAL, call.at, "duration() takes hours, minutes and seconds", 'write "1h30m"')
        return Meaning(core.Constant(seconds, "duration"), "duration", Interval(seconds, seconds))

    def _contains_address(self, call: Call, cidr: Call, seen: Seen) -> Meaning:
        network = Written(cidr.arguments[0].at if cidr.arguments else cidr.at, self._text(cidr))
        if len(call.arguments) != 1:
            raise self._fault(Code.TYPES, call.at, "containsIP() takes one address")
        item = self.meaning(call.arguments[0], seen)
        if item.kind != "ip":
            raise self._fault(Code.TYPES, call.arguments[0].at, f"containsIP() takes an address, not {words(item)}")
        return self._within(item, (network,), call.at)

    def _affix(self, call: Call, item: Meaning) -> Meaning:
        if item.kind != "string":
            raise self._fault(Code.TYPES, call.at, f"{call.name}() belongs to a text, this is {words(item)}")
        return Meaning(core.Affix(AFFIXES[call.name], item.core, self._text(call)), "bool")

    def _clock(self, call: Call, item: Meaning) -> Meaning:
        if item.kind != "timestamp":
            raise self._fault(Code.TYPES, call.at, f"{call.name}() belongs to a timestamp, this is {words(item)}")
        zone = self._text(call)
        if not known_zone(zone):
            raise self._fault(Code.ZONE, call.at, f"unknown time zone {shown(zone)}", 'write "Europe/Berlin" or "UTC"')
        part, bounds = CLOCKS[call.name]
        return Meaning(core.Clock(part, item.core, zone), "int", bounds)

    def _quantified(self, call: Call, group: ListOf, seen: Seen) -> Meaning:
        match call.arguments:
            case (Name(path=variable), body) if "." not in variable and variable not in self._facts:
                pass
            case _:
                raise self._fault(Code.TYPES, call.at, f"{call.name}() takes a new name and a condition with it")
        outer = self._variables
        written: list[Core] = []
        for item in self._items(group):
            self._variables = {**outer, variable: item}
            written.append(self.truth(body, seen, f"what {call.name}() asks").core)
        self._variables = outer
        return Meaning(core.Some(tuple(written)) if call.name == "exists" else core.Every(tuple(written)), "bool")
