"""Measure where the processor time of a further submission goes.

    python -m benchmarks.stages [--notebooks N]

Grades a class of `autograd` one submission after another, in the steps of a run, and prints the
mean of each step: processor time of the grader's own process, and that of the kernels with their
fork server. The first ones are not counted, since they pay for the reference. Needs Linux with
version 1 cgroups. docs/benchmarks.md explains the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.notebooks import ASSIGNMENT, FIRST, ROOT, write_class
from benchmarks.usage import CpuGroup
from grader.assignment import load_assignment
from grader.batch.workers.local_runner import decided
from grader.batch.workers.runner import RunRequest, request_for
from grader.grading.follows_data import CONFIRMATION
from grader.grading.rerun_plan import cells_of_interest, needs_confirmation
from grader.grading.search import Values
from grader.job import Job
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.report import SubmissionResult
from grader.running.notebook import executed, executed_up_to_asked, run_again, run_variants
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Session
from grader.store.store import Store, trace_file
from grader.submissions.identify import identify
from grader.submissions.snapshot import snapshot_of
from grader.submissions.submission import read_submission
from grader.trace import Trace

CLOSING_S = 0.2
"""Seconds after which the processes of a kernel that was closed have ended."""

KERNEL = "start and end a kernel"
CELLS = "run the cells, recorded"


class Stages:
    """Adds up the processor time of stages: that of this process, and of its cgroup's others."""

    def __init__(self, group: CpuGroup) -> None:
        """Begin, in a group that this process is in already."""
        self._group = group
        self._own_s: dict[str, float] = defaultdict(float)
        self._others_s: dict[str, float] = defaultdict(float)

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Measure a stage, for a `with` statement."""
        own_before = time.process_time()
        all_before = self._group.cpu_s()
        yield
        own_s = time.process_time() - own_before
        all_s = self._group.cpu_s() - all_before
        self._own_s[stage] += own_s
        self._others_s[stage] += all_s - own_s

    def take_out(self, part: str, of: str) -> None:
        """Subtract a stage from another one that contains it."""
        self._own_s[of] -= self._own_s[part]
        self._others_s[of] -= self._others_s[part]

    def print(self, count: int) -> None:
        """Print the mean of each stage over so many submissions, in milliseconds."""
        print(f"{'milliseconds of processor time':<32}{'grader':>8}{'kernels':>9}{'both':>7}")
        for stage in self._own_s:
            self._print_row(stage, [stage], count)
        self._print_row("all together", list(self._own_s), count)

    def _print_row(self, name: str, stages: Sequence[str], count: int) -> None:
        own_ms = sum(1_000 * self._own_s[stage] / count for stage in stages)
        others_ms = sum(1_000 * self._others_s[stage] / count for stage in stages)
        print(f"{name:<32}{own_ms:>8.0f}{others_ms:>9.0f}{own_ms + others_ms:>7.0f}")


class StagedGrading:
    """Grades submissions one after another, and measures each stage."""

    def __init__(self, sandbox: Sandbox, store: Store, group: CpuGroup) -> None:
        """Initialise with the sandbox, an open store, and the cgroup of this process."""
        self.stages = Stages(group)
        self._group = group
        self._assignment = load_assignment(ROOT / "exercises" / ASSIGNMENT)
        files = ReferenceFiles(self._assignment, ROOT / "solutions" / ASSIGNMENT)
        self._reference = ReferenceCache(files, store, sandbox.launch)
        self._sandbox = sandbox
        self._store = store

    def forget(self) -> None:
        """Measure anew: what was graded so far paid for the reference."""
        self.stages = Stages(self._group)

    async def grade(self, path: Path) -> SubmissionResult:
        """Grade a notebook, and return its result."""
        measured = self.stages.measured
        with measured("read the file"):
            submission = read_submission(path, path.name)
            assignment, similarity = identify(submission, [self._assignment])
            request = request_for(submission, similarity, self._reference, _no_key, {})
        evaluator = request.evaluator()
        with measured(KERNEL):
            await self._run_nothing()

        trace = await self._run(request)
        with measured("decide"):
            evaluation = await evaluator.evaluate(trace)
        if needs_confirmation(evaluation):
            with measured("confirm denials in a kernel"):
                inputs = await self._reference.inputs()
                job = request.job.model_copy(update={"inputs": inputs})
                order = executed_up_to_asked(trace)
                launch = self._sandbox.launch
                again = await run_again(job, order, suffix=CONFIRMATION, launch=launch)
            with measured("decide"):
                trace = trace.model_copy(update={"runs": trace.runs + again.runs})
                evaluation = await evaluator.evaluate(trace)

        with measured("write trace and result"):
            result = decided(request, evaluation)
            stored = trace_file(
                "key", trace, snapshot_of(submission, assignment.name, {}).to_json()
            )
            self._store.write_trace_file(submission.id, stored)
            self._store.write_result(result)
        return result

    async def _run_nothing(self) -> None:
        """Start a kernel and end it."""
        job = Job(cells=(), limits=self._assignment.limits)
        async with Session(job, self._sandbox.launch) as session:
            await session.run_cells()
        await asyncio.sleep(CLOSING_S)

    async def _run(self, request: RunRequest) -> Trace:
        """Run the cells and their variants, as `running.notebook.run` does."""
        measured = self.stages.measured
        async with Session(request.job, self._sandbox.launch) as session:
            with measured(CELLS):
                await session.run_cells()
                trace = session.trace()
            with measured("choose the cells to run again"):
                values = Values(trace, is_claim=True)
                knowledge = await self._reference.of(values)
                chosen = sorted(set(cells_of_interest(values, self._assignment, knowledge)))
            with measured("run them on the variants"):
                cells = [cell for cell in executed(trace) if cell[0] in chosen]
                await run_variants(session, await self._reference.inputs(), cells)
                trace = session.trace()
        await asyncio.sleep(CLOSING_S)
        return trace.model_copy(update={"asked": tuple(chosen)})


async def _no_key(sealed: bool) -> str:
    return ""


async def measure_class(paths: Sequence[Path], group: CpuGroup, out: Path) -> None:
    """Grade a class, and print what each stage of a further submission took."""
    with Sandbox("bwrap") as sandbox, Store(out) as store:
        grading = StagedGrading(sandbox, store, group)
        for path in paths[: len(FIRST)]:
            await grading.grade(path)
        grading.forget()
        further = paths[len(FIRST) :]
        for path in further:
            await grading.grade(path)
    grading.stages.take_out(KERNEL, of=CELLS)
    grading.stages.print(len(further))


def main() -> None:
    """Measure and print; exit code 1 if this machine does not count what kernels use."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--notebooks", type=int, default=19, metavar="N")
    count = parser.parse_args().notebooks
    with CpuGroup() as group, tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        if not group.exact:
            sys.exit("This needs cgroups of version 1, and the right to make one.")
        group.enter()
        folder = Path(name)
        paths = write_class(folder / "class", count)
        asyncio.run(measure_class(paths, group, folder / "grades"))
        group.leave()


if __name__ == "__main__":
    main()
