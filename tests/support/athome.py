"""Check many notebooks with a release in two kernels, each judged as when it runs by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from grader.assignment import Assignment
from grader.batch.self_check import judge
from grader.reference.release import Release
from grader.report import SubmissionResult
from grader.running.session import Session
from grader.submissions.identify import code_cells
from grader.submissions.submission import Submission, submission_at
from grader.trace import Job, Run, Trace
from tests.support import forks


def checked_together(
    paths: Iterable[Path], release: Release, folder: Path
) -> dict[str, SubmissionResult]:
    """The result of each notebook, by its name.

    Args:
        paths: the notebooks.
        release: what they are checked with.
        folder: where the release's data files are.
    """
    submissions = [submission_at(path) for path in paths]
    return asyncio.run(_checked(submissions, release, release.assignment(folder)))


async def _checked(
    submissions: Iterable[Submission], release: Release, assignment: Assignment
) -> dict[str, SubmissionResult]:
    results: dict[str, SubmissionResult] = {}
    job = Job(cells=(), files=assignment.files, questions=assignment.questions)
    waiting = iter(submissions)

    async def work() -> None:
        async with Session(job, forks.shared().launch) as session:
            for one in waiting:
                runs = await _ran(session, one, release, assignment)
                trace = Trace(cells=code_cells(one, assignment), runs=tuple(runs))
                results[one.student] = judge(one, assignment, release, trace)

    await asyncio.gather(work(), work())
    return results


async def _ran(
    session: Session, one: Submission, release: Release, assignment: Assignment
) -> list[Run]:
    order = [(cell.cell, cell.source) for cell in code_cells(one, assignment)]
    name = one.student
    await session.replay(f"{name}/base", order, calls=f"{name}/")
    runs = [session.run_of(f"{name}/base", "base")]
    called = [
        label for question in assignment.questions for label in (question.found, *question.labels)
    ]
    runs += [run for label in called if (run := session.run_of(f"{name}/{label}", label)).events]
    for number, numbers in enumerate(release.numbers(), 1):
        await session.replay(f"{name}/practice-{number}", order, numbers=numbers)
        runs.append(session.run_of(f"{name}/practice-{number}", f"practice-{number}"))
    return runs


def settled(result: SubmissionResult) -> dict[str, str]:
    """The status of each exercise but for those that wait for a person."""
    return {
        exercise.id: exercise.status
        for exercise in result.exercises
        if exercise.status != "pending"
    }


def named(result: SubmissionResult) -> list[str]:
    """The mistakes that are told."""
    return sorted({mistake.id for exercise in result.exercises for mistake in exercise.mistakes})
