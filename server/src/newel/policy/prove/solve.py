"""The solver: from a formula to facts for which it holds, to the knowledge that there are none, or to neither.

Where a model shows a clock with an offset that its zone did not have at that time, the truth about the time around it
is added and the solver asked again (`ROUNDS` times): what it finds at last is real, and where it finds none, none is.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import z3

from newel.policy.lang.core import Core
from newel.policy.prove.demand import Scene
from newel.policy.prove.encode import Encoder, Formula
from newel.policy.prove.model import facts_of
from newel.policy.prove.quiet import Hush
from newel.policy.prove.together import together
from newel.policy.prove.zones import kept, offset

ROUNDS = 40
QUERY = 10_000
"""Milliseconds for one question to the solver."""


class Unknown(Exception):
    """The solver cannot tell; says why."""


class Search:
    """Questions about `conditions` at a scene. `formulas` encodes them, once there is a question."""

    def __init__(self, scene: Scene, conditions: Sequence[Core], limit: int = QUERY) -> None:
        self.scene = scene
        self._conditions = conditions
        self._limit = limit
        self._known = 0
        self._usual: Formula | None = None
        self._read = 0
        self._hush = Hush()

    @cached_property
    def formulas(self) -> Encoder:
        """The conditions as formulas."""
        return Encoder(self.scene, self._conditions)

    @cached_property
    def _solver(self) -> Any:
        solver = z3.Solver()
        solver.set("timeout", self._limit)
        return solver

    def always(self, formula: Formula) -> None:
        """Take `formula` for granted from now on."""
        self._solver.add(formula)

    def find(self, *wanted: Formula) -> Mapping[str, Any] | None:
        """Facts for which all of `wanted` holds, None where there are none. Unknown where it cannot be told.

        Only facts that were read are among them; those that are missing are not. Counters are such as they usually are
        together, where that can be.
        """
        self._usually()
        self._hush.look(self.formulas)
        self._solver.add(self.formulas.sides[self._known :])
        self._known = len(self.formulas.sides)
        lemmas: list[Formula] = []
        self._solver.push()
        try:
            self._solver.add(*wanted)
            return self._rounds(lemmas)
        except z3.Z3Exception as error:
            raise Unknown(str(error)) from error
        finally:
            self._solver.pop()
            self._solver.add(lemmas)

    def needed(self, wanted: Formula, taken: Sequence[Formula]) -> frozenset[int] | None:
        """Which of `taken` (names, by place) are needed so that `wanted` is impossible; None where it is possible.

        Clocks may show too much here: what is impossible is so, what is possible may not be. Unknown as above.
        """
        self._solver.add(self.formulas.sides[self._known :])
        self._known = len(self.formulas.sides)
        self._solver.push()
        try:
            self._solver.add(wanted)
            answer = self._solver.check(*taken)
            names = {name.get_id() for name in self._solver.unsat_core()} if answer == z3.unsat else set()
        except z3.Z3Exception as error:
            raise Unknown(str(error)) from error
        finally:
            self._solver.pop()
        if answer == z3.unknown:
            raise Unknown(self._solver.reason_unknown())
        if answer == z3.sat:
            return None
        return frozenset(place for place, name in enumerate(taken) if name.get_id() in names)

    def _rounds(self, lemmas: list[Formula]) -> Mapping[str, Any] | None:
        for _ in range(ROUNDS):
            model = self._model()
            if model is None:
                return None
            wrong = [*self._wrong_clocks(model)]
            if not wrong:
                return facts_of(self.formulas, model)
            lemmas += wrong
            self._solver.add(wrong)
        raise Unknown("no time was found that shows what its clocks were to show")

    def _usually(self) -> None:
        """Give what counters usually are together a name, anew where more of them were read."""
        read = sum(each.name in self.formulas.facts for each in (*self.scene.counters, *self.scene.beside))
        if read > self._read:
            self._read, self._usual = read, z3.Bool(f"usual {read}")
            self.formulas.sides.append(z3.Implies(self._usual, z3.And(together(self.formulas))))

    def _model(self) -> Any | None:
        """A model, if there is any: quiet, of the usual counters, no required fact missing, as far as that can be."""
        missing = self.formulas.missing.items()
        wanted = [z3.Not(gone) for path, gone in missing if not self.scene.facts[path].optional]
        wanted += [] if self._usual is None else [self._usual]
        wanted += self._hush.named.values()
        while wanted:
            answer = self._solver.check(*wanted)
            if answer == z3.sat:
                return self._solver.model()
            core = {literal.get_id() for literal in self._solver.unsat_core()} if answer == z3.unsat else set()
            if core & self._hush.named.keys():
                core &= self._hush.named.keys()
            elif self._usual is not None and self._usual.get_id() in core:
                core = {self._usual.get_id()}
            fewer = [literal for literal in wanted if literal.get_id() not in core]
            if len(fewer) == len(wanted):
                break
            wanted = fewer
        answer = self._solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise Unknown(self._solver.reason_unknown())
        return self._solver.model()

    def _wrong_clocks(self, model: Any) -> list[Formula]:
        """What the clocks of a model got wrong."""
        found: list[Formula] = []
        for clock in self.formulas.clocks.values():
            time = model.eval(clock.time, model_completion=True).as_long()
            shown = model.eval(clock.offset, model_completion=True).as_long()
            if offset(time, clock.zone) != shown:
                first, last = kept(time, clock.zone)
                around = z3.And(clock.time >= first, clock.time <= last)
                found.append(z3.Implies(around, clock.offset == offset(time, clock.zone)))
        return found
