"""Grades a submission: trace + expectations → results. Pure; the page to read first.

An exercise passes when a value of the submission's own agrees with the reference on the handed-out data, and at the
same place on every variant. What fails is held against the known mistakes; one that explains it says why, and may
leave a share of the points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import Assignment, Exercise
from grader.checks.finding import Candidate, Values, find
from grader.checks.following import AGAIN
from grader.checks.graph import check_graph
from grader.checks.mistakes import KnownMistake, Recognised, explaining_cells, recognise
from grader.checks.outcome import Outcome, message
from grader.checks.slicing import cells_behind
from grader.checks.value import check_value
from grader.expectation import Expectation, as_number
from grader.report import (
    CellProblem,
    CheckResult,
    Evidence,
    Execution,
    ExerciseResult,
    ExerciseStatus,
    Flag,
    Message,
    MistakeFound,
    Where,
)
from grader.trace import BASE, Array, CodeCell, Event, Graph, Trace, Value, VariedInput

MAX_TEXT = 200
"""Most characters of a path or value that evidence shows."""

MAX_SKIPPED = 50
"""Most skipped commands that a report lists."""

UNNAMED = ("argument[", "printed[", "return", "make_dot")
"""Paths of values that have no name of the student's own."""

Headings = Callable[[int], str]
"""Gives the heading above a cell."""


@dataclass(frozen=True)
class Knowledge:
    """What the grader knows of an assignment's answers: it never enters a kernel that runs a submission."""

    expectations: Mapping[str, Expectation]
    right: Mapping[str, Expectation]
    """Per exercise, values that a right solution comes by on its way: they give no mistake away."""
    mistakes: tuple[KnownMistake, ...] = ()
    """Empty until a submission fails something: they are only made then."""
    told: Mapping[str, Mapping[str, Expectation]] = field(default_factory=dict)
    """Per exercise, by their label, values that an instructor is told of; they earn nothing."""
    inputs: tuple[VariedInput, ...] = ()
    """The assignment's data."""


def grade(trace: Trace, assignment: Assignment, knowledge: Knowledge, headings: Headings) -> tuple[ExerciseResult, ...]:
    """The results of the exercises the grader decides, in the assignment's order.

    Args:
        trace: what the submission computed.
        assignment: the exercises.
        knowledge: what the reference, and mistakes, compute.
        headings: gives the heading above a cell.
    """
    one = _Submission(trace, assignment, knowledge, headings)
    return tuple(one.result(exercise) for exercise in assignment.exercises if exercise.automatic)


class _Submission:
    """One submission being graded: its outcomes, and what explains those that failed."""

    def __init__(self, trace: Trace, assignment: Assignment, knowledge: Knowledge, headings: Headings) -> None:
        self._values = Values(trace)
        self._knowledge = knowledge
        self._exercises = [exercise for exercise in assignment.exercises if exercise.automatic]
        self._outcomes = {e.id: _check(e, self._values, assignment, knowledge) for e in self._exercises}
        self._recognised = self._recognise()
        self._places = _Places(trace, headings)

    def _recognise(self) -> Recognised | None:
        failed = [e for e in self._exercises if self._outcomes[e.id].status in ("failed", "missing", "not_run")]
        passed = [e for e in self._exercises if self._outcomes[e.id].credit > 0]
        known = self._knowledge
        return recognise(self._values, failed, passed, known.mistakes, known.right) if failed else None

    def result(self, exercise: Exercise) -> ExerciseResult:
        """The result of one exercise."""
        outcome, recognised = self._outcomes[exercise.id], self._recognised
        status, credit, found = outcome.status, outcome.credit, outcome.found
        mistakes: tuple[MistakeFound, ...] = ()
        if recognised is not None and exercise.id in recognised.explains:
            mistakes = (_mistake(recognised),)
            credit = recognised.mistakes[0].credit.get(exercise.id, 0.0)
            status = _status(credit)
            found = recognised.explains[exercise.id]
        check = CheckResult(
            check=exercise.check,
            message=outcome.message,
            found=self._places.evidence(found),
            notes=outcome.notes + self._depends(exercise, status) + self._told(exercise),
        )
        return ExerciseResult(
            id=exercise.id,
            title=exercise.title,
            status=status,
            points=exercise.points * credit,
            max_points=exercise.points,
            automatic=True,
            credit=credit,
            checks=(check,),
            mistakes=mistakes,
            flags=tuple(_flag(flag_id, candidate, self._places) for flag_id, candidate in outcome.flags),
        )

    def _depends(self, exercise: Exercise, status: str) -> tuple[Message, ...]:
        """For feedback: an exercise this one builds on failed too. It never costs points by itself."""
        if status not in ("failed", "partial", "missing"):
            return ()
        wrong = [e for e in self._exercises if e.id in exercise.needs and self._outcomes[e.id].credit < 1]
        return tuple(message("value.depends", needs=needed.title) for needed in wrong)

    def _of_this_submission(self, exercise: Exercise) -> Mapping[str, Expectation]:
        """The values as the mistake made them, where one explains the exercise."""
        if self._recognised is not None and exercise.id in self._recognised.explains:
            return self._recognised.mistakes[0].told.get(exercise.id, {})
        return self._knowledge.told.get(exercise.id, {})

    def _told(self, exercise: Exercise) -> tuple[Message, ...]:
        """The values on the way to an answer, for the instructor: those the submission has, and those it lacks."""
        parts = []
        for label, expectation in self._of_this_submission(exercise).items():
            found = find(self._values, exercise.look_in, expectation)
            parts.append(f"{label} {show(found[0].candidate.value)}" if found else f"{label} –")
        return (message("value.told", values=" · ".join(parts)),) if parts else ()


