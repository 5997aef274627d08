"""Fakes and a folder for tests of commands: none of them writes into the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.report import Message, Report
from grader.running.doctor import Diagnosis
from grader.settings import Settings
from tests.support.commands import (
    ASSIGNMENT,
    Calls,
    FakeRegraded,
    diagnosis,
    fake_regrade,
    fake_run,
)
from tests.support.reports import report, zeroed


@pytest.fixture(autouse=True)
def working_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Make an empty folder the working directory."""
    folder = tmp_path_factory.mktemp("working")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """Put a fake in place of what writes pages: the folders and languages it was given."""
    written: list[tuple[str, str | None]] = []

    def write_pages(store: Any, _: Report, language: str | None, __: Any) -> None:
        written.append((str(store.folder), language))

    monkeypatch.setattr("grader.cli.class_report.write_pages", write_pages)
    return written


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, pages: Any) -> Calls:
    """Put fakes in place of batch, validation and store; tell what they were given."""
    noted = Calls()

    def giving(name: str, result: Any) -> Callable[..., Any]:
        def call(subject: Any, settings: Settings, progress: Any, *_: Any) -> Any:
            noted.note(name, subject, settings)
            return result

        return call

    def read_report(folder: Path) -> Report:
        noted.note("read_report", folder, Settings())
        return report()

    def look_at_machine(settings: Settings) -> Diagnosis:
        return diagnosis("bwrap")

    validation = Validation(
        "autograd", "en", (ValidationFinding(True, Message(id="validate.no-leak")),)
    )
    fake_run(monkeypatch, giving("grade_paths", report()))
    fake_regrade(monkeypatch, giving("regrade_traces", FakeRegraded(report())))
    fakes = {
        "check.check_notebook": giving("check_notebook", (ASSIGNMENT, zeroed())),
        "validate.validate_assignments": giving("validate_assignments", (validation,)),
        "course.languages": lambda settings, name: {"autograd": "en"},
        "doctor.look_at_machine": look_at_machine,
        "show.read_report": read_report,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(f"grader.cli.{name}", fake)
    return noted
