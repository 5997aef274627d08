"""Tells the story of a submission: its code cells in the order they ran, and what each line left behind.

Pure: a trace, the notebook as it was handed in and its result go in; what comes out is plain data that a terminal or
a page can show. It is for the instructor: values are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from grader.grading.saved_outputs import contradicted
from grader.notebook.cells import NotebookCell
from grader.notebook.headings import heading_above
from grader.outputs.story.lines import Left, Line
from grader.outputs.story.statements import Known, lines_of, remember
from grader.report import Evidence, ExerciseResult, Flag, SubmissionResult
from grader.submissions.submission import Submission
from grader.trace import Array, CellRun, CodeCell, Event, Number, Run, Trace, Value

MAX_STORY_LINES = 1_500
"""Beyond this many lines, only cells that decided something are told."""
CELL_LINES = 2
"""Lines that a cell takes beside its own."""

MAX_SAVED = 60
"""Characters of a saved output that is told where there is no number to tell."""


@dataclass(frozen=True)
class Decision:
    """What a place in the notebook decided."""

    exercise: ExerciseResult
    evidence: Evidence
    flags: tuple[Flag, ...] = ()
    """Flags of the exercise that speak of this place."""
    decides: bool = True
    """Whether the exercise was decided here; if not, only its flags speak of this place."""


@dataclass(frozen=True)
class Saved:
    """A saved output that a fresh run contradicts."""

    saved: str
    fresh: str
    """The number as the fresh run gives it, or the type of the exception it ended with."""
    count: int | None
    """The saved execution count of the cell; None if there is none."""
    disorder: tuple[int, int] | None
    """Two saved execution counts, the upper one first, that show that cells were not run from top to bottom."""


@dataclass(frozen=True)
class StoryLine:
    """A line of the student's, what it left behind and what it decided."""

    line: Line
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class CellStory:
    """One run of a code cell."""

    cell: int
    heading: str
    """The nearest heading above; empty if there is none."""
    handout: bool
    run: CellRun
    lines: tuple[StoryLine, ...]
    rest: tuple[Left, ...] = ()
    """What belongs to no line."""
    decisions: tuple[Decision, ...] = ()
    """What the cell as a whole decided."""
    saved: Saved | None = None
    cut: int = 0
    """Lines that are not told."""
    again_below: bool = False
    """It ran again at the end."""


@dataclass(frozen=True)
class Folded:
    """Cells that are told in one line."""

    cells: tuple[int, ...]
    why: Literal["handout", "not_run", "more"]
    """The handout's own that ended well, those after the end of the run, or those there is no room for."""


@dataclass(frozen=True)
class Story:
    """The story of a submission."""

    parts: tuple[CellStory | Folded, ...] = ()
    events: int = 0
    """Events of the run on the handed-out data."""
    left_out: int = 0
    """Of these, those that are not told though their cell is."""


def tell(trace: Trace, submission: Submission, result: SubmissionResult) -> Story:
    """The story of a submission.

    Args:
        trace: what it computed; its run on the handed-out data is told.
        submission: what was handed in: headings, saved outputs, execution counts.
        result: how it was graded.
    """
    teller = _Teller(trace, submission, result)
    parts = _decided(list(teller.parts()), teller.decisions)
    return Story(tuple(parts), len(trace.base.events), teller.left_out)


