"""Random texts of conditions over the shared schema, well meant or broken, written as people write them."""

from collections.abc import Callable, Mapping

from server.tests.outside.dice import Dice

INTS = ("ctx.amount", "ctx.amount", "risk.score", "ctx.count", 'ctx["amount"]')
NUMBERS = ("0", "1", "2", "3", "7", "10", "50", "99", "100", "101", "0x10", "0xFF", "1000", "1000000", "-1", "-7")
DIVISORS = ("2", "3", "7", "100", "-3", "-1", "0x10")
STRINGS = (
    '"DE"', "'IR'", '"free"', '"c7"', "'m'", '"main"', '"release/"', '""', '"é"', r'"\u00e9"', r"'\x41'", r'"\101"',
    r'"a\"b"', r"'a\'b'", r'"\U0001F600"', '"😀"', r'"\n"', r'"\\"', '"A"', '"a"', '"ss"', '"ß"', '"e\u0301"',
)  # fmt: skip
PLANS = ('"free"', '"member"', '"staff"', "'free'")
TIMES = ("now", "ctx.published")
SETS = ("subject.groups", "subject.groups", 'subject["groups"]')
DURATIONS = ('"0s"', '"1s"', '"90s"', '"5m"', '"1h30m"', '"24h"', "'48h'", '"1h0m1s"', '"438000h"')
ZONES = (
    '"UTC"', '"Europe/Berlin"', '"Asia/Kathmandu"', '"America/St_Johns"', "'Australia/Lord_Howe'", '"Pacific/Apia"',
    '"America/New_York"', '"Antarctica/Casey"', '"America/Sao_Paulo"', '"Africa/Monrovia"',
)  # fmt: skip
NETWORKS = (
    '"10.0.0.0/8"', '"10.20.0.0/16"', '"192.168.0.0/16"', '"2001:db8:20::/48"', '"0.0.0.0/0"', '"::/0"', '"10.20.0.7/32"',
    '"2001:db8::/33"', '"128.0.0.0/1"',
)  # fmt: skip
LISTS: Mapping[str, tuple[str, ...]] = {
    "sanctioned": ("IR", "KP"),
    "words": ("free", "A", "é"),
    "codes": ("1", "2", "100"),
    "office": ("10.20.0.0/16", "2001:db8:20::/48"),
}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
AFFIXES = ("startsWith", "endsWith", "contains")
SPACES = ("", " ", "  ", "\t")
SIGNS = "()[]!&|.,\"'0a <>=+-*/%?:x\\$_{}e#;~^`@nu1"
PARTS = (
    *("&&", "||", "!", "?", ":", "==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "."),
    *("null", "true", "1u", "1.5", "1e3", ".5", "08", "0x", "9223372036854775807", "9223372036854775808", "''", "'''"),
    *(
        "r'a'",
        "b'a'",
        "//",
        "has",
        "has(",
        "ctx",
        "ctx.",
        ".ctx",
        "ctx.amount",
        "now",
        "x",
        "size(",
        "matches(",
        "int(",
    ),
    *(
        "and",
        "or",
        "not",
        "=",
        "&",
        "|",
        "{",
        "}",
        "$codes",
        '"\\ud800"',
        '"\\u12"',
        '"\\q"',
        "_",
        "__x__",
        "for",
        "let",
    ),
    *("subject.groups", "client.ip", "duration(", "duration('1x')", ".exists(", ".all(x,", "dyn(", "type(", "\u00a0"),
)


class Texts:
    """Writes conditions."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def condition(self, depth: int) -> str:
        """A condition of at most `depth` levels."""
        if depth <= 0:
            return self._dice.one(ATOMS)(self)
        kind = self._dice.below(100)
        inner = depth - 1
        if kind < 45:
            return self._dice.one(ATOMS)(self)
        if kind < 60:
            return self._joined("&&", inner)
        if kind < 73:
            return self._joined("||", inner)
        if kind < 82:
            return f"!{self._bracketed(inner)}"
        if kind < 90:
            return f"({self.condition(inner)} ? {self.condition(inner)} : {self.condition(inner)})"
        if kind < 94:
            return f"{self.condition(inner)} ? {self.condition(inner)} : {self.condition(inner)}"
        return f"{self._bracketed(inner)} {self._dice.one(('==', '!='))} {self._bracketed(inner)}"

    def _bracketed(self, depth: int) -> str:
        return f"({self.condition(depth)})"

    def _joined(self, sign: str, depth: int) -> str:
        space = self._dice.one(SPACES)
        return f"{space}{sign}{space}".join(self._part(depth) for _ in range(2 + self._dice.below(2)))

    def _part(self, depth: int) -> str:
        return self.condition(depth) if self._dice.in_hundred(60) else self._bracketed(depth)

    def number(self, depth: int) -> str:
        """A whole number."""
        kind = self._dice.below(100)
        if depth <= 0 or kind < 35:
            return self._dice.one(INTS)
        if kind < 52:
            return self._dice.one(NUMBERS)
        if kind < 60:
            return f"{self._dice.one(TIMES)}.{self._clock()}"
        if kind < 66:
            return f"(has(ctx.rows) ? ctx.rows : {self.number(0)})"
        if kind < 72:
            return f"({self.condition(0)} ? {self.number(depth - 1)} : {self.number(depth - 1)})"
        if kind < 78:
            return f"-{self._dice.one(('', ' '))}({self.number(depth - 1)})"
        return self._arithmetic(depth - 1)

    def _arithmetic(self, depth: int) -> str:
        sign = self._dice.one("+-*/%")
        if sign in "/%":
            text = f"{self.number(depth)} {sign} {self._dice.one(DIVISORS)}"
        elif sign == "*":
            factors = [self.number(depth), self._dice.one(NUMBERS)]
            text = " * ".join(factors if self._dice.in_hundred(50) else reversed(factors))
        else:
            text = f"{self.number(depth)}{self._dice.one(('', ' '))}{sign} {self.number(depth)}"
        return text if self._dice.in_hundred(40) else f"({text})"

    def string(self) -> str:
        """A text."""
        kind = self._dice.below(100)
        if kind < 60:
            return self._dice.one(("subject.id", "subject.plan", 'subject["id"]'))
        if kind < 75:
            return self._dice.one(STRINGS)
        if kind < 88:
            return f"(has(ctx.branch) ? ctx.branch : {self._dice.one(STRINGS)})"
        return f"({self.condition(0)} ? subject.id : {self._dice.one(STRINGS)})"

    def time(self) -> str:
        """A timestamp."""
        kind = self._dice.below(100)
        if kind < 60:
            return self._dice.one(TIMES)
        if kind < 90:
            return f"({self._dice.one(TIMES)} {self._dice.one('+-')} {self._duration()})"
        return f"({self._duration()} + {self._dice.one(TIMES)})"

    def span(self) -> str:
        """A duration."""
        kind = self._dice.below(100)
        if kind < 55:
            return f"{self._dice.one(('', ' '))}{self.time()} - {self._dice.one(TIMES)}"
        if kind < 80:
            return self._duration()
        return f"({self.time()} - {self.time()}) {self._dice.one('+-')} {self._duration()}"

    def _duration(self) -> str:
        return f"duration({self._dice.one(DURATIONS)})"

    def _clock(self) -> str:
        return f"{self._dice.one(('getHours', 'getDayOfWeek'))}({self._dice.one(ZONES)})"

    def known(self) -> str:
        """What is true or false by itself."""
        return self._dice.one(("ctx.known", "true", "false", "has(ctx.branch)", "has(ctx.rows)", "!ctx.known"))

    def compared(self) -> str:
        """Two numbers."""
        return f"{self.number(2)} {self._dice.one(COMPARISONS)} {self.number(2)}"

    def spans(self) -> str:
        """Two durations, or two timestamps."""
        part = self.span if self._dice.in_hundred(50) else self.time
        return f"{part()} {self._dice.one(COMPARISONS)} {part()}"

    def hours(self) -> str:
        """A time of day, or a day."""
        return f"{self.time()}.{self._clock()} {self._dice.one(COMPARISONS)} {self._dice.below(25)}"

    def equal(self) -> str:
        """Two texts."""
        left = self._dice.one(("subject.plan", "subject.plan", "subject.id"))
        right = self._dice.one(PLANS) if left == "subject.plan" else self.string()
        sides = [left, right] if self._dice.in_hundred(70) else [right, left]
        return f" {self._dice.one(('==', '!='))} ".join(sides)

    def listed(self) -> str:
        """A text or a number in a list."""
        if self._dice.in_hundred(50):
            return f"{self.number(1)} in {self._list(NUMBERS, '$codes')}"
        return f"{self.string()} in {self._list(STRINGS, '$sanctioned', '$words')}"

    def _list(self, items: tuple[str, ...], *named: str) -> str:
        if self._dice.in_hundred(20):
            return self._dice.one(named)
        inside = ", ".join(self._dice.one(items) for _ in range(1 + self._dice.below(3)))
        return f"[{inside}{',' if self._dice.in_hundred(10) else ''}]"

    def member(self) -> str:
        """A text in a set."""
        return f"{self.string()} in {self._dice.one(SETS)}"

    def affix(self) -> str:
        """A text with another in it."""
        return f"{self.string()}.{self._dice.one(AFFIXES)}({self._dice.one(STRINGS)})"

    def guarded(self) -> str:
        """What may be absent, guarded."""
        return self._dice.one(
            (
                f"has(ctx.branch) && ctx.branch.{self._dice.one(AFFIXES)}({self._dice.one(STRINGS)})",
                f"!has(ctx.rows) || ctx.rows {self._dice.one(COMPARISONS)} {self._dice.below(101)}",
                f"has(ctx.branch) && has(ctx.rows) && (ctx.branch == {self._dice.one(STRINGS)} || ctx.rows % 7 > 3)",
                f"!(has(ctx.rows) && ctx.rows > {self._dice.below(101)})",
                f"has(ctx.branch) ? ctx.branch in {self._list(STRINGS, '$words')} : {self.known()}",
            )
        )

    def address(self) -> str:
        """An address in a network."""
        if self._dice.in_hundred(30):
            return "$office.exists(n, cidr(n).containsIP(client.ip))"
        return f"cidr({self._dice.one(NETWORKS)}).containsIP(client.ip)"

    def quantified(self) -> str:
        """Something about each item of a list."""
        name = self._dice.one(("x", "item", "_y1"))
        how = self._dice.one(("exists", "all"))
        if self._dice.in_hundred(50):
            over, about = self._list(NUMBERS, "$codes"), f"{self.number(1)} {self._dice.one(COMPARISONS)} {name}"
            over = over.replace("$codes", "[1, 2, 100]")
        else:
            over = self._list(STRINGS, "$words")
            about = self._dice.one((
                f"{name} in subject.groups", f"subject.id == {name}", f"subject.id.{self._dice.one(AFFIXES)}({name})"
            ))  # fmt: skip
        return f"{over}.{how}({name}, {about} {self._dice.one(('&&', '||'))} {self.known()})"

    def broken(self, text: str) -> str:
        """The text with one to three slips in it: a sign, a word, a piece that is lost, doubled or moved."""
        for _ in range(1 + self._dice.below(3)):
            at, kind = self._dice.below(len(text) + 1), self._dice.below(100)
            until = at + 1 + self._dice.below(6)
            match kind // 20:
                case 0:
                    text = text[:at] + text[at + 1 :]
                case 1:
                    text = text[:at] + self._dice.one(SIGNS) + text[at + self._dice.below(2) :]
                case 2:
                    text = text[:at] + self._dice.one(PARTS) + text[at:]
                case 3:
                    text = text[:at] + self._dice.one(PARTS) + text[until:]
                case _:
                    text = text[:until] + text[at:]
        return text


ATOMS: tuple[Callable[[Texts], str], ...] = (
    Texts.known,
    Texts.compared,
    Texts.compared,
    Texts.spans,
    Texts.hours,
    Texts.equal,
    Texts.listed,
    Texts.member,
    Texts.affix,
    Texts.guarded,
    Texts.address,
    Texts.quantified,
)
