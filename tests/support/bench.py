"""What the end-to-end tests stand on: many notebooks in a few kernels, and small courses written from strings."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from textwrap import dedent
from typing import Any

from grader.assignment import load_assignment
from grader.authoring import trusted_grader
from grader.authoring.release import release
from grader.authoring.validation.validate import secret_numbers
from grader.batch.regrade import Regraded, StoredRun
from grader.batch.run import open_run
from grader.grading.execution import execution
from grader.grading.knowledge import Knowledge
from grader.grading.search import Values
from grader.progress import SilentProgress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.records import StoredCombinations, StoredMistakes, StoredReference
from grader.reference.runner import ReferenceRunner, combinable, trusted_job
from grader.report import ExerciseResult, Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Launch, Session
from grader.settings import Settings
from grader.store.store import Store
from grader.trace import Job, Trace, VariedInput
from tests.support import forks
from tests.support.secrecy import numbers_in

ROOT = Path(__file__).parent.parent.parent
EXERCISES, SOLUTIONS, SUBMISSIONS = ROOT / "exercises", ROOT / "solutions", ROOT / "submissions"
SAMPLES = sorted(SUBMISSIONS.glob("*.ipynb"))
"""Those of the assignment `autograd`."""

PER_KERNEL = 30
"""Notebooks that share a kernel: a session looks through all its events for each run."""
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Graded:
    """What a notebook earned, and what it computed."""

    results: Mapping[str, ExerciseResult]
    trace: Trace

    def as_submission(self) -> SubmissionResult:
        """The same as a report has it."""
        return SubmissionResult(
            id="0",
            student="ana",
            file="ana.ipynb",
            sha256="",
            status="graded",
            assignment="autograd",
            exercises=tuple(self.results.values()),
            execution=execution(self.trace, lambda _: ""),
        )


class Bench:
    """Grades made-up notebooks by one assignment, a namespace each in kernels that they share."""

    def __init__(self, solution: ReferenceFiles, prepared: Path) -> None:
        """Take an assignment, and the folder where what its reference computes is kept."""
        self._solution = solution
        self._assignment = solution.assignment
        self._prepared = prepared
        self._handout = solution.assignment.handout_sources()

    def grade(
        self, notebooks: Mapping[str, Sequence[str]], launch: Launch | None = None
    ) -> dict[str, Graded]:
        """Run and grade notebooks, given as the sources of their code cells; None: in the shared kernels."""
        return asyncio.run(self._grade_all(notebooks, launch or forks.shared().launch))

    def answered(self, cells: Sequence[str]) -> list[str]:
        """The exercises whose answer a notebook gives, computed or typed in. No mistake is looked for."""
        return asyncio.run(self._answered(cells))

    async def _answered(self, cells: Sequence[str]) -> list[str]:
        with Store(self._prepared) as store:
            references = ReferenceCache(self._solution, store, forks.shared().launch)
            inputs, base = await references.inputs(), await references.base()
            async with Session(self._job, forks.shared().launch) as session:
                grading = trusted_grader.TrustedGrader(self._assignment, base, inputs, session)
                evaluation = await grading.grade("one", enumerate(cells), self._handout)
        # What was typed in earns nothing, and is flagged.
        return [each.id for each in evaluation.results if each.credit or each.flags]

    @property
    def _job(self) -> Job:
        """What a kernel of many notebooks is told."""
        return Job(cells=(), files=self._assignment.files, questions=self._assignment.questions)

    def secrets(self) -> frozenset[str]:
        """Every number that the reference or a mistake gives, but for those that the handout shows."""
        with Store(self._prepared) as store:
            knowledge = asyncio.run(_whole(ReferenceCache(self._solution, store, forks.shared().launch)))
        shown = "\n".join(cell.source for cell in self._assignment.handout)
        return secret_numbers(knowledge) - numbers_in(shown)

    async def _grade_all(
        self, notebooks: Mapping[str, Sequence[str]], launch: Launch
    ) -> dict[str, Graded]:
        waiting = iter(notebooks.items())
        graded: dict[str, Graded] = {}

        with Store(self._prepared) as store:
            references = ReferenceCache(self._solution, store, launch)
            inputs = await references.inputs()

            async def work() -> None:
                while share := tuple(islice(waiting, PER_KERNEL)):
                    async with Session(self._job, launch) as session:
                        grading = _Learning(references, await references.base(), inputs, session)
                        for name, cells in share:
                            evaluation = await grading.grade(name, enumerate(cells), self._handout)
                            results = {each.id: each for each in evaluation.results}
                            graded[name] = Graded(results, evaluation.trace)

            await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
        return graded


class _Learning(trusted_grader.TrustedGrader):
    """Grades as a batch does: what a trace calls for is made then."""

    def __init__(
        self,
        references: ReferenceCache,
        base: Knowledge,
        inputs: tuple[VariedInput, ...],
        session: Session,
    ) -> None:
        super().__init__(references.solution.assignment, base, inputs, session)
        self._references = references

    async def knowledge_for(self, values: Values) -> Knowledge:
        return await self._references.of(values)


def notebook(cells: Iterable[str], **metadata: Any) -> dict[str, Any]:
    """A notebook of format 4.5; a cell that begins with `#!` is markdown."""
    python = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    return {
        "cells": [_cell(index, dedent(source).strip("\n")) for index, source in enumerate(cells)],
        "metadata": metadata or python,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(index: int, source: str) -> dict[str, Any]:
    if source.startswith("#!"):
        return {"cell_type": "markdown", "id": f"c{index}", "metadata": {}, "source": source[2:]}
    code = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**code, "id": f"c{index}", "metadata": {}, "source": source.splitlines(keepends=True)}


def write_notebook(path: Path, cells: Iterable[str]) -> Path:
    """Write a notebook from the sources of its cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(cells)), "utf-8")
    return path


