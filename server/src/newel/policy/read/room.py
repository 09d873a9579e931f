"""How much a policy may come to once it is written out: what is short in the file may be long in the engine."""

from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Report

MOST_PARTS = 1_000_000


class Room:
    """Room for the parts of all conditions, counted for every action they are looked at."""

    def __init__(self, report: Report) -> None:
        self._report, self._left = report, MOST_PARTS

    def take(self, parts: int, mark: Mark) -> None:
        """Take room. PolicyRefused at once where there is none, since every further rule would cost more."""
        self._left -= parts
        if self._left < 0:
            text = f"written out for every action, the conditions have more than {MOST_PARTS} parts"
            raise self._report.refusal(Fault(Code.TOO_BIG, mark, text))
