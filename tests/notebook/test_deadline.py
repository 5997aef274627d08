"""Work that takes too much processor time is broken off, also where it catches the exception."""

from __future__ import annotations

import contextlib
import re
import signal
import threading

import pytest

from grader.notebook.deadline import WorkTooLong, within


def loop() -> None:
    while True:
        pass


def loop_twice() -> None:
    with contextlib.suppress(WorkTooLong):
        loop()
    loop()


def search() -> None:
    re.search("(a+)+b", "a" * 40)


@pytest.mark.parametrize("work", [loop, search])
def test_work_that_does_not_end_is_broken_off(work):
    with pytest.raises(WorkTooLong), within(0.05):
        work()


def test_work_that_catches_what_breaks_it_off_is_broken_off_again(monkeypatch):
    monkeypatch.setattr("grader.notebook.deadline.AGAIN_S", 0.05)
    with pytest.raises(WorkTooLong), within(0.05):
        loop_twice()


def test_work_that_ends_in_time_leaves_no_alarm():
    before = signal.getsignal(signal.SIGPROF)
    with within(5.0):
        result = sum(range(10))
    timer, _ = signal.getitimer(signal.ITIMER_PROF)
    assert (45, 0.0, before) == (result, timer, signal.getsignal(signal.SIGPROF))


def test_work_of_another_thread_is_left_alone():
    done: list[int] = []

    def work() -> None:
        with within(0.001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert 1 == len(done)
