"""Fixtures for tests of a class: what it handed in, and the jobs that ran."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.batch import evaluator
from grader.job import Job
from grader.running.notebook import run
from grader.trace import Trace
from tests.support.courses import write_notebook
from tests.support.mean_course import MEAN_DATA, RIGHT_CELLS, SPREAD_STEP


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three submissions of the assignment `media`; Bia's has a known mistake."""
    folder = tmp_path / "handed-in"
    write_notebook(folder / "caio.ipynb", RIGHT_CELLS)
    write_notebook(folder / "ana.ipynb", RIGHT_CELLS)
    write_notebook(folder / "bia.ipynb", (MEAN_DATA, "media = sum(dados)", SPREAD_STEP))
    return folder


@pytest.fixture
def jobs_run(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that ran, in order."""
    jobs: list[Job] = []

    async def note_and_run(job: Job, *others: Any) -> Trace:
        jobs.append(job)
        return await run(job, *others)

    monkeypatch.setattr(evaluator, "run", note_and_run)
    return jobs
