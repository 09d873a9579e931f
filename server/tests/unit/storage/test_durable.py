"""The syncing thread: one sync for all that waits, and nothing answered before it."""

import os
import threading

import pytest

from newel.storage import durable
from newel.storage.durable import QUICK, Syncer


class Answers:
    """What a syncer answered, with the number of syncs done by then."""

    def __init__(self) -> None:
        self.syncs = 0
        self.groups: list[tuple[list[str], OSError | None, int]] = []

    def sync(self, _file: int) -> None:
        self.syncs += 1

    def answer(self, groups: list[str], error: OSError | None) -> None:
        self.groups.append((groups, error, self.syncs))


def test_what_waits_during_a_sync_shares_the_next_one() -> None:
    answers, entered, proceed = Answers(), threading.Event(), threading.Event()

    def slow(file: int) -> None:
        entered.set()
        proceed.wait(10)
        answers.sync(file)

    syncer = Syncer(7, slow, answers.answer)
    syncer.put("first")
    entered.wait(10)
    syncer.put("second")
    syncer.put("third")
    assert answers.groups == []
    proceed.set()
    syncer.close()
    assert answers.groups == [(["first"], None, 1), (["second", "third"], None, 2)]


def test_closing_answers_what_is_queued() -> None:
    answers = Answers()
    syncer = Syncer(7, answers.sync, answers.answer)
    syncer.put("only")
    syncer.close()
    assert [groups for groups, _, _ in answers.groups] == [["only"]]


def test_a_lost_sync_is_told_with_the_groups_it_concerns() -> None:
    answers, error = Answers(), OSError(5, "I/O error")

    def broken(file: int) -> None:
        raise error

    syncer = Syncer(7, broken, answers.answer)
    syncer.put("lost")
    syncer.close()
    assert answers.groups == [(["lost"], error, 0)]


class Clock:
    """A clock that a sync moves."""

    def __init__(self, *lasting: float) -> None:
        self.now = 0.0
        self._lasting = iter(lasting)

    def __call__(self) -> float:
        return self.now

    def sync(self, _file: int) -> None:
        self.now += next(self._lasting)


def test_only_a_disk_whose_last_sync_was_quick_is_waited_for_on_the_spot() -> None:
    clock = Clock(QUICK / 2, QUICK, QUICK / 2)
    syncer: Syncer[str] = Syncer(7, clock.sync, lambda _groups, _error: None, clock=clock)
    said = [syncer.quick]
    for _ in range(3):
        assert syncer.at_once() is None
        said.append(syncer.quick)
    syncer.close()
    assert said == [False, True, False, True]


def test_a_sync_in_the_thread_is_measured_too() -> None:
    clock, answers = Clock(QUICK / 2), Answers()
    syncer = Syncer(7, clock.sync, answers.answer, clock=clock)
    syncer.put("only")
    syncer.close()
    assert syncer.quick


def test_a_sync_on_the_spot_tells_what_failed() -> None:
    error = OSError(5, "I/O error")

    def broken(file: int) -> None:
        raise error

    syncer: Syncer[str] = Syncer(7, broken, lambda _groups, _error: None)
    assert syncer.at_once() is error
    syncer.close()


def test_without_fdatasync_the_whole_file_is_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.delattr(os, "fdatasync")
    monkeypatch.setattr(os, "fsync", synced.append)
    durable.data_sync(7)
    assert synced == [7]
