"""Bounds of whole numbers: whether a sum can leave 64 bits is known from the declared ranges (interval analysis)."""

from itertools import product

from newel.domain.value import dataclass
from newel.policy.facts import LEAST, MOST


@dataclass(frozen=True, slots=True)
class Interval:
    """All whole numbers from `low` to `high`."""

    low: int
    high: int

    def within(self, other: "Interval") -> bool:
        """Whether nothing of it lies outside `other`."""
        return other.low <= self.low and self.high <= other.high

    def hull(self, other: "Interval") -> "Interval":
        """The least interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


WHOLE = Interval(LEAST, MOST)


def quotient(left: int, right: int) -> int:
    """Division that truncates towards zero, as CEL has it."""
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int:
    """What such a division leaves; it has the sign of `left`."""
    return left - right * quotient(left, right)


def combined(sign: str, left: Interval, right: Interval) -> Interval:
    """The bounds of `left sign right`; for `/` and `%` the right side is one number other than 0."""
    match sign:
        case "+":
            return Interval(left.low + right.low, left.high + right.high)
        case "-":
            return Interval(left.low - right.high, left.high - right.low)
        case "*":
            corners = [a * b for a, b in product((left.low, left.high), (right.low, right.high))]
            return Interval(min(corners), max(corners))
        case "/":
            ends = sorted(quotient(end, right.low) for end in (left.low, left.high))
            return Interval(ends[0], ends[1])
        case _:
            most = abs(right.low) - 1
            return Interval(max(-most, min(left.low, 0)), min(most, max(left.high, 0)))
