"""Grade submissions in parallel in this process; their kernels use the other cores."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from grader.report import SubmissionResult
from grader.submissions.submission import Submission

GradeOne = Callable[[Submission], Awaitable[SubmissionResult]]
"""Grades one submission."""

OnResult = Callable[[SubmissionResult], None]
"""Called with each result, in the order in which submissions are finished."""


async def grade_side_by_side(
    submissions: Sequence[Submission], grade_one: GradeOne, on_result: OnResult, jobs: int
) -> tuple[SubmissionResult, ...]:
    """Grade submissions in parallel.

    Args:
        submissions: what was handed in.
        grade_one: grades one submission.
        on_result: called with each result as it arrives.
        jobs: most submissions at a time.

    Returns:
        The results, in the order of the submissions.
    """
    free = asyncio.Semaphore(jobs)

    async def grade_when_free(submission: Submission) -> SubmissionResult:
        async with free:
            result = await grade_one(submission)
        on_result(result)
        return result

    tasks = [asyncio.ensure_future(grade_when_free(submission)) for submission in submissions]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            if not task.cancelling():  # a second cancel would break into the closing of its kernel
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
