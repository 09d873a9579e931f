"""A report with something in every part, and reports without."""

from newel.domain.value import replace
from newel.policy.replay.report import Attacks, Band, Caught, Change, Day, GroupLine, LevelLine, Report, RuleLine

NOTHING = Change(0, 0)
HOSTILE = "<script>alert('&\"')</script>"


def group(name: str, prompts: Change, *, locked: Change = NOTHING, busy: Change = NOTHING) -> GroupLine:
    """A group of ten."""
    return GroupLine(
        name=name, people=10, requests=1000, prompts=prompts, locked=locked, locked_people=locked, denied=Change(1, 2), typical=NOTHING, busy=busy
    )  # fmt: skip


def rule(name: str, prompts: Change, only: Change = NOTHING, *, observes: bool = False) -> RuleLine:
    """A rule that asks."""
    return RuleLine(
        id=name,
        matched=prompts,
        prompts=prompts,
        only=only,
        locked=Change(0, 3),
        denied=Change(4, 0),
        observes=observes,
    )


FULL = Report(
    before="policy 41",
    after="draft 42",
    synthetic="",
    requests=184_213,
    people=9_676,
    sessions=30_000,
    first=1_793_000_000,
    last=1_795_000_000,
    prompts=Change(1000, 800),
    locked=Change(10, 13),
    denied=Change(20, 22),
    approvals=Change(1, 2),
    asked_people=Change(300, 280),
    locked_people=Change(1, 3),
    typical=Change(1, 1),
    busy=Change(3, 4),
    days=tuple(Day(f"2026-10-{number:02}", Change(100 + number % 7, 80)) for number in range(1, 31)),
    groups=(
        group("customers", Change(900, 640)),
        group("engineering", Change(90, 150), locked=Change(0, 1), busy=Change(3, 4)),
        group("hr", Change(10, 10), locked=Change(2, 2)),
        group("vendors", Change(0, 0), locked=Change(2, 1)),
        group("guests", Change(0, 0), locked=Change(2, 0)),
    ),
    rules=(
        rule("transfer-send-bound", Change(700, 500), Change(300, 200)),
        rule("same", Change(70, 70)),
        rule("watched", NOTHING, observes=True),
    ),
    levels=(
        LevelLine(demand="a second factor", requests=Change(900, 640), fell=260, rose=0),
        LevelLine(demand="a passkey", requests=Change(9, 64), fell=0, rose=55),
        LevelLine(demand="signed in", requests=Change(9, 9), fell=0, rose=0),
    ),
    caught=(
        Caught(what="bank:send", requests=900, stopped=Change(700, 650), newly=10, newly_amount=123_456, no_longer=60, no_longer_amount=5),
        Caught(what="code:push", requests=90, stopped=Change(7, 7), newly=0, newly_amount=None, no_longer=0, no_longer_amount=None),
    ),
    bands=(
        Band(low=0, requests=500, stopped=Change(100, 50)),
        Band(low=1000, requests=300, stopped=Change(100, 100)),
        Band(low=300_000, requests=3, stopped=Change(3, 3)),
    ),
    attacks=None,
    caveats=("Nobody marked attacks.", "Something else."),
)  # fmt: skip
ATTACKED = replace(
    FULL,
    synthetic="profile acme: 9 requests",
    attacks=Attacks(requests=40, stopped=Change(20, 33), passing_amount=Change(900, 300)),
)
CALM = replace(
    FULL, prompts=Change(5, 5), locked=NOTHING, locked_people=NOTHING, denied=NOTHING, groups=FULL.groups[:1], rules=(), levels=(), bands=(), caveats=(),
    caught=(replace(FULL.caught[1], what="x:y"),),
)  # fmt: skip
EMPTY = replace(
    CALM,
    requests=0,
    people=0,
    sessions=0,
    prompts=NOTHING,
    asked_people=NOTHING,
    busy=NOTHING,
    days=(),
    groups=(),
    caught=(),
)
HOSTILE_REPORT = replace(
    ATTACKED,
    before=HOSTILE,
    after=HOSTILE,
    synthetic=HOSTILE,
    groups=(group(HOSTILE, Change(1, 100)),),
    rules=(rule(HOSTILE, Change(1, 2)),),
    levels=(replace(FULL.levels[0], demand=HOSTILE),),
    caught=(replace(FULL.caught[0], what=HOSTILE),),
    caveats=(HOSTILE,),
)
ALL = {"full": FULL, "attacked": ATTACKED, "calm": CALM, "empty": EMPTY, "hostile": HOSTILE_REPORT}
