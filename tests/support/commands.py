"""Run commands in this process, with fakes in place of what they hand on to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.assignment import Assignment, Exercise
from grader.batch.workers.cluster_file import ClusterChoice
from grader.cli.main import cli
from grader.messages import Language
from grader.progress import Progress
from grader.report import Report, SubmissionResult
from grader.running.doctor import Diagnosis, Finding
from grader.settings import Limits, Settings
from grader.store.store import Store
from tests.support.reports import report

Grade = Callable[[Sequence[Path], Settings, Progress], Report]
"""Gives the report of some paths."""

UNSEALED = "Sem isolamento: estes notebooks foram executados com os seus direitos."
"""The warning above what ran without a sandbox, in Portuguese."""

Regrade = Callable[[Path, Settings, Progress], Any]
"""Gives what a regrade of an output folder did."""


@dataclass(frozen=True)
class FakeRun:
    """A run whose report is known beforehand."""

    store: Store
    grade: Callable[[Progress], Report]
    assignments: tuple[Assignment, ...] = ()
    language: Language = "en"


@dataclass(frozen=True)
class FakeStoredRun:
    """Stored traces whose regrade is known beforehand."""

    store: Store
    regrade: Callable[[Progress], Any]


def fake_run(monkeypatch: pytest.MonkeyPatch, grade: Grade) -> None:
    """Let the command `run` have its report from a function."""

    @contextmanager
    def open_run(
        paths: Sequence[Path], settings: Settings, cluster: ClusterChoice | None
    ) -> Iterator[FakeRun]:
        yield FakeRun(Store(settings.out), lambda progress: grade(paths, settings, progress))

    monkeypatch.setattr("grader.cli.run.open_run", open_run)


def fake_regrade(monkeypatch: pytest.MonkeyPatch, regrade: Regrade) -> None:
    """Let the command `regrade` have its outcome from a function."""

    @contextmanager
    def open_stored(settings: Settings) -> Iterator[FakeStoredRun]:
        store = Store(settings.out)
        yield FakeStoredRun(store, lambda progress: regrade(settings.out, settings, progress))

    monkeypatch.setattr("grader.cli.regrade.open_stored", open_stored)


def grade(*arguments: str) -> Result:
    """Run `grade` with arguments."""
    return CliRunner().invoke(cli, list(arguments))


@dataclass
class Calls:
    """What commands handed on."""

    names: list[str] = field(default_factory=list)
    """Names of the fakes that were called."""
    subject: Any = None
    """The paths, folder or name that the last one was given."""
    settings: Settings = field(default_factory=Settings)
    """The settings that the last one was given."""

    def note(self, name: str, subject: Any, settings: Settings) -> None:
        """Take note of a call."""
        self.names.append(name)
        self.subject = subject
        self.settings = settings


@dataclass
class FakeChange:
    """A score that a regrade changed."""

    student: str
    exercise: str
    before: float
    after: float


@dataclass
class FakeRegraded:
    """What a regrade did."""

    report: Report
    reused: int = 7
    rerun: tuple[str, ...] = ("Bia",)
    why: tuple[str, ...] = ("variants.toml mudou",)
    changes: tuple[FakeChange, ...] = (FakeChange("Bia", "Passo", 3.0, 1.5),)


ASSIGNMENT = Assignment(
    name="autograd",
    folder=Path("exercises/autograd"),
    title="Autograd",
    language="pt",
    limits=Limits(),
    exercises=(
        Exercise(
            id="loss-decrease",
            title="Mudança da perda",
            points=2,
            check="value",
            note={"pt": "J sobe de 14 para 45,36."},
            student_note={"pt": "A perda pode subir."},
        ),
    ),
    handout=(),
    version="v",
)
"""The assignment of the notebook that a fake checks."""


def diagnosis(tier: str) -> Diagnosis:
    """A machine with one finding."""
    finding = Finding(name="sandbox", state="ok", text="tried \u202e out")
    return Diagnosis(tier=tier, findings=(finding,))


def run_fails(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the command `run` meet an exception."""

    def fail(*_: Any) -> Report:
        raise error

    fake_run(monkeypatch, fail)


def run_gives(monkeypatch: pytest.MonkeyPatch, *submissions: SubmissionResult) -> None:
    """Let the command `run` have the report of some submissions."""
    fake_run(monkeypatch, lambda *_: report(*submissions))
