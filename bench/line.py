"""One figure as one line: what every benchmark here prints."""

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value with its budget and, where there is one, the floor measured in the same run."""

    figure: str
    value: float
    unit: str
    budget: float | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value over its floor."""
        return None if not self.floor else round(self.value / self.floor, 2)


def show(figures: list[Figure]) -> None:
    """Print the figures: JSON lines with `--json`, else a table."""
    if "--json" in sys.argv[1:]:
        for each in figures:
            print(json.dumps({**asdict(each), "ratio": each.ratio}))
        return
    for each in figures:
        budget = "" if each.budget is None else f"budget {each.budget:g} {each.unit}"
        floor = "" if each.ratio is None else f"{each.ratio:g} times the floor of {each.floor:g} {each.unit}"
        print(f"{each.figure:<44}{each.value:>10g} {each.unit:<8} {budget:<20} {floor}".rstrip())
