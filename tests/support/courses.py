"""Make small courses for tests, grade notebooks with them, and read their reports."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from grader.assignment import load_assignment
from grader.authoring.release import release
from grader.batch.regrade import Regraded, StoredRun
from grader.batch.run import open_run
from grader.progress import SilentProgress
from grader.reference.cache import ReferenceCache, version_with
from grader.reference.combinations import combinable
from grader.reference.files import ReferenceFiles
from grader.reference.records import (
    StoredCombinations,
    StoredMistake,
    StoredMistakes,
    StoredReference,
)
from grader.reference.runner import ReferenceRunner, trusted_job
from grader.report import ExerciseResult, Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Session
from grader.settings import Settings
from grader.store.store import Store
from tests.support import forks

ROOT = Path(__file__).parent.parent.parent
EXERCISES = ROOT / "exercises"
SOLUTIONS = ROOT / "solutions"
SUBMISSIONS = ROOT / "submissions"

KERNELS = 2
"""Kernels that run side by side."""


# Notebooks


def notebook(cells: Iterable[str], **metadata: Any) -> dict[str, Any]:
    """Make a notebook of format 4.5; a cell that begins with `#!` is markdown."""
    python = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    return {
        "cells": [_cell(index, dedent(source).strip("\n")) for index, source in enumerate(cells)],
        "metadata": metadata or python,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(index: int, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": f"c{index}", "metadata": {}}
    if source.startswith("#!"):
        return cell | {"cell_type": "markdown", "source": source[2:]}

    lines = source.splitlines(keepends=True)
    return cell | {"cell_type": "code", "execution_count": None, "outputs": [], "source": lines}


def write_notebook(path: Path, cells: Iterable[str]) -> Path:
    """Write a notebook from the sources of its cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(cells)), "utf-8")
    return path


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write dedented texts by their names in a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")


# Courses


@dataclass(frozen=True)
class Course:
    """A folder with `exercises/` and `solutions/`, and the values of its references."""

    folder: Path

    @property
    def exercises(self) -> Path:
        return self.folder / "exercises"

    @property
    def solutions(self) -> Path:
        return self.folder / "solutions"

    @property
    def prepared(self) -> Path:
        """The folder with the references' values, for all the tests that grade with this course."""
        return self.folder / "prepared"

    def reference_files(self, name: str) -> ReferenceFiles:
        """Read the reference for one assignment."""
        return ReferenceFiles(load_assignment(self.exercises / name), self.solutions / name)

    def prepare(self, name: str, *, combined: bool = False) -> None:
        """Run the reference and its mistakes once.

        Args:
            name: the assignment.
            combined: run every combination of mistakes, too.
        """
        files = self.reference_files(name)
        with Store(self.prepared) as store:
            references = ReferenceCache(files, store, forks.shared().launch, KERNELS)
            asyncio.run(references.whole())
            if combined:
                asyncio.run(_run_combinations(files, store))

    def settings(self, out: Path, **others: Any) -> Settings:
        """Make settings that grade with this course, and put the references' values into `out`.

        `graded` and `regraded` run notebooks in the shared kernels unless these name a sandbox.
        """
        if self.prepared.is_dir() and not out.exists():
            with Store(out):
                shutil.copytree(self.prepared / "private", out / "private", dirs_exist_ok=True)

        fields = {"jobs": KERNELS} | others
        return Settings(exercises=self.exercises, solutions=self.solutions, out=out, **fields)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file; in a notebook, as its JSON has it."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")


async def _run_combinations(files: ReferenceFiles, store: Store) -> None:
    """Store every combination of mistakes; else many a notebook starts a kernel for a few."""
    name = files.assignment.name
    reference = store.read_private(f"reference-{name}", StoredReference)
    mistakes = store.read_private(f"mistakes-{name}", StoredMistakes)
    assert reference is not None
    assert mistakes is not None
    version = version_with(files.mistakes_version, reference)
    stored = store.read_private(f"combinations-{name}", StoredCombinations)
    if stored is not None and stored.key == version:
        return
    combinations = combinable(files, mistakes.mistakes)

    async def run(*, variants: bool) -> dict[str, StoredMistake]:
        async with Session(trusted_job(files), forks.shared().launch) as session:
            runner = ReferenceRunner(files, session)
            return await runner.combinations(combinations, reference, variants=variants)

    stored = StoredCombinations(
        key=version,
        base=await run(variants=False),
        whole=await run(variants=True),
    )
    store.write_private(f"combinations-{name}", stored)


