"""Run a solved notebook as it is and with other seeds, for what proposals need to know.

The instructor's own code runs, so it runs unsealed, in one kernel, as a reference does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

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
from grader.trace import CellRun, Run, Value

SEEDS_BUDGET_S = 60.0
"""Time for the runs with other seeds; one takes place in any case."""
MAX_OWN_TIME_S = 15.0
"""Longest run of a notebook that is run once more with its own seeds, for what is tried."""
MARK_LINES = 3
"""Lines that a mark takes where it may raise: see `marked_runs.runnable_sources`."""
STARTED = "draft-started"
ENDED = "draft-ended"
"""Marks of the time before and after the cells."""
OWN = "own"
"""Name of the way in which seeds stay as they are."""


class NotebookRuns:
    """Runs a solved notebook in one kernel."""

    def __init__(
        self,
        session: Session,
        cells: Sequence[DraftCell],
        tasks: Sequence[TaskCode],
        seeds_s: float = SEEDS_BUDGET_S,
    ) -> None:
        """Take the notebook.

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
        requests: list[AnswerCandidate] = []
        for task in tasks:
            requests += requests_for(task)
        distinct = dict.fromkeys(requests)
        self._names = {f"draft-{number}": each for number, each in enumerate(distinct)}
        self._marked = mark_cells(cells, self._names)
        self.seconds = 0.0
        self.skipped_ways = 0

    async def observe(self, progress: Progress) -> Observed:
        """Run the notebook as it is, then with other seeds as far as there is time."""
        observed = await self._run_once()
        trials: dict[str, None] = {}
        for task in self._tasks:
            if not task.task.question:
                trials.update(dict.fromkeys(trials_for(task, observed)))
        names = {f"trial-{number}": trial for number, trial in enumerate(trials)}
        ways = self._choose_ways()

        seen: list[Mapping[AnswerCandidate, Value]] = []
        tried: list[Mapping[str, Value]] = []
        for way, seeding in ways.items():
            run = await self._run_way(
                way,
                seeding,
                names,
            )
            given = first_values(run, [*self._marked, *_trial_cells(names, len(self._cells))])
            tried.append({trial: given[name] for name, trial in names.items() if name in given})
            progress.advance(way)
            if way != OWN:
                seen.append(self._by_request(given))
        return replace(
            observed,
            ways=seen,
            at_end=_in_all(names.values(), tried),
        )

    async def _run_once(self) -> Observed:
        order = runnable_sources(self._marked)
        last = len(self._cells)
        clocks = runnable_sources([_clock(last, STARTED), _clock(last + 1, ENDED)])
        timed = [clocks[0], *order, clocks[1]]
        await self._session.replay_all([Replay(SOLVED, timed)])
        run = _with_own_lines(self._session.run_of(SOLVED), self._marked)

        recorded = _recorded(run)
        self.seconds = _seconds(recorded)
        samples = {}
        for name, request in self._names.items():
            if name in recorded:
                samples[request] = recorded[name]
        ended_well = {cell.cell for cell in run.cells if cell.status == "ok"}
        return Observed(
            run=run,
            samples=samples,
            marked=first_values(run, self._marked),
            drawing=frozenset(event.cell for event in run.events if event.kind == "seed"),
            failed=frozenset(cell for cell, _ in order if cell not in ended_well),
        )

    def _choose_ways(self) -> dict[str, Seeding]:
        """Choose the runs that there is time for."""
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

    async def _run_way(
        self,
        way: str,
        seeding: Seeding,
        names: Mapping[str, str],
    ) -> Run:
        trials = _trial_cells(names, len(self._cells))
        order = runnable_sources([*self._marked, *trials])
        label = f"{SOLVED}/{way}"
        replay = Replay(
            label,
            order,
            marks_only=True,
            seeding=seeding,
        )
        await self._session.replay_all([replay])
        return self._session.run_of(label)

    def _by_request(self, given: Mapping[str, Value]) -> dict[AnswerCandidate, Value]:
        return {request: given[name] for name, request in self._names.items() if name in given}


def _trial_cells(
    names: Mapping[str, str],
    first: int,
) -> list[MarkedCell]:
    """Make a cell for each trial, behind those of the notebook: one may take too long."""
    cells = []
    for index, (name, trial) in enumerate(names.items(), start=first):
        mark = Mark(
            name,
            trial,
            1.0,
            each=False,
            after=0,
            indent="",
        )
        cells.append(
            MarkedCell(
                index,
                "",
                (mark,),
            )
        )
    return cells


def _clock(
    index: int,
    name: str,
) -> MarkedCell:
    """Make a cell that reads a time in which other programs do not count."""
    clock = own_time()
    mark = Mark(
        name,
        clock,
        1.0,
        each=False,
        after=0,
        indent="",
    )
    return MarkedCell(
        index,
        "",
        (mark,),
    )


def _seconds(recorded: Mapping[str, Sequence[Value]]) -> float:
    """Read how long a run took, in seconds."""
    started, ended = (recorded.get(name, ()) for name in (STARTED, ENDED))
    if not started or not ended:
        return SEEDS_BUDGET_S
    return (as_number(ended[0]) or 0.0) - (as_number(started[0]) or 0.0)


def _with_own_lines(
    run: Run,
    cells: Sequence[MarkedCell],
) -> Run:
    """Count the lines of events without those of the marks."""
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
    """Give the line of the cell's code for each line that runs; for one of a mark, that above."""
    count = cell.code.count("\n") + 1
    lines: list[int] = []
    for line in range(count + 1):
        marks = []
        for mark in cell.marks:
            if mark.after == line:
                marks.append(mark)
        lines += [line] * (MARK_LINES * len(marks))
        lines.append(line + 1)
    return lines


def _recorded(run: Run) -> dict[str, list[Value]]:
    """Collect what each mark gave in a run, pass by pass."""
    recorded: dict[str, list[Value]] = {}
    for event in run.events:
        if event.kind == "mark":
            for name, value in event.values.items():
                recorded.setdefault(name, []).append(value)
    return recorded


def _in_all(
    trials: Iterable[str],
    tried: Sequence[Mapping[str, Value]],
) -> dict[str, Sequence[Value]]:
    """Collect what each trial gave, of those that gave something in each run."""
    in_all: dict[str, Sequence[Value]] = {}
    for trial in trials:
        values = []
        for given in tried:
            if trial in given:
                values.append(given[trial])
        if len(values) == len(tried):
            in_all[trial] = values
    return in_all


def failed_cells(
    run: Run,
    count: int,
) -> list[CellRun]:
    """List the cells that ended with an error, in their order.

    Args:
        run: the run.
        count: number of the notebook's cells; those behind them are not its own.
    """
    return [cell for cell in run.cells if cell.status != "ok" and cell.cell < count]
