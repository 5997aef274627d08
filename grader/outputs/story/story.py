"""Build the story of a submission: its code cells in execution order, with each line's effects.

Pure: a trace, the submitted notebook and its result go in; plain data for a terminal or a page
comes out. It is for the instructor: it contains values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.notebook.cells import NotebookCell
from grader.notebook.headings import heading_above
from grader.outputs.story.lines import CodeLine, Effect
from grader.outputs.story.runs import RunEvents, runs_of
from grader.outputs.story.saved import Saved, contradicted_output
from grader.outputs.story.statements import lines_of
from grader.outputs.story.values import KnownValues, remember
from grader.report import Evidence, ExerciseResult, Flag, SubmissionResult
from grader.submissions.submission import Submission
from grader.trace import CellRun, CodeCell, Trace

MAX_STORY_LINES = 1_500
"""Beyond this many lines, only cells that decided something are shown."""
CELL_LINES = 2
"""Lines that a cell takes in addition to its own."""

# How well a line fits a decision.
NOT_THERE = 0
THERE = 1
HAS_EFFECT = 2
HAS_NAME = 3
"""The line left a value behind under the name that decided."""


@dataclass(frozen=True)
class StoryDecision:
    """The exercises that a place in the notebook decided."""

    exercise: ExerciseResult
    evidence: Evidence
    flags: tuple[Flag, ...] = ()
    """Flags of the exercise that are about this place."""
    decides: bool = True
    """Whether the exercise was decided here; if not, only its flags are about this place."""


@dataclass(frozen=True)
class StoryLine:
    """A line of the student's code with its effects, and the exercises that it decided."""

    line: CodeLine
    decisions: tuple[StoryDecision, ...] = ()


@dataclass(frozen=True)
class CellStory:
    """One run of a code cell."""

    cell: int
    heading: str
    """The nearest heading above; empty if there is none."""
    handout: bool
    """Whether the cell is the handout's own, unchanged."""
    run: CellRun
    lines: tuple[StoryLine, ...]
    rest: tuple[Effect, ...] = ()
    """Effects that belong to no line."""
    decisions: tuple[StoryDecision, ...] = ()
    """Exercises that the cell as a whole decided."""
    saved: Saved | None = None
    cut: int = 0
    """Number of lines that are not shown."""
    again_below: bool = False
    """Whether it ran again later."""


@dataclass(frozen=True)
class Folded:
    """Cells that are collapsed into one line."""

    cells: tuple[int, ...]
    why: Literal["handout", "not_run", "more"]
    """The handout's own that ended well, those after the run ended, or those without room."""


StoryPart = CellStory | Folded


@dataclass(frozen=True)
class Story:
    """The story of a submission."""

    parts: tuple[StoryPart, ...] = ()
    events: int = 0
    """Events of the run on the original data."""
    left_out: int = 0
    """Of these, those that are not shown although their cell is."""


def tell(
    trace: Trace,
    submission: Submission,
    result: SubmissionResult,
) -> Story:
    """Build the story of a submission.

    Args:
        trace: its trace; the run on the original data is shown.
        submission: what was handed in: headings, saved outputs, execution counts.
        result: how it was graded.
    """
    decisions = _decisions_by_cell(result)
    storyteller = _Storyteller(trace, submission, decisions)
    parts = storyteller.parts()
    _place_decisions(parts, decisions)
    return Story(
        parts=tuple(parts),
        events=len(trace.base.events),
        left_out=storyteller.left_out,
    )


DecisionsByCell = Mapping[int, Sequence[StoryDecision]]


class _Storyteller:
    """Builds the cells of one trace's story."""

    def __init__(
        self,
        trace: Trace,
        submission: Submission,
        decisions: DecisionsByCell,
    ) -> None:
        self._base = trace.base
        self._cells = {cell.cell: cell for cell in trace.cells}
        self._submission = submission
        self._headings = tuple(_headings(submission.cells))
        self._decisions = decisions
        self._ran_again = {run.cell for run in trace.base.cells if run.again}
        self._known: KnownValues = {}
        self._line_count = 0
        self.left_out = 0

    def parts(self) -> list[StoryPart]:
        """Return the cells in execution order; equally folded neighbours are one part."""
        runs, strange_count = runs_of(self._base)
        self.left_out += strange_count

        parts: list[StoryPart] = []
        for run in runs:
            cell = self._cells.get(run.run.cell)
            if cell is None:
                self.left_out += len(run.events)
            elif cell.restored and run.run.status == "ok":
                # The student has no such cell to look at.
                remember(run.events, self._known)
            else:
                part = self._part(cell, run)
                _append(parts, part)
        return parts

    def _part(self, cell: CodeCell, run: RunEvents) -> StoryPart:
        if run.run.status == "not_run":
            return Folded((cell.cell,), "not_run")

        saved = self._contradicted_output(run)
        if cell.cell in self._decisions:
            return self._cell_story(cell, run, saved)

        if self._line_count > MAX_STORY_LINES:
            return self._fold(cell, run, "more")
        ended_well = run.run.status == "ok"
        if cell.handout and ended_well and saved is None:
            return self._fold(cell, run, "handout")
        return self._cell_story(cell, run, saved)

    def _contradicted_output(self, run: RunEvents) -> Saved | None:
        # If a cell ran twice, the file should have the outputs of the second run.
        if self._runs_again_below(run.run):
            return None
        return contradicted_output(self._submission, run.run, run.events)

    def _runs_again_below(self, run: CellRun) -> bool:
        return run.cell in self._ran_again and not run.again

    def _fold(
        self,
        cell: CodeCell,
        run: RunEvents,
        why: Literal["handout", "more"],
    ) -> Folded:
        remember(run.events, self._known)
        return Folded((cell.cell,), why)

    def _cell_story(
        self,
        cell: CodeCell,
        run: RunEvents,
        saved: Saved | None,
    ) -> CellStory:
        decisions = self._decisions.get(cell.cell, ())
        decided_lines = {decision.evidence.where.line for decision in decisions}
        collected = lines_of(cell, run.events, self._known, decided_lines)

        self._line_count += len(collected.lines) + CELL_LINES
        self.left_out += collected.left_out
        return CellStory(
            cell=cell.cell,
            heading=self._heading(cell.cell),
            handout=cell.handout,
            run=run.run,
            lines=tuple(StoryLine(line) for line in collected.lines),
            rest=collected.rest,
            saved=saved,
            cut=collected.cut,
            again_below=self._runs_again_below(run.run),
        )

    def _heading(self, cell: int) -> str:
        if cell >= len(self._headings):
            return ""
        return self._headings[cell]