class _Teller:
    """Tells the cells of one trace."""

    def __init__(self, trace: Trace, submission: Submission, result: SubmissionResult) -> None:
        self._base = trace.base
        self._cells = {cell.cell: cell for cell in trace.cells}
        self._submission = submission
        self._headings = tuple(_headings(submission.cells))
        self.decisions = _decisions(result)
        self._again = {run.cell for run in trace.base.cells if run.again}
        self._known: Known = {}
        self._told = 0
        self.left_out = 0

    def parts(self) -> Iterator[CellStory | Folded]:
        """The cells in the order they ran; neighbours that are told in one line are one part."""
        runs, strange = runs_of(self._base)
        self.left_out += strange + sum(
            len(events) for run, events in runs if run.cell not in self._cells
        )
        told = (
            self._cell(self._cells[run.cell], run, events)
            for run, events in runs
            if run.cell in self._cells
        )
        for why, group in groupby(
            told, key=lambda part: part.why if isinstance(part, Folded) else None
        ):
            if why is None:
                yield from group
            else:
                yield Folded(
                    tuple(
                        cell for part in group if isinstance(part, Folded) for cell in part.cells
                    ),
                    why,
                )

    def _cell(self, cell: CodeCell, run: CellRun, events: Sequence[Event]) -> CellStory | Folded:
        saved = None if run.cell in self._again and not run.again else self._saved(run, events)
        here = self.decisions.get(cell.cell, ())
        if run.status == "not_run":
            return Folded((cell.cell,), "not_run")
        if not here and (
            self._told > MAX_STORY_LINES or (cell.handout and run.status == "ok" and saved is None)
        ):
            remember(events, self._known)
            return Folded((cell.cell,), "more" if self._told > MAX_STORY_LINES else "handout")
        told = lines_of(cell, events, self._known, {one.evidence.where.line for one in here})
        self._told += len(told.lines) + CELL_LINES
        self.left_out += told.left_out
        return CellStory(
            cell=cell.cell,
            heading=self._headings[cell.cell] if cell.cell < len(self._headings) else "",
            handout=cell.handout,
            run=run,
            lines=tuple(map(StoryLine, told.lines)),
            rest=told.rest,
            saved=saved,
            cut=told.cut,
            again_below=cell.cell in self._again and not run.again,
        )

    def _saved(self, run: CellRun, events: Sequence[Event]) -> Saved | None:
        """What the file holds of a cell and a fresh run contradicts."""
        outputs, counts = self._submission.saved_outputs, self._submission.execution_counts
        saved = outputs[run.cell] if run.cell < len(outputs) else ""
        differing = _differing(saved, run, events) if saved.strip() else None
        if differing is None:
            return None
        count = counts[run.cell] if run.cell < len(counts) else None
        return Saved(*differing, count, disorder(counts, run.cell))


def _differing(saved: str, run: CellRun, events: Sequence[Event]) -> tuple[str, str] | None:
    if run.status == "error" and run.error:
        return None if run.error in saved else (saved.strip().split("\n")[0][:MAX_SAVED], run.error)
    if run.status != "ok":
        return None
    printed = "".join(event.text for event in events if event.kind == "printed")
    return contradicted(saved, printed, _displayed(events))


def _displayed(events: Sequence[Event]) -> Sequence[float]:
    """The numbers that a cell displays: those of its last expression, where they are few enough to be shown in full."""
    last = next((event for event in reversed(events) if event.line and not event.scope), None)
    value: Value | None = last.values.get("") if last is not None and last.kind == "shown" else None
    if isinstance(value, Number):
        return (value.value,)
    return value.elements if isinstance(value, Array) and len(value.elements) == value.size else ()


def disorder(counts: Sequence[int | None], cell: int) -> tuple[int, int] | None:
    """Two execution counts, the upper one first, that show that cells were not run from top to bottom.

    Those of the cell and one near it, if these do; None if the counts of the notebook increase.
    """
    own = counts[cell] if cell < len(counts) else None
    known = [(place, count) for place, count in enumerate(counts) if count is not None]
    if own is not None:
        above = [count for place, count in known if place < cell and count >= own]
        below = [count for place, count in known if place > cell and count <= own]
        if above or below:
            return (above[-1], own) if above else (own, below[0])
    pairs = pairwise(known)
    return next(((upper, lower) for (_, upper), (_, lower) in pairs if upper >= lower), None)


