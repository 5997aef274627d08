"""Judge the handout: it must run, and earn nothing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.assignment import PLACED, Assignment
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message
from grader.grading.checks.probed import UNDECIDABLE
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.notebook.slicing import cells_behind, names_bound_by
from grader.notebook.typed_values import BLANK
from grader.reference.files import ReferenceFiles
from grader.report import ExerciseResult, Message
from grader.trace import CellRun

RAISES = "raises-exception"
"""The tag of a cell that is meant to raise."""

GAP_ERRORS = ("SyntaxError", "IndentationError", "NotImplementedError")
"""Exceptions of a cell that lacks an expression, the body of a function, or its code."""

MACHINE = "machine."
"""Begins the ids of messages about what the machine lacks."""

MISSING_NAME = re.compile(r"'(\w+)'")
"""The name that a NameError speaks of."""

GAP_MESSAGES = ("ellipsis", "Ellipsis", "NoneType")
"""Parts of the messages of a cell that works with `...` or None in place of an answer."""


async def handout_findings(
    grader: TrustedGrader,
    assignment: Assignment,
    solution: ReferenceFiles,
) -> list[ValidationFinding]:
    """Judge the handout as if all its cells were a student's own.

    A value of its cells earns nothing, unless the exercise has `handout_counts`.

    Args:
        grader: grades notebooks.
        assignment: the assignment.
        solution: its reference.
    """
    sources = {}
    for index, cell in enumerate(assignment.handout):
        if cell.kind == "code":
            sources[index] = cell.source
    evaluation = await grader.grade("the-handout", sources.items())
    given = await grader.as_given(evaluation)
    results = _counting_results(assignment, evaluation.results, given.results)

    handout = assignment.handout_sources()
    reference = [(cell.cell, cell.code) for cell in solution.reference.cells]
    points_finding = _points_finding(results, evaluation.results, assignment.max_points)
    findings = [points_finding]
    base_run = evaluation.trace.base
    last_runs = {run.cell: run for run in base_run.cells}  # one that misses a name runs once more
    meant_to_raise = cells_meant_to_raise(assignment.folder / assignment.handout_name)
    for run in last_runs.values():
        source = sources[run.cell]
        if run.status == "ok" or run.cell in meant_to_raise:
            continue
        if waits_for_an_answer(run, source, handout, reference):
            continue
        error = f"{run.error}: {run.message}"
        raising = message("validate.handout-raises", cell=run.cell, error=error)
        finding = ValidationFinding(False, raising)
        findings.append(finding)
    return findings


def cells_meant_to_raise(notebook: Path) -> set[int]:
    """List the cells that are tagged as raising, or have a saved error."""
    text = notebook.read_text("utf-8-sig")
    content: dict[str, Any] = json.loads(text)
    raising: set[int] = set()
    for index, cell in enumerate(content["cells"]):
        metadata = cell.get("metadata") or {}
        tags = metadata.get("tags") or ()
        if RAISES in tags or _has_error(cell):
            raising.add(index)
    return raising


def _has_error(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell has a saved error."""
    outputs = cell.get("outputs") or ()
    kinds = [output.get("output_type") for output in outputs]
    return "error" in kinds


def _counting_results(
    assignment: Assignment, own: Sequence[ExerciseResult], given: Sequence[ExerciseResult]
) -> list[ExerciseResult]:
    """Choose, by exercise, the result with the handout's cells as own or as given ones."""
    counting: list[ExerciseResult] = []
    for own_result, given_result in zip(own, given, strict=True):
        exercise = assignment.exercise(own_result.id)
        is_value = exercise is not None and exercise.check in PLACED
        counts = exercise is not None and exercise.handout_counts
        counting.append(given_result if is_value and not counts else own_result)
    return counting


def _points_finding(
    results: Sequence[ExerciseResult], own: Sequence[ExerciseResult], max_points: float
) -> ValidationFinding:
    """Report the handout's points, and the answers that its given cells reveal.

    Args:
        results: those that count.
        own: those with the handout's cells as a student's own.
        max_points: points of the assignment.
    """
    points = sum(result.points for result in results)
    earned = message("validate.handout", earned=points, possible=max_points)
    earning = _earning(results)
    details: list[Message] = []
    for exercise in earning:
        detail = message("validate.handout-earns", exercise=exercise)
        details.append(detail)
    for exercise in _earning(own):
        if exercise not in earning:
            detail = message("validate.handout-holds", exercise=exercise)
            details.append(detail)
    return ValidationFinding(not earning, earned, tuple(details))


def _earning(results: Iterable[ExerciseResult]) -> list[str]:
    """List the exercises that earn points, or may."""
    return [result.id for result in results if may_earn(result)]


def may_earn(result: ExerciseResult) -> bool:
    """Return whether the handout earns points, or would by a person who looks at its work.

    What waits because the machine lacks something says nothing about the handout.
    """
    if result.credit > 0:
        return True
    message_id = result.checks[0].message.id
    if result.status != "pending" or message_id.startswith(MACHINE):
        return False
    return message_id not in UNDECIDABLE.values()


def waits_for_an_answer(
    run: CellRun,
    source: str,
    handout: Collection[str],
    reference: Sequence[tuple[int, str]],
) -> bool:
    """Return whether a cell of the handout raises because an answer is missing.

    It has a gap, and the reference, where every cell runs, has another cell in its place. Or it
    misses a name that an answer binds, stands behind an answer in the reference, or holds a part of
    one and reads another.

    Args:
        run: how the cell ended.
        source: the cell.
        handout: sources of the handout's cells, with white space folded.
        reference: index and source of the reference's cells, in their order.
    """
    is_replaced = all(fold(code) != fold(source) for _, code in reference)
    if is_replaced and _has_gap(run):
        return True

    answers = {}
    for cell, code in reference:
        if fold(code) not in handout:
            answers[cell] = code
    if is_replaced and _reads_answers(source, answers.values()):
        return True
    if run.error == "NameError":
        missing = MISSING_NAME.search(run.message)
        if missing is None:
            return False
        behind = {
            cell: code for cell, code in reference if _stands_behind(cell, answers, reference)
        }
        return missing[1] in _names_bound(behind.values())
    for cell, code in reference:
        if fold(code) == fold(source) and _stands_behind(cell, answers, reference):
            return True
    return False


def _has_gap(run: CellRun) -> bool:
    """Return whether a cell raised because of a gap to be filled: `s = ...`, for instance."""
    if run.error in GAP_ERRORS:
        return True
    missing = MISSING_NAME.search(run.message)
    if run.error == "NameError" and missing is not None and BLANK.fullmatch(missing[1]):
        return True
    return any(words in run.message for words in GAP_MESSAGES)


def _names_bound(sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        yield from names_bound_by(source)


def _reads_answers(source: str, answers: Iterable[str]) -> bool:
    """Return whether a cell needs a name that an answer's cell binds."""
    names = frozenset(_names_bound(answers))
    needed = names - names_bound_by(source)
    tree = parse_cell(source)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return not needed.isdisjoint(read)


def _stands_behind(
    cell: int,
    answers: Collection[int],
    reference: Sequence[tuple[int, str]],
) -> bool:
    """Return whether a cell depends on one with an answer."""
    behind = cells_behind(reference, [cell])
    return not set(answers).isdisjoint(behind)
