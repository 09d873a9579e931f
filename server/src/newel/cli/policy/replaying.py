"""The step of an admission that needs the extra `newel[replay]`: without it, it says so and the rest goes on."""

from newel.cli.opening import Open
from newel.cli.policy.told import Told
from newel.cli.refusal import installing
from newel.policy.document import Document

try:
    from newel.cli.policy import trial
except ModuleNotFoundError as missing:
    if missing.name != "numpy":
        raise
    REPLAYS = False
else:
    REPLAYS = True

NO_NUMPY = f"it needs numpy: {installing('replay')}"


async def replayed(everything: Open, before: Document, after: Document) -> Told:
    """What `after` would have asked of the requests that were recorded lately, beside `before`; or why that is not known."""
    if not REPLAYS:
        return not_replayed(NO_NUMPY)
    report = await trial.trial(everything, before, after)
    return not_replayed(report) if isinstance(report, str) else report


def not_replayed(why: str) -> Told:
    """That there was no replay, in one line."""
    return Told((f"not replayed: {why}",), {"replayed": False, "why": why})