@dataclass(frozen=True)
class Course:
    """A folder with `exercises/` and `solutions/`, and what was computed of its references."""

    folder: Path

    @property
    def exercises(self) -> Path:
        return self.folder / "exercises"

    @property
    def solutions(self) -> Path:
        return self.folder / "solutions"

    def settings(self, out: Path, **others: Any) -> Settings:
        """Settings that grade with this course into a folder, with the reference's values in it beforehand.

        As `graded` and `regraded` take them, they run notebooks in the shared kernels unless they name a sandbox.
        """
        if self.prepared.is_dir() and not out.exists():
            with Store(out):
                shutil.copytree(self.prepared / "private", out / "private", dirs_exist_ok=True)
        common: dict[str, Any] = {"jobs": SIDE_BY_SIDE}
        return Settings(
            exercises=self.exercises, solutions=self.solutions, out=out, **(common | others)
        )

    @property
    def prepared(self) -> Path:
        """Where the reference's values are kept, for all the tests that grade with this course."""
        return self.folder / "prepared"

    def prepare(self, solution: ReferenceFiles, *, combined: bool = False) -> None:
        """Run the reference and its mistakes once, and all their combinations if that is asked for."""
        with Store(self.prepared) as store:
            asyncio.run(
                _whole(ReferenceCache(solution, store, forks.shared().launch, SIDE_BY_SIDE))
            )
            if combined:
                asyncio.run(_combine(solution, store))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file; of a notebook, as its JSON has it."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")


async def _whole(references: ReferenceCache) -> Knowledge:
    return await references.whole()


async def _combine(solution: ReferenceFiles, store: Store) -> None:
    """Keep every combination of mistakes: else some notebook after another starts a kernel for a few of them."""
    name, key = solution.assignment.name, solution.mistakes_version
    reference = store.read_private(f"reference-{name}", StoredReference)
    mistakes = store.read_private(f"mistakes-{name}", StoredMistakes)
    assert reference is not None
    assert mistakes is not None
    names = combinable(solution, mistakes.mistakes)
    async with Session(trusted_job(solution), forks.shared().launch) as session:
        base = await ReferenceRunner(solution, session).combinations(
            names, reference, variants=False
        )
    async with Session(trusted_job(solution), forks.shared().launch) as session:
        whole = await ReferenceRunner(solution, session).combinations(
            names, reference, variants=True
        )
    store.write_private(f"combinations-{name}", StoredCombinations(key=key, base=base, whole=whole))


def prepared(course: Course, name: str, *, combined: bool = False) -> Bench:
    """Grades notebooks by an assignment of a course, whose reference and mistakes run now."""
    solution = ReferenceFiles(load_assignment(course.exercises / name), course.solutions / name)
    course.prepare(solution, combined=combined)
    return Bench(solution, course.prepared)