def write_course(
    folder: Path,
    name: str,
    files: Mapping[str, str],
    handout: Iterable[str],
    reference: Iterable[str],
) -> Course:
    """Write a course of one assignment.

    Args:
        folder: where to write it.
        name: of the assignment.
        files: texts by their names in the folder, dedented: `assignment.toml`, mistakes, data.
        handout: the cells that students get.
        reference: the cells of the solved notebook, with marks.
    """
    write_texts(folder, files)
    write_notebook(folder / f"exercises/{name}/{name}.ipynb", handout)
    write_notebook(folder / f"solutions/{name}/{name}.ipynb", reference)
    return Course(folder)


def copy_assignment(folder: Path, name: str, *, cell_timeout_s: float) -> Course:
    """Copy an assignment of this repository, with another limit for the time of a cell."""
    course = Course(folder)
    ignored = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(EXERCISES / name, course.exercises / name, ignore=ignored)
    shutil.copytree(SOLUTIONS / name, course.solutions / name, ignore=ignored)
    limits = load_assignment(course.exercises / name).limits
    course.edit(
        f"exercises/{name}/assignment.toml",
        f"cell_timeout_s = {limits.cell_timeout_s:g}",
        f"cell_timeout_s = {cell_timeout_s:g}",
    )
    return course


# Runs


def graded(paths: Sequence[Path] | Path, settings: Settings) -> Report:
    """Grade some paths, in the shared kernels unless the settings name a sandbox."""
    every_path = [paths] if isinstance(paths, Path) else list(paths)
    with _sandbox(settings) as sandbox, open_run(every_path, settings, sandbox) as run:
        return run.grade(SilentProgress())


def regraded(settings: Settings) -> Regraded:
    """Regrade the output folder of some settings."""
    with _sandbox(settings) as sandbox, Store(settings.out) as store:
        return StoredRun(settings, store, sandbox).regrade(SilentProgress())


def _sandbox(settings: Settings) -> AbstractContextManager[Sandbox]:
    if settings.sandbox == "auto":
        return nullcontext(forks.unopened())
    return Sandbox(settings.sandbox)


def released(course: Course, name: str, to: Path, *, shows_points: bool = False) -> Path:
    """Write the zip that the students of an assignment get."""
    settings = Settings(exercises=course.exercises, solutions=course.solutions)
    launch = forks.shared().launch
    written = release(name, to, settings, SilentProgress(), launch, shows_points=shows_points)
    return written.path


# Reports


def by_student(report: Report) -> dict[str, SubmissionResult]:
    """Return the submissions of a report by the students' names."""
    return {submission.student: submission for submission in report.submissions}


def points_by_student(report: Report) -> dict[str, float]:
    """Return the points of each student."""
    return {submission.student: submission.points for submission in report.submissions}


def credits_of(submission: SubmissionResult) -> dict[str, float]:
    """Return the credit of each automatic exercise."""
    return {exercise.id: exercise.credit for exercise in submission.exercises if exercise.automatic}


def exercises_of(submission: SubmissionResult) -> dict[str, ExerciseResult]:
    """Return the exercises of a submission by their ids."""
    return {exercise.id: exercise for exercise in submission.exercises}


def statuses_of(submission: SubmissionResult) -> dict[str, str]:
    """Return the status of each exercise."""
    return {exercise.id: exercise.status for exercise in submission.exercises}


def reasons_of(submission: SubmissionResult) -> dict[str, str]:
    """Return the message about each exercise, to show why a test failed."""
    return {exercise.id: exercise.checks[0].message.id for exercise in submission.exercises}
