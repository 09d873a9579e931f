"""Demands and numbers as people read them."""

from datetime import UTC, datetime

from newel.domain.requirement import SESSION, Requirement

MINUTE, HOUR, DAY = 60, 3600, 86_400
UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
PROOFS = {
    "aal1": "signed in",
    "recovery": "a recovery code",
    "aal2": "a second factor",
    "phr": "a passkey",
    "aal3": "a device-bound key",
}
MINOR = 100
OWN_CURRENCY = "in each request's own currency"
NOTHING_SAID = "nothing"


def age(seconds: int) -> str:
    """A span in its largest whole unit."""
    for unit, name in UNITS:
        if seconds and seconds % unit == 0:
            return plural(seconds // unit, name)
    return "0 seconds"


def plural(count: int, name: str) -> str:
    """A number with its noun."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def demand(requirement: Requirement) -> str:
    """What is demanded, in a few words; of the evidence only what is not implied by the rest."""
    if requirement.denied:
        return "refused"
    parts = [*_evidence(requirement)]
    if requirement.bind:
        fields = sorted(frozenset().union(*(names for _, names in requirement.bind)))
        parts.append(f"bound to {_listed(fields)}")
    parts += [f"without {name}" for name in sorted(requirement.forbid)]
    parts += [f"{plural(each.number, 'approval')} from {each.pool}" for each in requirement.approve]
    parts += [f"entitled to {name}" for name in sorted(requirement.entitle)]
    parts += [f"{name} metered" for name, _ in requirement.meter]
    if requirement.session.key_bound:
        parts.append("a key-bound token")
    return ", ".join(parts) or NOTHING_SAID


def _evidence(requirement: Requirement) -> list[str]:
    """The strongest classes, as far as they are demanded at an age of their own."""
    order = {name: place for place, name in enumerate(PROOFS)}
    told: dict[int, str] = {}
    for name, seconds in requirement.evidence:
        best = told.get(seconds)
        if best is None or order.get(name, len(order)) > order.get(best, len(order)):
            told[seconds] = name
    said = []
    for seconds, name in sorted(told.items(), key=lambda item: -order.get(item[1], len(order))):
        proof = PROOFS.get(name, name)
        said.append(proof if seconds >= SESSION else f"{proof} within {age(seconds)}")
    return said


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def amount(minor: int) -> str:
    """An amount in minor units with two decimals."""
    return f"{minor / MINOR:,.2f}"


def short_amount(minor: int) -> str:
    """An amount in whole units."""
    return f"{round(minor / MINOR):,}"


def opening(text: str) -> str:
    """A text with a capital letter in front, unless it begins with the name of a file."""
    first = text.partition(" ")[0]
    return text if "." in first or "/" in first else text[:1].upper() + text[1:]


def share(part: int, whole: int) -> str:
    """A share in per cent; one decimal below ten."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 10 or percent == round(percent) else f"{percent:.1f} %"  # ruff: ignore[magic-value-comparison] - two digits are enough


def day(iso: str) -> str:
    """An ISO date as 3 Nov."""
    made = datetime.fromisoformat(iso)
    return f"{made.day} {made:%b}"


def moment(seconds: int) -> str:
    """A day, with its year."""
    made = datetime.fromtimestamp(seconds, UTC)
    return f"{made.day} {made:%b %Y}"