def copy_assignment(folder: Path, name: str, *, cell_timeout_s: float) -> Course:
    """An assignment of the repository's with a shorter time for a cell."""
    course = Course(folder)
    ignored = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(EXERCISES / name, course.exercises / name, ignore=ignored)
    shutil.copytree(SOLUTIONS / name, course.solutions / name, ignore=ignored)
    course.edit(
        f"exercises/{name}/assignment.toml",
        "cell_timeout_s = 30",
        f"cell_timeout_s = {cell_timeout_s:g}",
    )
    return course


MEAN_DATA = "dados = [2.0, 4.5, 7.25, 1.0]"
MEAN_STEP = "media = sum(dados) / len(dados)"
SPREAD_STEP = "amplitude = max(dados) - media"
MEAN, SPREAD = "3.6875", "3.5625"
"""The answers, in figures that stand nowhere else."""

_MEAN_FILES = {
    "exercises/media/assignment.toml": """
        title = "Média e amplitude"
        language = "pt"
        handout = "media.ipynb"

        [run]
        cell_timeout_s = 10

        [[exercises]]
        id = "mean"
        title = "Média"
        points = 2
        check = "value"

        [[exercises]]
        id = "spread"
        title = "Do maior à média"
        points = 3
        check = "value"

        [[exercises]]
        id = "why"
        title = "Por quê"
        points = 1
        check = "text"
        question = "Por que a média muda com um único dado"
        """,
    "solutions/media/variants.toml": """
        [[inputs]]
        name = "dados"
        from = "dados"
        variants = ["[1., 3., 2., 7.]", "[.37, 1.19, 2.53, 8.41]"]
        practice = ["[2., 5., 1., 6.]", "[.53, 1.71, 2.29, 7.13]"]
        """,
    "solutions/media/mistakes.toml": """
        [mistakes.sum-only]
        name = { pt = "soma em vez de média", en = "sum instead of mean" }
        hint = { pt = "Falta dividir pelo número de dados.", en = "Divide by how many there are." }
        credit = { mean = 0.5 }

        [mistakes.from-the-least]
        name = { pt = "a partir do menor", en = "from the least" }
        hint = { pt = "Aqui se mede até a média.", en = "Measure to the mean here." }
        credit = {}
        """,
}
_MEAN_HANDOUT = (
    "#!# Média e amplitude",
    MEAN_DATA,
    "#!Calcule a média dos dados, e quanto o maior deles passa dela.",
    "# Sua vez: a média",
    "#!**Por que a média muda com um único dado?**",
)
_MEAN_REFERENCE = (
    MEAN_DATA,
    f"{MEAN_STEP}  # wrong(sum-only): media = sum(dados)\n# grade: mean = media",
    f"{SPREAD_STEP}  # wrong(from-the-least): amplitude = max(dados) - min(dados)\n# grade: spread = amplitude",
)


def write_mean_course(folder: Path) -> Course:
    """A course of one small assignment, `media`, that needs no torch in a student's kernel."""
    for name, text in _MEAN_FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    write_notebook(folder / "exercises/media/media.ipynb", _MEAN_HANDOUT)
    write_notebook(folder / "solutions/media/media.ipynb", _MEAN_REFERENCE)
    return Course(folder)


def graded(paths: Sequence[Path] | Path, settings: Settings) -> Report:
    """Grade some paths, in the shared kernels unless the settings name a sandbox."""
    every = [paths] if isinstance(paths, Path) else list(paths)
    with _sandbox(settings) as sandbox, open_run(every, settings, sandbox) as run:
        return run.grade(SilentProgress())


def regraded(settings: Settings) -> Regraded:
    """Regrade the output folder of some settings."""
    with _sandbox(settings) as sandbox, Store(settings.out) as store:
        return StoredRun(settings, store, sandbox).regrade(SilentProgress())


def _sandbox(settings: Settings) -> AbstractContextManager[Sandbox]:
    if settings.sandbox == "auto":
        return nullcontext(forks.shared())
    return Sandbox(settings.sandbox)


def released(course: Course, name: str, to: Path, *, shows_points: bool = False) -> Path:
    """The zip of an assignment for its students."""
    settings = Settings(exercises=course.exercises, solutions=course.solutions)
    launch = forks.shared().launch
    return release(name, to, settings, SilentProgress(), launch, shows_points=shows_points).path


def by_student(report: Report) -> dict[str, SubmissionResult]:
    """The submissions of a report by name."""
    return {submission.student: submission for submission in report.submissions}


def credits_of(submission: SubmissionResult) -> dict[str, float]:
    """The credit of each automatic exercise."""
    return {exercise.id: exercise.credit for exercise in submission.exercises if exercise.automatic}
