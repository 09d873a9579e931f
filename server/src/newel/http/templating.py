"""Templates compiled for speed: macros are written out where they are called, and what a name stands for is read at once.

A macro call, a block and a lookup cost Jinja more than the text they show. All are settled when a template is compiled:

1. `{{ name(…) }}` of a macro that pages share becomes the macro's body, in a scope that holds its arguments. What a
   macro shows depends on these and on globals alone, as it did when it was called.
2. A template that extends another becomes that other one with its blocks filled; what stands outside them comes first.
3. `view.title` is the attribute, and one that a view does not have is an AttributeError. Where an attribute may be
   missing, a template says `view['title'] is defined`.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from jinja2 import BaseLoader, Environment, StrictUndefined, nodes
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

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
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
        extends = parsed.find(nodes.Extends)
        return parsed if extends is None else self._filled(extends.template.as_const(), parsed)

    def _filled(self, name: str, inner: nodes.Template) -> nodes.Template:
        """The template `name` with the blocks of `inner`."""
        filled = self._parse(cast("BaseLoader", self.loader).get_source(self, name)[0], name, None)
        Filling({block.name: block for block in inner.find_all(nodes.Block)}).visit(filled)
        filled.body[:0] = [
            node for node in inner.body if not isinstance(node, nodes.Extends | nodes.Block | nodes.Output)
        ]
        return filled


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
    """A macro's body where its names are what a call gives; TypeError where a call does not fit."""
    names = [argument.name for argument in macro.args]
    values = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
    values |= zip(names, call.args, strict=False)
    values |= {given.key: given.value for given in call.kwargs}
    if len(call.args) > len(names) or values.keys() != set(names):
        raise TypeError(f"line {call.lineno}: {macro.name} takes {', '.join(names) or 'nothing'}")
    return nodes.With(macro.args, [values[name] for name in names], macro.body, lineno=call.lineno)


class Filling(NodeTransformer):
    """Puts blocks where they belong; where one is not given, what stands there stays."""

    def __init__(self, blocks: Mapping[str, nodes.Block]) -> None:
        self._blocks = blocks

    def visit_Block(self, node: nodes.Block) -> nodes.Scope:  # ruff: ignore[invalid-function-name] - Jinja's
        """Fill one block; what it sets is known in it alone."""
        return nodes.Scope(self._blocks.get(node.name, node).body, lineno=node.lineno)