def _check(exercise: Exercise, values: Values, assignment: Assignment, knowledge: Knowledge) -> Outcome:
    expectation = knowledge.expectations[exercise.id]
    if exercise.check == "graph":
        return check_graph(exercise, values, expectation)
    return check_value(exercise, values, expectation, handout_code(assignment))


def handout_code(assignment: Assignment) -> tuple[CodeCell, ...]:
    """The code cells of the handout."""
    return tuple(
        CodeCell(cell=index, source=cell.source, handout=True)
        for index, cell in enumerate(assignment.handout)
        if cell.kind == "code"
    )


def _status(credit: float) -> ExerciseStatus:
    if credit >= 1:
        return "passed"
    return "partial" if credit > 0 else "failed"


def _mistake(recognised: Recognised) -> MistakeFound:
    first, *others = recognised.mistakes
    return MistakeFound(
        id=first.id,
        also=tuple(other.id for other in others),
        explains=tuple(recognised.explains),
        name=dict(first.name),
        hint=dict(first.hint),
    )


def _flag(flag_id: str, candidate: Candidate | None, places: _Places) -> Flag:
    evidence = places.evidence(candidate)
    return Flag.model_validate(
        {"id": flag_id, "message": message(f"flag.{flag_id}"), "evidence": (evidence,) if evidence else ()}
    )


class _Places:
    """Turns places of a trace into places of the student's notebook."""

    def __init__(self, trace: Trace, headings: Headings) -> None:
        self._sources = {cell.cell: cell.source.split("\n") for cell in trace.cells}
        self._headings = headings

    def where(self, cell: int, line: int = 0) -> Where:
        lines = self._sources.get(cell, [])
        source = lines[line - 1].strip()[:400] if 0 < line <= len(lines) else ""
        return Where(cell=cell, line=line, source=source, heading=self._headings(cell))

    def evidence(self, candidate: Candidate | None) -> Evidence | None:
        if candidate is None:
            return None
        place = candidate.place
        name = "" if place.path.startswith(UNNAMED) else place.path
        return Evidence(
            where=self.where(place.cell, place.line), name=name[:MAX_TEXT], value=show(candidate.value)[:MAX_TEXT]
        )


def show(value: Value) -> str:
    """A value as an instructor reads it."""
    if isinstance(value, Array):
        number = as_number(value)
        if number is not None:
            return f"{number:.7g}"
        shown = ", ".join(f"{element:.6g}" for element in value.elements[:6])
        return f"[{shown}{', …' if value.size > 6 else ''}]"
    if isinstance(value, Graph):
        return f"make_dot({len(value.labels)})"
    return f"{value.value:.7g}" if value.kind == "number" else str(getattr(value, "value", value.kind))


