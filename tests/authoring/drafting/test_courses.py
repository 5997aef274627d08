"""Notebooks of known courses are read whole: their exercises, given lines and answers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from grader.authoring.drafting.notebooks import format_handout
from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.solved import Placeholders, SolvedNotebook, Task
from grader.authoring.drafting.source import read_handout, solved_cells
from tests.support.course_shapes import COURSES, lay_out
from tests.support.course_shapes.judging import asks_for, leaked_lines, lost_lines
from tests.support.course_shapes.shape import TaughtCourse

PLACEHOLDERS = Placeholders(code="# your code here", text="*Your answer here.*")

every_course = pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
with_and_without = pytest.mark.parametrize("with_handout", [False, True], ids=["alone", "handout"])


@cache
def read(name: str, *, with_handout: bool) -> SolvedNotebook:
    """Read the solved notebook of a course, alone or beside its handout."""
    (course,) = (course for course in COURSES if course.name == name)
    given = None
    if with_handout:
        with TemporaryDirectory() as folder:
            given = read_handout(lay_out(Path(folder), course) / "handout.ipynb")
    return read_solved(solved_cells(course.notebook("solved")), PLACEHOLDERS, given)


def drafted_handout(course: TaughtCourse) -> dict[str, Any]:
    notebook = read(course.name, with_handout=False)
    drafted: dict[str, Any] = json.loads(format_handout(notebook.cells, {}))
    return drafted


def said_of(task: Task) -> tuple[str, ...]:
    return (task.title, task.name, task.question, task.words)


@every_course
@with_and_without
def test_every_exercise_is_found(course: TaughtCourse, with_handout: bool):
    tasks = read(course.name, with_handout=with_handout).tasks
    missing = []
    for taught in course.tasks:
        if not any(asks_for(taught.words, said_of(task)) for task in tasks):
            missing.append(taught.words)
    assert [] == missing, [task.title for task in tasks]


@every_course
@with_and_without
def test_nothing_else_is_taken_for_an_exercise(course: TaughtCourse, with_handout: bool):
    tasks = read(course.name, with_handout=with_handout).tasks
    others = []
    for task in tasks:
        if not any(asks_for(taught.words, said_of(task)) for taught in course.tasks):
            others.append(task.title)
    assert [] == others


@every_course
def test_the_handout_keeps_every_given_line(course: TaughtCourse):
    assert [] == lost_lines(course, drafted_handout(course))


@every_course
def test_the_handout_holds_no_answer(course: TaughtCourse):
    assert [] == leaked_lines(course, drafted_handout(course))


@every_course
def test_the_handout_of_the_course_is_taken_as_it_is(course: TaughtCourse, tmp_path: Path):
    own = lay_out(tmp_path, course) / "handout.ipynb"
    assert own.read_bytes() == read(course.name, with_handout=True).handout
