"""Tokens → syntax, by precedence as CEL's grammar has it (CEL specification, Syntax).

At most `DEEPEST` levels and `MOST_NODES` parts, so that no condition can exhaust a stack here or behind: a level is at most seven brackets of Python, which takes 200.
"""

from typing import TypeVar

from newel.policy.code import Code
from newel.policy.lang.lex import LARGEST, Token, Wrong, tokens
from newel.policy.lang.syntax import Binary, Call, Chain, Choice, ListOf, Literal, Name, Negated, Not, Syntax
from newel.policy.message import shown

DEEPEST = 24
MOST_NODES = 20_000
N = TypeVar("N", bound=Syntax)
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
WORDS = {"=": "'==' compares", "and": "'&&' is and", "or": "'||' is or", "not": "'!' is not", "matches": ""}
RESERVED = frozenset(
    {
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package"),
        *("namespace", "return", "var", "void", "while"),
    }
)


def parse(text: str) -> Syntax:
    """The syntax of one condition. Wrong with an offset where there is none."""
    parser = _Parser(tokens(text))
    found = parser.expression()
    parser.ended()
    return found


class _Parser:
    def __init__(self, given: list[Token]) -> None:
        self._tokens, self._next = given, 0
        self._depth, self._nodes = 0, 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _at(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.text in signs

    def _eat(self, sign: str) -> None:
        if not self._at(sign):
            raise Wrong(Code.SYNTAX, self._token.at, f"expected '{sign}', found {_named(self._token)}")
        self._take()

    def _made(self, node: N) -> N:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise Wrong(Code.CONDITION_SIZE, node.at, f"more than {MOST_NODES} parts in one condition")
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Wrong(Code.TOO_DEEP, self._token.at, f"nested deeper than {DEEPEST}")

    def ended(self) -> None:
        """Wrong where something is left over."""
        token = self._token
        if token.kind != "end":
            raise Wrong(Code.SYNTAX, token.at, f"unexpected {_named(token)}", WORDS.get(token.text, ""))

    def expression(self) -> Syntax:
        """`or ? or : expression`."""
        self._deeper()
        found = self._chain("||")
        if self._at("?"):
            at = self._take().at
            then = self._chain("||")
            self._eat(":")
            found = self._made(Choice(at, found, then, self.expression()))
        self._depth -= 1
        return found

    def _chain(self, sign: str) -> Syntax:
        first = self._chain("&&") if sign == "||" else self._relation()
        if not self._at(sign):
            return first
        at, items = self._token.at, [first]
        while self._at(sign):
            self._take()
            items.append(self._chain("&&") if sign == "||" else self._relation())
        return self._made(Chain(at, sign, tuple(items)))

    def _relation(self) -> Syntax:
        left = self._sum()
        entered = self._depth
        while self._at(*COMPARISONS) or (self._token.kind == "name" and self._token.text == "in"):
            self._deeper()
            sign = self._take()
            left = self._made(Binary(sign.at, sign.text, left, self._sum()))
        self._depth = entered
        return left

    def _sum(self) -> Syntax:
        left = self._product()
        entered = self._depth
        while self._at("+", "-"):
            self._deeper()
            sign = self._take()
            left = self._made(Binary(sign.at, sign.text, left, self._product()))
        self._depth = entered
        return left

    def _product(self) -> Syntax:
        left = self._unary()
        entered = self._depth
        while self._at("*", "/", "%"):
            self._deeper()
            sign = self._take()
            left = self._made(Binary(sign.at, sign.text, left, self._unary()))
        self._depth = entered
        return left

    def _unary(self) -> Syntax:
        if not self._at("!", "-"):
            return self._member()
        sign = self._take()
        if sign.text == "-" and self._token.kind == "int":
            return self._whole(-1, sign.at)
        self._deeper()
        item = self._unary()
        self._depth -= 1
        return self._made(Not(sign.at, item) if sign.text == "!" else Negated(sign.at, item))

    def _whole(self, factor: int, at: int) -> Syntax:
        value = factor * int(self._take().text, 0)
        if value > LARGEST:
            raise Wrong(Code.LITERAL, at, "this number does not fit in 64 bits")
        return self._made(Literal(at, value))

    def _member(self) -> Syntax:
        found = self._primary()
        entered = self._depth
        while self._at(".", "["):
            self._deeper()
            found = self._selected(found) if self._at(".") else self._indexed(found)
        self._depth = entered
        return found

    def _selected(self, receiver: Syntax) -> Syntax:
        self._take()
        token = self._take()
        if token.kind != "name":
            raise Wrong(Code.SYNTAX, token.at, f"expected a name after '.', found {_named(token)}")
        if self._at("("):
            return self._made(Call(token.at, token.text, receiver, self._arguments()))
        if isinstance(receiver, Name):
            return Name(receiver.at, f"{receiver.path}.{token.text}")
        raise Wrong(Code.NOT_AVAILABLE, token.at, f"this value has no parts, so no {shown(token.text)}")

    def _indexed(self, receiver: Syntax) -> Syntax:
        at = self._take().at
        index = self.expression()
        self._eat("]")
        if isinstance(receiver, Name) and isinstance(index, Literal) and isinstance(index.value, str):
            return Name(receiver.at, f"{receiver.path}.{index.value}")
        raise Wrong(Code.NOT_AVAILABLE, at, "only a part with a constant name can be looked at", 'write fact["part"]')

    def _arguments(self) -> tuple[Syntax, ...]:
        self._eat("(")
        found = [] if self._at(")") else [self.expression()]
        while self._at(","):
            self._take()
            found.append(self.expression())
        self._eat(")")
        return tuple(found)

    def _primary(self) -> Syntax:
        token = self._token
        match token.kind:
            case "int":
                return self._whole(1, token.at)
            case "string":
                return self._made(Literal(self._take().at, token.text))
            case "list":
                return self._made(ListOf(self._take().at, (), token.text[1:]))
            case "name":
                return self._named()
            case "sign" if token.text == "(":
                self._take()
                inner = self.expression()
                self._eat(")")
                return inner
            case "sign" if token.text == "[":
                return self._list()
            case _:
                raise Wrong(
                    Code.SYNTAX, token.at, f"expected a value, found {_named(token)}", WORDS.get(token.text, "")
                )

    def _named(self) -> Syntax:
        token = self._take()
        if token.text in {"true", "false"}:
            return self._made(Literal(token.at, token.text == "true"))
        if token.text == "null":
            raise Wrong(Code.NOT_AVAILABLE, token.at, "there is no null", "has(fact) says whether a fact is there")
        if token.text in RESERVED or token.text == "in":
            raise Wrong(Code.NOT_AVAILABLE, token.at, f"'{token.text}' is not available in conditions")
        if self._at("("):
            return self._made(Call(token.at, token.text, None, self._arguments()))
        return self._made(Name(token.at, token.text))

    def _list(self) -> Syntax:
        at, items = self._take().at, list[Syntax]()
        while not self._at("]"):
            items.append(self.expression())
            if not self._at("]"):
                self._eat(",")
        self._take()
        return self._made(ListOf(at, tuple(items)))


def _named(token: Token) -> str:
    return "the end of the condition" if token.kind == "end" else shown(token.text)
