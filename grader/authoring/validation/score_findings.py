"""Judge the bounds of scores: the reference reaches them with other seeds, and worse models do not.

A mutant of a training loop may train as well, so mutants say nothing of a score. What has to miss
its bounds is a model without training, one that trained for a single pass of the loop, and one that
gives the same whatever it is asked, even the best such answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.assignment import Exercise, ScoreBound
from grader.authoring.marked_runs import CellsToRun, MarkValues, answering_cells
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.mutant_edits import EditFinder, MutantEdit
from grader.authoring.validation.other_ways import OtherWays, WayValues
from grader.authoring.validation.rewrite_source import CellSource, Edit
from grader.grading.agreement import as_number
from grader.grading.checks.outcome import message
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell
from grader.report import Message
from grader.running.session import Session

STEP = re.compile(rb"[\w.\[\]]+\.step\([^()]*\)")
"""A statement by which an optimizer takes a step."""

LESS: Mapping[str, str] = {
    "untrained": "validate.score-untrained",
    "best-constant": "validate.score-constant",
    "first-class": "validate.score-constant",
    "last-class": "validate.score-constant",
}
"""Names of the runs with a model that learned nothing, and the messages if it earns points."""

SHORTENED = "shortened"
"""Name of the run in which each training loop has one pass."""

NOTHING_LEARNED = "for each_ in {model}.parameters(): each_.data.zero_()"
"""The statement that makes the output of a model constant."""

LAST_CLASS = "list({model}.parameters())[-1].data[-1:] = 1.0"
"""The statement that has it prefer the last class."""

ONE_OUTPUT = "[each_.requires_grad_(False).zero_() for each_ in list({model}.parameters())[:-1]]"
"""The statement after which training finds the best output that is the same for all data: the most
frequent class, or the mean.
"""

Scores = Mapping[str, float | None]
"""Per run the score of one exercise; None: it was no number, or took too long."""


def scores_in(exercise: Exercise, ways: Sequence[WayValues]) -> dict[str, float | None]:
    """Return the score of an exercise in each way of running the reference."""
    return {each.way.name: _score(each.values, exercise) for each in ways}


async def lesser_scores(
    solution: ReferenceFiles, exercise: Exercise, ways: OtherWays, session: Session
) -> dict[str, float | None]:
    """Measure models that should miss the bounds.

    Args:
        solution: the reference.
        exercise: asks for a score.
        ways: runs the reference.
        session: of its trusted job.
    """
    cells = solution.marked_cells
    wanted = answering_cells(cells, [exercise.id])
    scores: dict[str, float | None] = {}
    for name, in_run in lesser_notebooks(cells, exercise).items():
        label = f"score-{exercise.id}-{name}"
        to_run = CellsToRun(in_run, wanted)
        values = await ways.values(label, to_run, session)
        scores[name] = _score(values, exercise)
    return scores


def lesser_notebooks(
    cells: Sequence[MarkedCell], exercise: Exercise
) -> dict[str, Sequence[MarkedCell]]:
    """Make the notebooks with models that should miss the bounds, by the names of their runs."""
    notebooks: dict[str, Sequence[MarkedCell]] = {}
    short = shortened(cells)
    if short != cells:
        notebooks[SHORTENED] = short
    if without_steps(cells) == cells:
        return notebooks

    model = exercise.of
    constant = with_one_output(cells, model)
    if constant != cells:
        notebooks["best-constant"] = constant

    untrained = without_steps(short)
    nothing = NOTHING_LEARNED.format(model=model)
    last = LAST_CLASS.format(model=model)
    notebooks["untrained"] = untrained
    notebooks["first-class"] = _before_asking(untrained, exercise, [nothing])
    notebooks["last-class"] = _before_asking(untrained, exercise, [nothing, last])
    return notebooks


def _score(values: MarkValues, exercise: Exercise) -> float | None:
    question = exercise.asked
    if question is None or not values.completed:
        return None
    label = question.labels[0]
    for by_run in values.of_exercise(exercise.id):
        if label in by_run:
            return as_number(by_run[label])
    return None


def _before_asking(
    cells: Sequence[MarkedCell], exercise: Exercise, statements: Sequence[str]
) -> list[MarkedCell]:
    """Put statements before the mark that has an exercise's expression evaluated."""
    code = "\n".join(statements)
    changed: list[MarkedCell] = []
    for cell in cells:
        ids = [mark.exercise for mark in cell.marks]
        if cell.code or exercise.id not in ids:
            changed.append(cell)
            continue
        marks = []
        for mark in cell.marks:
            marks.append(replace(mark, after=len(statements)))
        asking = replace(cell, code=code, marks=tuple(marks))
        changed.append(asking)
    return changed


def without_steps(cells: Sequence[MarkedCell]) -> list[MarkedCell]:
    """Leave out every statement of some cells by which an optimizer takes a step."""
    return [replace(cell, code=_without_steps(cell.code)) for cell in cells]


def _without_steps(source: str) -> str:
    code = source.encode()
    edits = EditFinder(source).find()
    for edit in reversed(edits):
        if edit.kind == "drop" and _is_step(edit, code):
            code = edit.apply(code)
    return code.decode()


