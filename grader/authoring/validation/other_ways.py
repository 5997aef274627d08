"""Run the reference in other right ways: with other seeds, one more draw, and other threads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from grader.authoring.marked_runs import CellsToRun, MarkedRuns, MarkValues, answering_cells
from grader.authoring.validation.effort import Budget
from grader.authoring.validation.kept_trials import KeptTrials
from grader.grading.checks.registry import check_of
from grader.grading.seeds import OTHER_WAYS
from grader.job import VariedInput, VariedSeeds
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell
from grader.reference.runner import trusted_job
from grader.running.session import Launch, Session
from grader.settings import Seeding

THREADS = (1, 2)
"""Numbers of threads that the reference runs on."""

OWN = "own"
"""Name of the way in which the reference runs unchanged."""

SEEDINGS: Mapping[str, Seeding] = {**OTHER_WAYS, OWN: Seeding()}
"""Runs of the reference: with other seeds, with one more number drawn, and unchanged."""


class KeptValues(BaseModel):
    """The stored values of a run."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    values: MarkValues
    seconds: float = 0.0
    """Processor time that it took."""


@dataclass(frozen=True)
class Way:
    """A way to run the reference."""

    seeds: str
    """Its name in `SEEDINGS`."""
    threads: int

    @property
    def name(self) -> str:
        """Distinguishes it from the others."""
        return f"{self.seeds}-{self.threads}"


@dataclass(frozen=True)
class WayValues:
    """The values of the reference in one way."""

    way: Way
    values: MarkValues


class OtherWays:
    """Runs a reference in other ways, for its numeric answers."""

    def __init__(
        self,
        solution: ReferenceFiles,
        inputs: tuple[VariedInput, ...],
        launch: Launch,
        kept: KeptTrials,
    ) -> None:
        """Initialise with the reference, its data, a source of kernels, and stored results."""
        self._solution = solution
        self._inputs = inputs
        self._launch = launch
        self._kept = kept
        self.cells: Sequence[MarkedCell] = solution.marked_cells
        ids: set[str] = set()
        for exercise in solution.assignment.exercises:
            if exercise.check == "score" or check_of(exercise).is_measured:
                ids.add(exercise.id)
        self.answering = answering_cells(self.cells, ids)

    @property
    def ways(self) -> list[Way]:
        """The ways, the most telling first: the assignment's own number of threads, then others."""
        own_threads = self._solution.assignment.limits.threads
        others = []
        for threads in THREADS:
            if threads != own_threads:
                others.append(threads)
        seeded = [Way(seeds, own_threads) for seeds in SEEDINGS]
        threaded = [Way(OWN, threads) for threads in others]
        for threads in others:
            threaded += [Way(seeds, threads) for seeds in SEEDINGS if seeds != OWN]
        if not self.answering:
            return []
        return [*seeded, *threaded]

    def with_same_data(self, results: Sequence[WayValues]) -> list[MarkValues]:
        """Return the values of the ways in which the data is the same.

        Where variants move the seeds, these are data: other seeds give other answers.
        """
        are_data = any(isinstance(varied, VariedSeeds) for varied in self._inputs)
        return [each.values for each in results if each.way.seeds == OWN or not are_data]

    async def run(
        self, session: Session, budget: Budget, done: Callable[[str], None]
    ) -> list[WayValues]:
        """Run the reference in as many ways as time permits.

        Args:
            session: of its trusted job.
            budget: the time for it; runs that do not end in time are counted there, and left out.
            done: called with the name of each way.
        """
        results: list[WayValues] = []
        async with contextlib.AsyncExitStack() as stack:
            sessions = {self._solution.assignment.limits.threads: session}
            for way in budget.rounds([[way] for way in self.ways]):
                if way.threads not in sessions:
                    other = self._session(way.threads)
                    sessions[way.threads] = await stack.enter_async_context(other)
                values = await self._run(way, sessions[way.threads])
                done(way.name)
                if values.completed:
                    results.append(WayValues(way, values))
                else:
                    budget.counts.cut += 1
        return results

    def _session(self, threads: int) -> Session:
        job = trusted_job(self._solution)
        limits = job.limits.model_copy(update={"threads": threads})
        return Session(job.model_copy(update={"limits": limits}), self._launch)

    async def _run(self, way: Way, session: Session) -> MarkValues:
        to_run = CellsToRun(self.cells, self.answering, SEEDINGS[way.seeds])
        return await self.values(f"way-{way.name}", to_run, session)

    async def values(self, name: str, to_run: CellsToRun, session: Session) -> MarkValues:
        """Run cells for their marks, unless the values are stored.

        Args:
            name: keeps these runs apart from others.
            to_run: the cells.
            session: where they run.
        """
        code = [cell.code for cell in to_run.cells]
        key = self._kept.key(["run", name, code, sorted(to_run.wanted)])
        known = self._kept.get(key, KeptValues)
        if known is not None:
            return known.values
        runs = MarkedRuns(self._solution, self._inputs, session)
        values = await runs.run(name, to_run)
        if values.completed:
            self._kept.put(key, KeptValues(values=values))
        return values
