"""A fact that is missing: whoever looks at it gets an error, and an error in a condition is a match.

Standing in for the value, it costs nothing where all facts are there.
"""

from typing import Any, NoReturn


class MissingFact(LookupError):
    """A condition read a fact that is not there; `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is missing")
        self.path = path


class Missing:
    """In the place of the value of `path`. Everything but asking which it is raises MissingFact."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def _raise(self, *_: object) -> NoReturn:
        raise MissingFact(self.path)

    def __getattr__(self, name: str) -> Any:
        """A text's methods: there is no text."""
        raise MissingFact(self.path)

    def __repr__(self) -> str:
        """For people."""
        return f"Missing({self.path!r})"

    __bool__ = __hash__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = __floordiv__ = _raise
