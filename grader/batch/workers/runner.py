"""Define the interface for running submissions: requests and outcomes.

There are two: `local_runner.LocalRunner` runs them on this machine, and
`cluster_runner.ClusterRunner` on the workers of a Dask cluster. Both return the same plain data.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from grader.assignment import Assignment
from grader.batch.evaluator import Evaluator, KernelSource
from grader.grading.knowledge import Headings
from grader.job import Job
from grader.reference.cache import ReferenceCache
from grader.report import SubmissionResult
from grader.submissions.companion_files import modules_among, with_declared
from grader.submissions.identify import code_cells, heading_of
from grader.submissions.submission import Submission

KeyOf = Callable[[bool], Awaitable[str]]
"""Gives the key of a trace, for a kernel that is sealed or not; waits for the reference."""


@dataclass(frozen=True)
class RunRequest:
    """A submission that has to run."""

    submission: Submission
    similarity: float
    """How much of the handout is in it, from 0 to 1."""
    reference: ReferenceCache
    """Expected answers of its assignment."""
    job: Job
    """Cells, files and limits; the numbers of the variants are added later."""
    headings: Headings
    """Gives the heading above a cell."""
    key: KeyOf
    """Gives the key that its trace is stored with."""
    snapshot: Mapping[str, JsonValue]
    """Snapshot to store beside its trace; see `submissions.snapshot`."""

    @property
    def assignment(self) -> Assignment:
        """The assignment that it belongs to."""
        return self.reference.solution.assignment

    def evaluator(self) -> Evaluator:
        """Create the evaluator that decides its exercises."""
        return Evaluator(self.reference, self.headings, self.submission.cells)


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a submission."""

    result: SubmissionResult
    stored: bytes
    """Its trace as the store keeps it."""


class Runner(Protocol):
    """Runs submissions, here or elsewhere."""

    @property
    def ways(self) -> tuple[bool, ...]:
        """Whether its kernels are sealed; both, where some may be and some not."""

    async def run(self, request: RunRequest) -> RunOutcome:
        """Run a submission and decide about it.

        Raises:
            KernelUnavailable: it could not be run; the others can.
            WorkTooLong: to decide which cells run again takes the grader too long.
            GraderError: nothing can be run, or the reference is not right.
        """


@dataclass(frozen=True)
class Workers:
    """Where the submissions of a class run."""

    kernels: KernelSource
    """Creates the kernels of the reference, and of submissions that run on this machine."""
    runner: Runner
    at_once: int
    """Most submissions that are looked at side by side."""
    connected: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """Open the resources needed during a run, for an `async with` statement."""


def request_for(
    submission: Submission,
    similarity: float,
    reference: ReferenceCache,
    key: KeyOf,
    snapshot: Mapping[str, JsonValue],
) -> RunRequest:
    """Create the request to run a submission.

    Args:
        submission: what was handed in.
        similarity: how much of the handout is in it, from 0 to 1.
        reference: expected answers of its assignment.
        key: returns the key of its stored trace.
        snapshot: the snapshot to store beside its trace.
    """
    solution = reference.solution
    assignment = solution.assignment

    def headings(cell: int) -> str:
        return heading_of(submission, cell)

    files = with_declared(submission.files, assignment.files)
    handed_in = [file for file in files if file not in assignment.files]
    job = Job(
        cells=code_cells(submission, assignment),
        files=files,
        modules=modules_among(handed_in),
        data=solution.data,
        limits=assignment.limits,
        questions=solution.questions,
        held_out=solution.probes.held_out,
        figures=assignment.looks_at_figures,
    )
    return RunRequest(
        submission=submission,
        similarity=similarity,
        reference=reference,
        job=job,
        headings=headings,
        key=key,
        snapshot=snapshot,
    )
