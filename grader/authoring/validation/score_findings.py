"""Judge the bounds of scores: the reference reaches them under other seeds, untrained it does not.

A mutant of a training loop may train as well, so mutants say nothing of a score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.assignment import Exercise, ScoreBound
from grader.authoring.marked_runs import CellsToRun, MarkedRuns, MarkValues, answering_cells
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.margins import WAYS
from grader.authoring.validation.mutant_edits import EditFinder, MutantEdit
from grader.grading.agreement import as_number
from grader.grading.checks.outcome import message
from grader.job import VariedInput
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell
from grader.running.session import Session

STEP = re.compile(rb"[\w.\[\]]+\.step\([^()]*\)")
"""A statement by which an optimizer takes a step."""

UNTRAINED = "untrained"
"""Name of the run in which no optimizer takes a step."""

OTHERS = tuple(name for name in WAYS if name != "own")
"""Names of the runs of the reference as it is, with other seeds."""

Scores = Mapping[str, float | None]
"""Per run the score of one exercise; None: it gave no number, or took too long."""


async def score_findings(
    solution: ReferenceFiles, inputs: tuple[VariedInput, ...], session: Session
) -> list[ValidationFinding]:
    """Measure the reference's models in each way, and judge the bounds of their exercises.

    Args:
        solution: the reference.
        inputs: its data and variants.
        session: a session of its trusted job.
    """
    runs = MarkedRuns(solution, inputs, session)
    findings: list[ValidationFinding] = []
    for exercise in solution.assignment.exercises:
        if exercise.check == "score":
            scores = await _scores(solution, exercise, runs)
            findings += judge(exercise, scores)
    return findings


async def _scores(solution: ReferenceFiles, exercise: Exercise, runs: MarkedRuns) -> Scores:
    cells = solution.marked_cells
    wanted = answering_cells(cells, [exercise.id])
    scores: dict[str, float | None] = {}
    to_run = {way: CellsToRun(cells, wanted, seeding) for way, seeding in WAYS.items()}
    untrained = without_steps(cells)
    if untrained != cells:
        to_run[UNTRAINED] = CellsToRun(untrained, wanted)

    for way, cells_to_run in to_run.items():
        name = f"score-{exercise.id}-{way}"
        values = await runs.run(name, cells_to_run)
        scores[way] = _score(values, exercise)
    return scores


def _score(values: MarkValues, exercise: Exercise) -> float | None:
    question = exercise.asked
    if question is None or not values.completed:
        return None
    [label] = question.labels
    for by_run in values.of_exercise(exercise.id):
        if label in by_run:
            return as_number(by_run[label])
    return None


def without_steps(cells: Sequence[MarkedCell]) -> list[MarkedCell]:
    """Leave out every statement of some cells by which an optimizer takes a step."""
    return [replace(cell, code=_without_steps(cell.code)) for cell in cells]


def _without_steps(source: str) -> str:
    code = source.encode()
    finder = EditFinder(source)
    edits = finder.find()
    for edit in reversed(edits):
        if edit.kind == "drop" and _is_step(edit, code):
            code = edit.apply(code)
    return code.decode()


def _is_step(edit: MutantEdit, code: bytes) -> bool:
    statement = code[edit.start : edit.end]
    return STEP.fullmatch(statement) is not None


def judge(exercise: Exercise, scores: Scores) -> Iterator[ValidationFinding]:
    """Judge the bounds of an exercise by the scores of the reference in each way."""
    own = scores["own"]
    bound = exercise.bound
    others = [scores[name] for name in OTHERS]
    known = [score for score in others if score is not None]
    if own is None or len(known) < len(others):
        why = message("validate.score-cut", exercise=exercise.id)
        yield ValidationFinding(False, why)
        return

    worst = _worst(bound, known)
    reached = all(bound.is_kept(score) for score in (own, worst))
    message_id = "validate.score" if reached else "validate.score-misses"
    why = message(
        message_id,
        exercise=exercise.id,
        score=own,
        worst=worst,
        bound=bound.number,
        runs=len(known),
    )
    yield ValidationFinding(reached, why)

    untrained = scores.get(UNTRAINED)
    if untrained is None:
        return
    if any(each.is_kept(untrained) for each in exercise.bounds):
        why = message("validate.score-untrained", exercise=exercise.id, score=untrained)
        yield ValidationFinding(False, why)


def _worst(bound: ScoreBound, scores: Sequence[float]) -> float:
    if bound.at_most is None:
        return min(scores)
    return max(scores)
