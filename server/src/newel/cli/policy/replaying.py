"""The step of an admission that needs the extra `newel[replay]`: without it, it says so and the rest goes on."""

from newel.cli.extra import NotInstalled, loaded
from newel.cli.opening import Open
from newel.cli.policy.told import Told
from newel.policy.document import Document

TRIAL = "newel.cli.policy.trial"


async def replayed(everything: Open, before: Document, after: Document) -> Told:
    """What `after` would have asked of the requests that were recorded lately, beside `before`; or why that is not known."""
    try:
        trial = loaded(TRIAL, "replay").trial
    except NotInstalled as why:
        return not_replayed(f"it needs {why}")
    report: Told | str = await trial(everything, before, after)
    return not_replayed(report) if isinstance(report, str) else report


def not_replayed(why: str) -> Told:
    """That there was no replay, in one line."""
    return Told((f"not replayed: {why}",), {"replayed": False, "why": why})