def _append(parts: list[StoryPart], part: StoryPart) -> None:
    """Append a part; combine neighbouring folded parts with the same reason."""
    joined = _join(parts[-1], part) if parts else None
    if joined:
        parts[-1] = joined
    else:
        parts.append(part)


def _join(previous: StoryPart, part: StoryPart) -> Folded | None:
    if not isinstance(previous, Folded):
        return None
    if not isinstance(part, Folded):
        return None
    if previous.why != part.why:
        return None

    cells = previous.cells + part.cells
    return Folded(cells, part.why)


def _headings(cells: Iterable[NotebookCell]) -> Iterator[str]:
    """Return the nearest heading at or above each cell."""
    heading = ""
    for cell in cells:
        heading = heading_above((cell,), 0) or heading
        yield heading


# Decisions


def _decisions_by_cell(result: SubmissionResult) -> DecisionsByCell:
    """Return the automatic exercises that each cell decided."""
    decisions: dict[int, list[StoryDecision]] = {}
    for exercise in result.exercises:
        if exercise.automatic:
            for decision in _exercise_decisions(exercise):
                cell = decision.evidence.where.cell
                decisions.setdefault(cell, []).append(decision)
    return decisions


def _exercise_decisions(exercise: ExerciseResult) -> Iterator[StoryDecision]:
    """Return the places that decided an exercise, then those of its flags only."""
    deciding = [check.found for check in exercise.checks if check.found]
    for evidence in deciding:
        flags = _flags_about(evidence, exercise)
        yield StoryDecision(exercise, evidence, flags, decides=True)

    for flag in exercise.flags:
        for evidence in flag.evidence:
            if evidence not in deciding:
                flags = _flags_about(evidence, exercise)
                yield StoryDecision(exercise, evidence, flags, decides=False)


def _flags_about(evidence: Evidence, exercise: ExerciseResult) -> tuple[Flag, ...]:
    flags = [flag for flag in exercise.flags if evidence in flag.evidence]
    return tuple(flags)


def _place_decisions(parts: list[StoryPart], decisions: DecisionsByCell) -> None:
    """Put each decision at its place; if a cell ran twice, in the run with the value."""
    for cell, cell_decisions in decisions.items():
        for decision in cell_decisions:
            _place_decision(parts, cell, decision)


def _place_decision(
    parts: list[StoryPart],
    cell: int,
    decision: StoryDecision,
) -> None:
    best_index = None
    best_fit = -1
    for index, part in enumerate(parts):
        if isinstance(part, CellStory) and part.cell == cell:
            fit = _run_fit(part, decision)
            if fit > best_fit:
                best_index = index
                best_fit = fit

    if best_index is not None:
        parts[best_index] = _with_decision(parts[best_index], decision)


def _run_fit(part: CellStory, decision: StoryDecision) -> int:
    """Rate how well a run fits a decision: highest if it has the value, then the later run."""
    best_line = max(_line_fits(part, decision), default=NOT_THERE)
    return best_line * 2 + part.run.again


def _line_fits(part: CellStory, decision: StoryDecision) -> list[int]:
    return [_line_fit(line.line, decision) for line in part.lines]


def _line_fit(line: CodeLine, decision: StoryDecision) -> int:
    if line.number != decision.evidence.where.line:
        return NOT_THERE
    if not line.effects:
        return THERE

    for effect in line.effects:
        names = [path for path, _ in effect.values]
        if decision.evidence.name in names:
            return HAS_NAME
    return HAS_EFFECT


def _with_decision(part: StoryPart, decision: StoryDecision) -> StoryPart:
    """Add a decision to the line that fits best, or else to the cell."""
    if not isinstance(part, CellStory):
        return part

    fits = _line_fits(part, decision)
    best = max(fits, default=NOT_THERE)
    if best == NOT_THERE:
        return replace(part, decisions=(*part.decisions, decision))

    lines = list(part.lines)
    index = fits.index(best)
    line = lines[index]
    lines[index] = replace(line, decisions=(*line.decisions, decision))
    return replace(part, lines=tuple(lines))