def _is_step(edit: MutantEdit, code: bytes) -> bool:
    statement = code[edit.start : edit.end]
    return STEP.fullmatch(statement) is not None


def with_one_output(cells: Sequence[MarkedCell], model: str) -> list[MarkedCell]:
    """Let training change nothing of a model but the last of its parameters: mostly a bias."""
    return [replace(cell, code=_with_one_output(cell.code, model)) for cell in cells]


def _with_one_output(source: str, model: str) -> str:
    cell = CellSource(source)
    statement = ONE_OUTPUT.format(model=model)
    edits: list[Edit] = []
    for node in cell.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if name == model:
                text = f"{ast.unparse(node)}; {statement}"
                edits.append((node, _with_lines(text, node)))
    return cell.edited(edits)


def shortened(cells: Sequence[MarkedCell]) -> list[MarkedCell]:
    """Reduce each training loop over a range to one pass."""
    return [replace(cell, code=_shortened(cell.code)) for cell in cells]


def _shortened(source: str) -> str:
    cell = CellSource(source)
    edits: list[Edit] = []
    for loop in _outer_loops(cell.tree):
        text = ast.unparse(loop)
        if ".step(" in text and _is_counted(loop.iter):
            short = _with_lines(_once(loop), loop)
            edits.append((loop, short))
    return cell.edited(edits)


def _once(loop: ast.For) -> str:
    """Write a loop with one pass."""
    once = ast.parse("range(1)", mode="eval")
    short = ast.For(loop.target, once.body, loop.body, [])
    ast.fix_missing_locations(short)
    return ast.unparse(short)


def _with_lines(text: str, statement: ast.stmt) -> str:
    """Pad a text to the lines of a statement, so that marks keep their places."""
    last = statement.end_lineno or statement.lineno
    count = last - statement.lineno
    missing = count - text.count("\n")
    if missing <= 0:
        return text
    return text + "\n" * missing


def _outer_loops(node: ast.AST) -> Iterator[ast.For]:
    """Yield the loops that are in no other loop."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For):
            yield child
        else:
            yield from _outer_loops(child)


def _is_counted(iterated: ast.expr) -> bool:
    """Return whether a loop counts passes: `range(9)`, `tqdm(range(9))`, `trange(9)`."""
    names = {node.id for node in ast.walk(iterated) if isinstance(node, ast.Name)}
    return not names.isdisjoint({"range", "trange"})


def judge(exercise: Exercise, own: float | None, scores: Scores) -> Iterator[ValidationFinding]:
    """Judge the bounds of an exercise.

    Args:
        exercise: asks for the score.
        own: the score of the unchanged reference.
        scores: those in other ways, and those of models that should miss the bounds; runs that were
            cut off are ignored.
    """
    if own is None:
        why = message("validate.score-cut", exercise=exercise.id, title=exercise.title)
        yield ValidationFinding(False, why)
        return
    known = []
    for name, score in scores.items():
        is_lesser = name in LESS or name == SHORTENED
        if not is_lesser and score is not None:
            known.append(score)
    bound = exercise.bound
    worst = _worst(bound, [own, *known])
    reached = bound.is_kept(worst)
    why = message(
        "validate.score" if reached else "validate.score-misses",
        exercise=exercise.id,
        title=exercise.title,
        score=own,
        worst=worst,
        bound=bound.number,
        runs=len(known),
    )
    yield ValidationFinding(reached, why)
    yield from _judge_lesser(exercise, scores)
    yield from _judge_shortened(exercise, worst, scores.get(SHORTENED))


def _judge_lesser(exercise: Exercise, scores: Scores) -> Iterator[ValidationFinding]:
    said: set[str] = set()
    for name, message_id in LESS.items():
        score = scores.get(name)
        if score is None or message_id in said:
            continue
        if any(bound.is_kept(score) for bound in exercise.bounds):
            said.add(message_id)
            why = _lesser(message_id, exercise, score)
            yield ValidationFinding(False, why)


def _judge_shortened(
    exercise: Exercise, worst: float, score: float | None
) -> Iterator[ValidationFinding]:
    """Judge one pass of training; nothing can be done if it is as good as the reference."""
    bound = exercise.bound
    if score is None or not bound.is_kept(score) or not bound.is_kept(worst):
        return
    is_worse = score != worst and _worst(bound, [score, worst]) == score
    if not is_worse:
        yield ValidationFinding(True, _lesser("validate.score-soon", exercise, score))
        return
    why = message(
        "validate.score-shortened",
        exercise=exercise.id,
        title=exercise.title,
        score=score,
        bound=(score + worst) / 2,
    )
    yield ValidationFinding(False, why)


def _lesser(message_id: str, exercise: Exercise, score: float) -> Message:
    return message(message_id, exercise=exercise.id, title=exercise.title, score=score)


def _worst(bound: ScoreBound, scores: Sequence[float]) -> float:
    if bound.at_most is None:
        return min(scores)
    return max(scores)
