"""Templates compiled for speed: macros are written out where they are called, and what a name stands for is read at once.

A macro call and a lookup cost Jinja more than the text they show. Both are settled here when a template is compiled:

1. `{{ name(…) }}` of a macro that pages share becomes the macro's body, in a scope that holds its arguments. What a
   macro shows depends on these and on globals alone, as it did when it was called.
2. `view.title` is the attribute, and one that a view does not have is an AttributeError. Where an attribute may be
   missing, a template says `view['title'] is defined`.
"""

from collections.abc import Iterable, Mapping

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer


class Attributes(CodeGenerator):
    """Writes `a.b` as Python does."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # ruff: ignore[invalid-function-name] - Jinja's
        """Write one attribute."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")


class Pages(Environment):
    """Jinja's environment with macros that every template knows; they are called in an output and nowhere else."""

    code_generator_class = Attributes

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # Jinja's own options
        self._macros: dict[str, nodes.Macro] = {}

    def know_macros(self, sources: Iterable[str]) -> None:
        """Take up the macros of these sources, in order; a macro may call those before it."""
        for source in sources:
            for macro in super()._parse(source, None, None).find_all(nodes.Macro):
                WrittenOut(self._macros).visit(macro)
                self._macros[macro.name] = macro

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        WrittenOut(self._macros).visit(parsed)
        return parsed


class WrittenOut(NodeTransformer):
    """Puts the body of a macro where an output calls it."""

    def __init__(self, macros: Mapping[str, nodes.Macro]) -> None:
        self._macros = macros

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # ruff: ignore[invalid-function-name] - Jinja's
        """Write out each part of an output."""
        return [self._written(part) for part in node.nodes]

    def _written(self, part: nodes.Expr) -> nodes.Node:
        match part:
            case nodes.Call(node=nodes.Name(name=name)) if name in self._macros:
                return _scope(self._macros[name], part)
            case _:
                return nodes.Output([part], lineno=part.lineno)


def _scope(macro: nodes.Macro, call: nodes.Call) -> nodes.With:
    """A macro's body where its names are what a call gives; KeyError where that is not all of them."""
    names = [argument.name for argument in macro.args]
    values = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
    values |= zip(names, call.args, strict=False)
    values |= {given.key: given.value for given in call.kwargs}
    return nodes.With(macro.args, [values[name] for name in names], macro.body, lineno=call.lineno)
