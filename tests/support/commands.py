"""Fakes in place of what the commands `run` and `regrade` hand on to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.progress import Progress
from grader.report import Report
from grader.settings import Settings
from grader.store.store import Store

Grade = Callable[[Sequence[Path], Settings, Progress], Report]
"""Gives the report of some paths."""

Regrade = Callable[[Path, Settings, Progress], Any]
"""Gives what a regrade of an output folder did."""


@dataclass(frozen=True)
class FakeRun:
    """A run whose report is known beforehand."""

    store: Store
    grade: Callable[[Progress], Report]


@dataclass(frozen=True)
class FakeStoredRun:
    """Stored traces whose regrade is known beforehand."""

    store: Store
    regrade: Callable[[Progress], Any]


def fake_run(monkeypatch: pytest.MonkeyPatch, grade: Grade) -> None:
    """Let the command `run` have its report from a function."""

    @contextmanager
    def open_run(paths: Sequence[Path], settings: Settings) -> Iterator[FakeRun]:
        yield FakeRun(Store(settings.out), lambda progress: grade(paths, settings, progress))

    monkeypatch.setattr("grader.cli.run.open_run", open_run)


def fake_regrade(monkeypatch: pytest.MonkeyPatch, regrade: Regrade) -> None:
    """Let the command `regrade` have its outcome from a function."""

    @contextmanager
    def open_stored(settings: Settings) -> Iterator[FakeStoredRun]:
        store = Store(settings.out)
        yield FakeStoredRun(store, lambda progress: regrade(settings.out, settings, progress))

    monkeypatch.setattr("grader.cli.regrade.open_stored", open_stored)
