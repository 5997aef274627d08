"""Check many notebooks with a release in two kernels, each as if it ran by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from grader.assignment import Assignment
from grader.batch.self_check import judge
from grader.job import Job
from grader.reference.release import Release
from grader.report import SubmissionResult
from grader.running.session import Session
from grader.submissions.identify import code_cells
from grader.submissions.submission import Submission, submission_at
from grader.trace import Run, Trace
from tests.support import forks


def checked_together(
    paths: Iterable[Path], release: Release, folder: Path
) -> dict[str, SubmissionResult]:
    """Check notebooks, and return the result of each by its name.

    Args:
        paths: the notebooks.
        release: what they are checked with.
        folder: where the release's data files are.
    """
    submissions = [submission_at(path) for path in paths]
    return asyncio.run(_check_all(submissions, release, release.assignment(folder)))


async def _check_all(
    submissions: Iterable[Submission], release: Release, assignment: Assignment
) -> dict[str, SubmissionResult]:
    results: dict[str, SubmissionResult] = {}
    job = Job(cells=(), files=assignment.files, questions=assignment.questions)
    remaining = iter(submissions)

    async def check_remaining() -> None:
        async with Session(job, forks.shared().launch) as session:
            for submission in remaining:
                runs = await _run_replays(session, submission, release, assignment)
                trace = Trace(cells=code_cells(submission, assignment), runs=tuple(runs))
                results[submission.student] = judge(submission, assignment, release, trace)

    await asyncio.gather(check_remaining(), check_remaining())
    return results


async def _run_replays(
    session: Session, submission: Submission, release: Release, assignment: Assignment
) -> list[Run]:
    name = submission.student
    cells = [(cell.cell, cell.source) for cell in code_cells(submission, assignment)]

    await session.replay(f"{name}/base", cells, calls=f"{name}/")
    runs = [session.run_of(f"{name}/base", "base")]
    for label in _call_labels(assignment):
        run = session.run_of(f"{name}/{label}", label)
        if run.events:
            runs.append(run)

    for number, numbers in enumerate(release.numbers(), 1):
        label = f"practice-{number}"
        await session.replay(f"{name}/{label}", cells, numbers=numbers)
        runs.append(session.run_of(f"{name}/{label}", label))
    return runs


def _call_labels(assignment: Assignment) -> list[str]:
    labels: list[str] = []
    for question in assignment.questions:
        labels += (question.found, *question.labels)
    return labels


def settled(result: SubmissionResult) -> dict[str, str]:
    """Return the status of each exercise that does not wait for a person."""
    return {
        exercise.id: exercise.status
        for exercise in result.exercises
        if exercise.status != "pending"
    }


def named(result: SubmissionResult) -> list[str]:
    """List the ids of the mistakes that are named, each once."""
    ids: set[str] = set()
    for exercise in result.exercises:
        ids.update(mistake.id for mistake in exercise.mistakes)
    return sorted(ids)
