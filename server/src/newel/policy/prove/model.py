"""From a solver's model to facts as conditions read them."""

from collections.abc import Mapping
from typing import Any

import z3

from newel.policy.lang.evaluate import AFFIXES
from newel.policy.prove.affixes import backwards, example, filler, tree
from newel.policy.prove.encode import Encoder
from newel.policy.prove.vocabulary import Affixes

PLAIN = ("other", "another", "third", "fourth", "fifth")


def facts_of(formulas: Encoder, model: Any) -> Mapping[str, Any]:
    """The facts of a model, those that are missing left out."""
    texts = _Texts(formulas, model)
    facts: dict[str, Any] = {}
    for path, value in formulas.facts.items():
        kind = formulas.scene.facts[path].kind
        found = model.eval(value, model_completion=True)
        if kind == "bool":
            facts[path] = z3.is_true(found)
        elif kind in {"string", "enum"}:
            facts[path] = texts.of(formulas.words.family(path), found.as_long())
        else:
            facts[path] = found.as_long()
    facts.update(_sets(formulas, model, texts))
    return {path: value for path, value in facts.items() if not _gone(formulas, model, path)}


def _gone(formulas: Encoder, model: Any, path: str) -> bool:
    absent = formulas.missing.get(path)
    return absent is not None and z3.is_true(model.eval(absent, model_completion=True))


def _sets(formulas: Encoder, model: Any, texts: "_Texts") -> Mapping[str, frozenset[str]]:
    """The facts that are sets: the texts of the policy and of other facts that are in them."""
    found: dict[str, set[str]] = {path: set() for path in formulas.missing if formulas.scene.facts[path].kind == "set"}
    for (group, text), member in formulas.members.items():
        if z3.is_true(model.eval(member, model_completion=True)):
            found.setdefault(group, set()).add(text)
    for group, members in found.items():
        member = formulas.function("in", group)
        for path in formulas.words.linked:
            value = formulas.facts.get(path)
            number = -1 if value is None else model.eval(value, model_completion=True).as_long()
            if number >= 0 and z3.is_true(model.eval(member(number), model_completion=True)):
                members.add(texts.of(formulas.words.family(path), number))
    return {group: frozenset(members) for group, members in found.items()}


class _Texts:
    """Texts for the numbers of a model: the same for the same number of a family, another for another."""

    def __init__(self, formulas: Encoder, model: Any) -> None:
        self._formulas, self._model = formulas, model
        self._known = {number: text for text, number in formulas.words.numbers.items()}
        self._made: dict[tuple[str, int], str] = {}

    def of(self, family: str, number: int) -> str:
        """The text of a number."""
        if number < 0:
            return self._known[number]
        if (family, number) not in self._made:
            self._made[family, number] = self._new(family, number)
        return self._made[family, number]

    def _new(self, family: str, number: int) -> str:
        affixes = self._formulas.words.affixes.get(family, Affixes())
        has = self._signs(family, affixes, number)
        taken = {*self._known.values(), *self._made.values()}
        for word in PLAIN:
            if word not in taken and all(AFFIXES[where](word, text) is held for (where, text), held in has.items()):
                return word
        held = [each for each, holds in has.items() if holds]
        start = max((text for where, text in held if where == "startsWith"), key=len, default="")
        end = max((text for where, text in held if where == "endsWith"), key=len, default="")
        parts = [text for where, text in held if where == "contains" and text not in start and text not in end]
        letter = filler((*affixes.starts, *affixes.ends, *affixes.parts))
        words = (example(start, end, parts, letter, count) for count in range(1, len(taken) + 2))
        return next(word for word in words if word not in taken)

    def _signs(self, family: str, affixes: Affixes, number: int) -> dict[tuple[str, str], bool]:
        """Which affixes a text must have and which it must not."""
        signs: dict[tuple[str, str], bool] = {}
        for where, texts in (("startsWith", affixes.starts), ("endsWith", affixes.ends)):
            walk = tree(texts if where == "startsWith" else map(backwards, texts))
            held = set(walk.below(self._number(family, where, number)))
            for text in filter(None, texts):
                signs[where, text] = (text if where == "startsWith" else backwards(text)) in held
        for text in filter(None, affixes.parts):
            told = self._formulas.function(family, "contains", text)(number)
            signs["contains", text] = z3.is_true(self._model.eval(told, model_completion=True))
        return signs

    def _number(self, family: str, where: str, number: int) -> int:
        told = self._formulas.function(family, where, result=z3.IntSort())(number)
        return int(self._model.eval(told, model_completion=True).as_long())
