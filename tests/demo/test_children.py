"""Children of one demonstration: they start together, their death is told, and none outlives its parent."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from newel.demo.children import ChildDied, Children, Order, signals

ANSWERS = "import signal; print('ready', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + ANSWERS
DIES = "import sys; print('ready', flush=True); sys.exit('the ledger is locked')"


def order(tmp_path: Path, code: str, name: str = "bank") -> Order:
    return Order(name=name, command=[sys.executable, "-c", code], environment={}, log=tmp_path / f"{name}.log")


def test_all_are_ready_and_a_signal_ends_the_watch(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, ANSWERS), order(tmp_path, ANSWERS, "server")], woken)
        assert children.wait_ready(30)
        processes = [psutil.Process(child.process.pid) for child in children._living]
        os.kill(os.getpid(), signal.SIGTERM)
        children.watch()
        children.stop()
    assert not any(process.is_running() for process in processes)


def test_a_death_is_told_in_words_with_the_end_of_its_log(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, DIES)], woken)
        with pytest.raises(ChildDied, match=r"bank ended with exit code 1\.(.|\n)*\| the ledger is locked"):
            children.watch()
        children.stop()


def test_a_child_ended_by_a_signal_is_told_so(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, ANSWERS)], woken)
        children.wait_ready(30)
        os.kill(children._living[0].process.pid, signal.SIGKILL)
        with pytest.raises(ChildDied, match="bank was ended by signal SIGKILL"):
            children.watch()
        children.stop()


def test_who_is_never_ready_is_named(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, "import signal; signal.pause()")], woken)
        with pytest.raises(TimeoutError, match="bank"):
            children.wait_ready(0.2)
        children.stop()


def test_a_signal_while_they_start_stops_them(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, "import signal; signal.pause()")], woken)
        os.kill(os.getpid(), signal.SIGINT)
        assert not children.wait_ready(30)
        children.stop()


def test_who_does_not_stop_is_killed(tmp_path: Path) -> None:
    with signals() as woken:
        children = Children([order(tmp_path, STUBBORN)], woken, grace=0.2)
        children.wait_ready(30)
        process = psutil.Process(children._living[0].process.pid)
        children.stop()
    assert not process.is_running()


def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    code = f"""
        import sys
        from pathlib import Path
        from newel.demo.children import Children, Order, signals
        with signals() as woken:
            command = [sys.executable, "-c", {ANSWERS!r}]
            children = Children([Order(name="x", command=command, environment={{}}, log=Path({str(tmp_path / "x")!r}))], woken)
            children.wait_ready(30)
            print(children._living[0].process.pid, flush=True)
            children.watch()
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    # The pipe's last writer is the child: it reads as ended when the child has.
    assert select.select([parent.stdout], [], [], 60)[0]
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()
    parent.stdout.close()


SAYS = (
    "import sys, signal; print('ready', flush=True); print('1 fault', file=sys.stderr, flush=True);"
    "print('half', end=' ', flush=True); print('a line', flush=True); signal.pause()"
)


def test_what_a_child_that_is_heard_says_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = replace(order(tmp_path, SAYS, "bank-policy"), heard=True)
    with signals() as woken:
        children = Children([started], woken)
        assert children.wait_ready(30)
        told = capsys.readouterr().err
        while "line" not in told:
            children._turn(30)
            told += capsys.readouterr().err
        children.stop()
    assert told == "bank-policy: 1 fault\nbank-policy: half a line\n"
    assert started.log.read_text("utf-8") == "ready\n1 fault\nhalf a line\n"


def test_the_death_of_a_child_that_is_heard_quotes_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with signals() as woken:
        children = Children([replace(order(tmp_path, DIES), heard=True)], woken)
        with pytest.raises(ChildDied, match=r"bank ended with exit code 1\.(.|\n)*\| the ledger is locked"):
            children.watch()
        children.stop()
    assert capsys.readouterr().err == "bank: the ledger is locked\n"
