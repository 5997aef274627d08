"""What a notebook left to be called later rests while something is asked."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys

import pytest

from grader.kernel.variants.start_modes import undisturbed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="There are no such signals.")


def test_signal_handlers_rest_and_are_there_again():
    called: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: called.append(number))
    try:
        with undisturbed():
            signal.raise_signal(signal.SIGUSR1)
        assert [] == called
        signal.raise_signal(signal.SIGUSR1)
        assert [signal.SIGUSR1] == called
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_how_a_child_ended_is_known_though_its_signal_was_handled():
    before = signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        with undisturbed():
            assert 1 == subprocess.run(["false"], check=False).returncode
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_callbacks_of_the_collector_rest_and_are_there_again():
    called: list[str] = []

    def note(phase: str, _: object) -> None:
        called.append(phase)

    gc.callbacks.append(note)
    try:
        with undisturbed():
            gc.collect()
        assert [] == called
        gc.collect()
        assert called
    finally:
        gc.callbacks.remove(note)
