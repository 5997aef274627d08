"""Read a solved notebook, whichever tool marked its answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.authoring.drafting.readers import nbgrader, otter
from grader.authoring.drafting.readers.folded_solutions import unfold_solutions
from grader.authoring.drafting.readers.handout import check_handout, read_with_handout
from grader.authoring.drafting.readers.headings import heading_above
from grader.authoring.drafting.readers.leftovers import may_hold_answers
from grader.authoring.drafting.readers.plain import read_plain
from grader.authoring.drafting.readers.regions import strip_details
from grader.authoring.drafting.solved import (
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
    drop_empty,
    strip_marks,
)
from grader.authoring.drafting.source import CourseHandout
from grader.authoring.drafting.syntax import imported_names
from grader.reference.markers import MARKER


def read_solved(
    cells: Sequence[SolvedCell], placeholders: Placeholders, handout: CourseHandout | None = None
) -> SolvedNotebook:
    """Read the cells and the exercises of a solved notebook.

    Args:
        cells: those of the file.
        placeholders: texts in an answer's place.
        handout: the course's own, which students get unchanged; None: it is made from the cells.
    """
    notebook = drop_empty(_read_marks(cells, placeholders, handout))
    drafted = []
    for cell in strip_marks(notebook.cells):
        drafted.append(strip_details(cell))
    notebook = replace(notebook, cells=tuple(drafted))
    if handout is not None:
        # The handout is the course's own: nothing in it is in doubt.
        return replace(notebook, doubtful=(), handout=handout.data)

    doubtful = {*notebook.doubtful, *may_hold_answers(drafted)}
    given = []
    for index in sorted(doubtful):
        if drafted[index].handout is not None:
            given.append(index)
    return replace(notebook, doubtful=tuple(given))


def _read_marks(
    cells: Sequence[SolvedCell], placeholders: Placeholders, handout: CourseHandout | None
) -> SolvedNotebook:
    """Read a notebook by the best source of its answers: marks, the handout, or text."""
    code = []
    for cell in cells:
        if cell.kind == "code":
            code.append(cell.source)
    modules = imported_names(code)
    own_tasks = _marked_tasks(cells)
    is_others = not own_tasks and (otter.is_otter(cells) or nbgrader.is_nbgrader(cells))
    if is_others and handout is not None:
        check_handout(cells, handout)
    if is_others and otter.is_otter(cells):
        return otter.read(cells, placeholders, modules)
    if is_others:
        return nbgrader.read(cells, placeholders, modules)
    if handout is not None:
        return read_with_handout(cells, handout, own_tasks)
    return read_plain(unfold_solutions(cells), placeholders, modules, own_tasks)


def _marked_exercises(cell: SolvedCell) -> list[str]:
    """List the exercises with answers that our own marks in a cell name, each once."""
    if cell.kind != "code":
        return []
    exercises = []
    for line in cell.text_lines:
        match = MARKER.match(line)
        if match and match["grade"]:
            exercises.append(match["id"])
    return list(dict.fromkeys(exercises))


def _marked_tasks(cells: Sequence[SolvedCell]) -> list[Task]:
    """List the exercises that our own marks name."""
    indices: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        for exercise in _marked_exercises(cell):
            indices.setdefault(exercise, []).append(index)

    tasks = []
    for exercise, marked in indices.items():
        title = heading_above(cells, marked[0])
        tasks.append(Task(title, tuple(marked), name=exercise, marked=True))
    return tasks
