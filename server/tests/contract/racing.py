"""Single-use verbs, each with what makes it usable: what parallel redemptions race for."""

from collections.abc import Callable
from dataclasses import dataclass

from server.tests.contract import samples
from server.tests.contract.samples import NOW, digest

from newel.domain.change import AdvanceCounter, ReplaceMaterial, SpendRecoveryCode
from newel.domain.interaction import State
from newel.domain.velocity import Count, Expectation, Reading, name_of
from newel.storage.base import Unit
from newel.storage.sql import authenticators, codes, counters, interactions, limits, pushed, sessions, skips, subjects


@dataclass(frozen=True)
class Race:
    """`prepare(n)` makes the n-th thing, `redeem(n, racer)` uses it up; exactly one redemption may succeed."""

    prepare: Callable[[int], Unit]
    redeem: Callable[[int, int], Unit]


def _change(change: Callable[[str, int], AdvanceCounter | ReplaceMaterial | SpendRecoveryCode]) -> Callable[..., Unit]:
    return lambda n, racer: Unit((authenticators.apply_change(f"s{n}", change(f"a{n}", racer), NOW),))


def _with_codes(n: int) -> Unit:
    codes_of = authenticators.add_recovery_codes(f"a{n}", (digest("one"), digest("two")))
    return Unit((*samples.enrolled(f"s{n}", f"a{n}").statements, *codes_of))


def _counted(n: int, key: str) -> Unit:
    """A reservation decided on a total of ten, its own amount: the first in its tally."""
    tally = name_of("raced", n)
    mine = Expectation(reading=Reading(tally=tally, at=NOW, over=60, amount=10), least=10, most=10)
    return Unit(counters.reserve(samples.reservation(key, Count(tally=tally, over=60, amount=10)), (mine,)))


RACES = {
    "consume_code": Race(
        lambda n: Unit((codes.add_code(f"c{n}", digest("c"), samples.code_grant(), NOW + 60),)),
        lambda n, _: Unit((codes.consume_code(f"c{n}", digest("c"), "bank-web", NOW),)),
    ),
    "use_pushed": Race(
        lambda n: Unit((pushed.add_pushed(f"p{n}", "bank-web", samples.request(), NOW + 60),)),
        lambda n, _: Unit((pushed.use_pushed(f"p{n}", NOW),)),
    ),
    "spend": Race(lambda _: Unit(), lambda n, _: Unit((limits.spend("jti", str(n), NOW),))),
    "spend_sign_up": Race(
        lambda n: Unit((subjects.add_sign_up(f"u{n}", digest("u"), "alice", NOW + 60),)),
        lambda n, _: Unit((subjects.spend_sign_up(f"u{n}", digest("u"), NOW),)),
    ),
    "advance_counter": Race(
        lambda n: samples.enrolled(f"s{n}", f"a{n}"), _change(lambda name, _: AdvanceCounter(name, 55))
    ),
    "replace_material": Race(
        lambda n: samples.enrolled(f"s{n}", f"a{n}"),
        _change(lambda name, racer: ReplaceMaterial(name, b"public key", b"new %d" % racer)),
    ),
    "spend_recovery_code": Race(_with_codes, _change(lambda name, _: SpendRecoveryCode(name, digest("one")))),
    "advance_interaction": Race(
        lambda n: Unit((interactions.add_interaction(samples.interaction(f"i{n}")),)),
        lambda n, _: Unit(
            (interactions.advance_interaction(samples.interaction(f"i{n}", state=State.DONE, revision=1), 0),)
        ),
    ),
    "reserve_last_attempt": Race(
        lambda n: Unit((interactions.add_interaction(samples.interaction(f"i{n}", attempts=4)),)),
        lambda n, _: Unit((interactions.reserve_attempt(f"i{n}", 5, NOW),)),
    ),
    "rotate_session": Race(
        lambda n: Unit((sessions.add_session(samples.session(f"l{n}"), digest("old")),)),
        lambda n, racer: Unit((sessions.rotate_session(f"l{n}", digest("old"), digest(f"new {racer}"), (), NOW),)),
    ),
    "nothing_enrolled": Race(
        lambda n: Unit((subjects.add_subject(samples.subject(f"s{n}"), f"s{n}"),)),
        lambda n, racer: Unit(
            (
                authenticators.nothing_enrolled(f"s{n}"),
                *authenticators.add_authenticator(samples.authenticator(f"f{n}-{racer}", f"s{n}")),
            )
        ),
    ),
    "reserve_key": Race(lambda _: Unit(), lambda n, _: Unit(counters.reserve(samples.reservation(f"r{n}"), ()))),
    "reserve_total": Race(lambda _: Unit(), lambda n, racer: _counted(n, f"t{n}-{racer}")),
    "release": Race(
        lambda n: Unit(counters.reserve(samples.reservation(f"g{n}"), ())),
        lambda n, _: Unit(counters.release(samples.reservation(f"g{n}"), NOW)),
    ),
    "last_skip": Race(
        lambda n: Unit((skips.skip(f"s{n}", "soon", 2, NOW),)),
        lambda n, _: Unit((skips.skip(f"s{n}", "soon", 2, NOW),)),
    ),
    "add_credential": Race(
        lambda n: samples.enrolled(f"s{n}", f"a{n}"),
        lambda n, racer: Unit(
            authenticators.add_authenticator(samples.authenticator(f"n{n}-{racer}", f"s{n}"), b"credential %d" % n)
        ),
    ),
}


def names(number: int, many: int) -> range:
    """The numbers of the things of the race at `number`, apart from those of every other race."""
    return range(number * many, (number + 1) * many)