def runs_of(base: Run) -> tuple[list[tuple[CellRun, list[Event]]], int]:
    """The runs of cells in the order they took place, each with its events; and how many events belong to none.

    A cell that ran again has two.
    """
    runs: list[tuple[CellRun, list[Event]]] = [(run, []) for run in base.cells]
    places: dict[int, list[int]] = {}
    for index, cell_run in enumerate(base.cells):
        places.setdefault(cell_run.cell, []).append(index)
    strange, place = 0, 0
    for cell, group in groupby(base.events, key=lambda event: event.cell):
        events = list(group)
        found = _next(places.get(cell, ()), place)
        if found is None:
            strange += len(events)
            continue
        place = found
        first, second = _split(events) if _runs_at_once_again(base.cells, found) else (events, [])
        runs[found][1].extend(first)
        if second:
            place = found + 1
            runs[place][1].extend(second)
    return runs, strange


def _next(places: Sequence[int], place: int) -> int | None:
    """The first of some places at or after one; if there is none, the last."""
    return next((one for one in places if one >= place), places[-1] if places else None)


def _runs_at_once_again(runs: Sequence[CellRun], place: int) -> bool:
    return place + 1 < len(runs) and runs[place + 1].cell == runs[place].cell


def _split(events: Sequence[Event]) -> tuple[Sequence[Event], Sequence[Event]]:
    """The events of two runs of a cell with nothing between: the second begins where a first pass comes again.

    Where none does, the first run left nothing behind.
    """
    seen: set[tuple[object, ...]] = set()
    for index, event in enumerate(events):
        if event.turn != "1" or event.kind not in ("value", "shown"):
            continue
        key = (event.line, event.scope, event.source, event.kind, tuple(event.values))
        if key in seen:
            return events[:index], events[index:]
        seen.add(key)
    return (), events


def _headings(cells: Iterable[NotebookCell]) -> Iterator[str]:
    """Per cell the nearest heading at or above it."""
    heading = ""
    for cell in cells:
        heading = heading_above((cell,), 0) or heading
        yield heading


def _decisions(result: SubmissionResult) -> Mapping[int, Sequence[Decision]]:
    """Per cell what it decided of the exercises that the grader decides."""
    found: dict[int, list[Decision]] = {}
    for exercise in (one for one in result.exercises if one.automatic):
        places = [check.found for check in exercise.checks if check.found]
        flagged = [evidence for flag in exercise.flags for evidence in flag.evidence]
        for evidence in [*places, *(one for one in flagged if one not in places)]:
            flags = tuple(flag for flag in exercise.flags if evidence in flag.evidence)
            decision = Decision(exercise, evidence, flags, decides=evidence in places)
            found.setdefault(evidence.where.cell, []).append(decision)
    return found


def _decided(
    parts: list[CellStory | Folded], decisions: Mapping[int, Sequence[Decision]]
) -> Iterable[CellStory | Folded]:
    """The parts, with what was decided at its place; of a cell that ran twice, in the run that left the value."""
    places: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        if isinstance(part, CellStory):
            places.setdefault(part.cell, []).append(place)
    for cell, here in decisions.items():
        for decision in here if cell in places else ():
            place = max(places[cell], key=lambda place: _fits(parts[place], decision))
            parts[place] = _with_decision(parts[place], decision)
    return parts


def _fits(part: CellStory | Folded, decision: Decision) -> int:
    """How well a run of a cell fits what was decided in it: best if it left the value behind."""
    if not isinstance(part, CellStory):
        return 0
    return (
        max((_line_fits(one.line, decision) for one in part.lines), default=0) * 2 + part.run.again
    )


def _line_fits(line: Line, decision: Decision) -> int:
    """How well a line fits: 0 not at all, 1 if it is there, 2 if it left something, 3 if under the name sought."""
    if line.number != decision.evidence.where.line:
        return 0
    names = [path for left in line.left for path, _ in left.values]
    return 3 if decision.evidence.name in names and names else 2 if line.left else 1


def _with_decision(part: CellStory | Folded, decision: Decision) -> CellStory | Folded:
    if not isinstance(part, CellStory):
        return part
    fits = [_line_fits(one.line, decision) for one in part.lines]
    best = max(fits, default=0)
    if not best:
        return replace(part, decisions=(*part.decisions, decision))
    lines = list(part.lines)
    place = fits.index(best)
    lines[place] = replace(lines[place], decisions=(*lines[place].decisions, decision))
    return replace(part, lines=tuple(lines))