def cells_of_interest(trace: Trace, assignment: Assignment, knowledge: Knowledge) -> list[int]:
    """The cells that have to run again with other numbers: those behind values that may earn or explain something.

    Args:
        trace: the base run alone.
        assignment: the exercises.
        knowledge: with the mistakes, if some exercise has no right value in the trace.
    """
    values = Values(trace)
    wanted: set[int] = set()
    failed = []
    for exercise in (e for e in assignment.exercises if e.check == "value"):
        found = find(values, exercise.look_in, knowledge.expectations[exercise.id])
        wanted |= {one.candidate.place.cell for one in found}
        if not found:
            failed.append(exercise)
    wanted |= explaining_cells(values, failed, knowledge.mistakes, knowledge.right)
    if wanted:
        wanted |= _cells_with_data(trace, knowledge.inputs)
    sources = {cell.cell: cell.source for cell in trace.cells}
    order = [(run.cell, sources[run.cell]) for run in trace.base.cells if run.cell in sources]
    return cells_behind(order, wanted) if wanted else []


def _cells_with_data(trace: Trace, inputs: Sequence[VariedInput]) -> set[int]:
    """Where the data is met first: a value that does not need it is then seen to stand still while it changes."""
    seen: dict[tuple[float, ...], int] = {}
    for event in trace.base.events:
        for value in event.values.values():
            if isinstance(value, Array):
                seen.setdefault(tuple(value.elements), event.cell)
    return {seen[item.original.elements] for item in inputs if item.original.elements in seen}


def lacks_an_answer(trace: Trace, assignment: Assignment, knowledge: Knowledge) -> bool:
    """Whether some exercise has no right value even on the handed-out data, so that mistakes are worth making."""
    values = Values(trace)
    for exercise in assignment.exercises:
        if exercise.check == "value" and not find(values, exercise.look_in, knowledge.expectations[exercise.id]):
            return True
        if exercise.check == "graph" and not check_graph(exercise, values, knowledge.expectations[exercise.id]).credit:
            return True
    return False


def needs_confirmation(results: Sequence[ExerciseResult], trace: Trace) -> bool:
    """Whether a denial has to be confirmed in a fresh kernel: a value was right on the handed-out data only."""
    if any(run.label.endswith(AGAIN) for run in trace.runs):
        return False
    doubtful = {"value.does-not-follow-data", "value.only-here", "unverified.raises-only-in-variant"}
    return any(check.message.id in doubtful for result in results for check in result.checks)


def execution(trace: Trace, places: Headings) -> Execution:
    """How the notebook ran, for the report."""
    of = _Places(trace, places)
    runs = trace.base.cells
    final = {run.cell: run for run in runs}
    problems = tuple(
        CellProblem(where=of.where(run.cell), status=run.status, error=run.error, message=run.message, limit=run.limit)
        for run in final.values()
        if run.status != "ok"
    )
    events = trace.base.events
    return Execution(
        seconds=round(trace.seconds, 3),
        peak_mib=trace.peak_mib,
        sandbox=trace.sandbox,
        files=trace.files,
        cells=len(final),
        problems=problems,
        again=tuple(run.cell for run in runs if run.again),
        skipped=_skipped(events),
        notes=_notes(trace),
        ended=_ended(trace),
    )


def _skipped(events: Sequence[Event]) -> tuple[str, ...]:
    """The commands that were not run, each once."""
    commands = dict.fromkeys(event.text[:MAX_TEXT] for event in events if event.kind == "skipped")
    return tuple(commands)[:MAX_SKIPPED]


def _notes(trace: Trace) -> tuple[Message, ...]:
    texts = [event.text for run in trace.runs if run.label == BASE for event in run.events if event.kind == "note"]
    notes = [message("note.random-weights")] if any(text.startswith("random-weights") for text in texts) else []
    notes += [
        message(f"limit.{run.limit}", cell=run.cell) for run in trace.base.cells if run.limit and run.status == "error"
    ]
    if trace.truncated:
        notes.append(message("note.truncated"))
    return tuple(notes)


def _ended(trace: Trace) -> Message | None:
    """What ended the kernel, or a cell, before its time; the first of it."""
    for run in trace.base.cells:
        if run.status == "died" and run.limit:
            return message(f"ended.{run.limit}", cell=run.cell)
        if run.status in ("died", "timeout", "flooded"):
            return message(f"ended.{run.status}", cell=run.cell, seconds=round(run.seconds, 1))
        if run.error == "notebook-timeout":
            return message("ended.notebook-timeout", cell=run.cell, seconds=round(trace.seconds, 1))
    return None
