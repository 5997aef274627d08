"""Run a solved notebook unchanged and with other seeds, to collect data for proposals.

Only the instructor's own code runs, so it runs unsealed, in one kernel, as a reference does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.choose import requests_for, trials_for
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.proposals.trials import own_time
from grader.authoring.drafting.solved import DraftCell
from grader.authoring.drafting.solved_run import SOLVED, first_values, mark_cells
from grader.authoring.marked_runs import runnable_sources
from grader.grading.agreement import as_number
from grader.grading.seeds import OTHER_WAYS
from grader.progress import Progress
from grader.reference.markers import Mark, MarkedCell
from grader.running.replays import AS_SET, Replay
from grader.running.session import Session
from grader.settings import Seeding
from grader.trace import Run, Value

SEEDS_BUDGET_S = 60.0
"""Time for the runs with other seeds; one takes place in any case."""
MAX_OWN_TIME_S = 15.0
"""Longest run of a notebook that is run once more with its own seeds, for trials."""
MARK_LINES = 3
"""Lines that a mark takes where it may raise: see `marked_runs.runnable_sources`."""
STARTED = "draft-started"
ENDED = "draft-ended"
"""Marks of the time before and after the cells."""
OWN = "own"
"""Name of the way in which seeds stay as they are."""

_Asked = TypeVar("_Asked", str, AnswerCandidate)
_Given = TypeVar("_Given")

Given = Mapping[str, Value]
"""Values of each mark, by its name."""

Recorded = dict[str, list[Value]]
"""The same, pass by pass."""


class NotebookRuns:
    """Runs a solved notebook in one kernel."""

    def __init__(
        self,
        session: Session,
        cells: Sequence[DraftCell],
        tasks: Sequence[TaskCode],
        seeds_s: float = SEEDS_BUDGET_S,
    ) -> None:
        """Initialise with the notebook.

        Args:
            session: a session of a trusted job.
            cells: the notebook's.
            tasks: its exercises.
            seeds_s: time for the runs with other seeds; one takes place in any case.
        """
        self._seeds_s = seeds_s
        self._session = session
        self._cells = cells
        self._tasks = tasks
        requests: dict[AnswerCandidate, None] = {}
        for task in tasks:
            for request in requests_for(task):
                requests[request] = None
        self._requests = _numbered("draft", requests)
        self._marked = mark_cells(cells, self._requests)
        self.seconds = 0.0
        self.skipped_ways = 0

    async def observe(self, progress: Progress) -> Observed:
        """Run the notebook unchanged, then with other seeds as long as there is time."""
        observed = await self._run_once()
        trials = self._trials(observed)
        ways: list[Mapping[AnswerCandidate, Value]] = []
        tried: list[Given] = []
        for way, seeding in self._choose_ways().items():
            trial_cells = _trial_cells(trials, len(self._cells))
            cells = [*self._marked, *trial_cells]
            run = await self._run_way(way, seeding, cells)
            given = first_values(run, cells)
            tried.append(_by_asked(trials, given))
            # Failed expressions are not used, and an endless call would take its time in every run.
            trials = {name: trial for name, trial in trials.items() if name in given}
            if way != OWN:
                ways.append(_by_asked(self._requests, given))
            progress.advance(way)
        return replace(observed, ways=ways, at_end=_in_all(tried))

    async def _run_once(self) -> Observed:
        count = len(self._cells)
        started = _cell_of_mark(count, STARTED, own_time())
        ended = _cell_of_mark(count + 1, ENDED, own_time())
        order = runnable_sources([started, *self._marked, ended])
        replay = Replay(SOLVED, order)
        await self._session.replay_all([replay])
        marked_run = self._session.run_of(SOLVED)
        run = _with_own_lines(marked_run, self._marked)

        recorded = _recorded(run)
        self.seconds = _seconds(recorded)
        seeding = {event.cell for event in run.events if event.kind == "seed"}
        failed = {cell.cell for cell in self._marked}
        for cell in run.cells:
            if cell.status == "ok":
                failed.discard(cell.cell)
        return Observed(
            run=run,
            samples=_by_asked(self._requests, recorded),
            marked=first_values(run, self._marked),
            drawing=frozenset(seeding),
            failed=frozenset(failed),
        )

    def _trials(self, observed: Observed) -> dict[str, str]:
        """List what to try in each run once its cells have run, by the names of marks."""
        trials: dict[str, None] = {}
        for task in self._tasks:
            if task.task.question:
                continue
            for trial in trials_for(task, observed):
                trials[trial] = None
        return _numbered("trial", trials)

    def _choose_ways(self) -> dict[str, Seeding]:
        """Choose the runs for which there is time."""
        ways: dict[str, Seeding] = {}
        remaining_s = self._seeds_s
        if self.seconds <= MAX_OWN_TIME_S:
            ways[OWN] = AS_SET
            remaining_s -= self.seconds
        for way, seeding in OTHER_WAYS.items():
            is_first = not set(ways) - {OWN}
            if is_first or remaining_s >= self.seconds:
                ways[way] = seeding
                remaining_s -= self.seconds
            else:
                self.skipped_ways += 1
        return ways

    async def _run_way(self, way: str, seeding: Seeding, cells: Sequence[MarkedCell]) -> Run:
        label = f"{SOLVED}/{way}"
        order = runnable_sources(cells)
        replay = Replay(label, order, marks_only=True, seeding=seeding)
        await self._session.replay_all([replay])
        return self._session.run_of(label)


def _numbered(prefix: str, asked: Mapping[_Asked, None]) -> dict[str, _Asked]:
    """Number the requests."""
    numbered = {}
    for number, each in enumerate(asked):
        numbered[f"{prefix}-{number}"] = each
    return numbered


def _by_asked(names: Mapping[str, _Asked], given: Mapping[str, _Given]) -> dict[_Asked, _Given]:
    """Collect recorded values by request, in place of its number."""
    by_asked = {}
    for name, asked in names.items():
        if name in given:
            by_asked[asked] = given[name]
    return by_asked


def _trial_cells(trials: Mapping[str, str], first: int) -> list[MarkedCell]:
    """Create a cell for each trial, after those of the notebook, since one may take too long."""
    cells = []
    for index, (name, trial) in enumerate(trials.items(), start=first):
        cell = _cell_of_mark(index, name, trial)
        cells.append(cell)
    return cells


def _cell_of_mark(index: int, name: str, expression: str) -> MarkedCell:
    """Create a cell with one mark and nothing else."""
    mark = Mark(name, expression, 1.0, each=False, after=0, indent="")
    return MarkedCell(index, "", (mark,))


def _seconds(recorded: Recorded) -> float:
    """Return how long a run took, in seconds."""
    started = recorded.get(STARTED)
    ended = recorded.get(ENDED)
    if not started or not ended:
        return SEEDS_BUDGET_S
    started_s = as_number(started[0]) or 0.0
    ended_s = as_number(ended[0]) or 0.0
    return ended_s - started_s


def _with_own_lines(run: Run, cells: Sequence[MarkedCell]) -> Run:
    """Number the lines of events without those of the marks."""
    own_lines = {cell.cell: _own_lines(cell) for cell in cells}
    events = []
    for event in run.events:
        lines = own_lines.get(event.cell, [])
        if not 1 <= event.line <= len(lines):
            events.append(event)
            continue
        own_line = lines[event.line - 1]
        moved = event.model_copy(update={"line": own_line})
        events.append(moved)
    return run.model_copy(update={"events": tuple(events)})


def _own_lines(cell: MarkedCell) -> list[int]:
    """Map each line that runs to a line of the cell's code; a mark's to the one above."""
    count = cell.code.count("\n") + 1
    lines: list[int] = []
    for line in range(count + 1):
        for mark in cell.marks:
            if mark.after == line:
                lines += [line] * MARK_LINES
        lines.append(line + 1)
    return lines


def _recorded(run: Run) -> Recorded:
    """Collect the values of each mark in a run, pass by pass."""
    recorded: Recorded = {}
    for event in run.events:
        if event.kind == "mark":
            for name, value in event.values.items():
                values = recorded.setdefault(name, [])
                values.append(value)
    return recorded


def _in_all(tried: Sequence[Given]) -> Recorded:
    """Collect the results of each trial that gave something in every run."""
    values: Recorded = {}
    for given in tried:
        for trial, value in given.items():
            of_trial = values.setdefault(trial, [])
            of_trial.append(value)
    in_all = {}
    for trial, of_trial in values.items():
        if len(of_trial) == len(tried):
            in_all[trial] = of_trial
    return in_all
