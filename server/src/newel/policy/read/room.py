"""How much a policy may come to once it is written out: what is short in the file may be long in the engine."""

from newel.policy.code import Code
from newel.policy.message import Fault, Mark, Report
from newel.policy.source import MOST_BYTES

MOST_PARTS = 1_000_000
TOO_LARGE = "with its lists and levels written out, this policy is larger than a file may be"


class Room:
    """Room for all conditions: for their parts, counted for every action they are looked at, and for their lists.

    Where there is none, PolicyRefused is raised at once, since every further rule would cost more.
    """

    def __init__(self, report: Report) -> None:
        self._report, self._parts, self._characters = report, MOST_PARTS, MOST_BYTES

    def take(self, parts: int, mark: Mark) -> None:
        """Take room for a condition's parts."""
        self._parts -= parts
        if self._parts < 0:
            text = f"written out for every action, the conditions have more than {MOST_PARTS} parts"
            raise self._report.refusal(Fault(Code.TOO_BIG, mark, text))

    def write(self, characters: int, mark: Mark) -> None:
        """Take room for what a condition's lists come to in the canonical form."""
        self._characters -= characters
        if self._characters < 0:
            raise self._report.refusal(Fault(Code.TOO_BIG, mark, TOO_LARGE))
