"""Which cells stand in the section of which exercise."""

from __future__ import annotations

from grader.grading.sections import Sections
from grader.notebook.cells import NotebookCell
from grader.notebook.headings import heading_above
from tests.support.traces import run, trace

HEADINGS = ("Exercise 1", "Exercise 2", "Exercise 2", "More")


def sections(of_exercise, headings=HEADINGS):
    sources = [f"x = {index}" for index in range(len(headings))]
    submitted = trace(run(), sources=sources)
    return Sections(submitted, {"slope": of_exercise}, lambda cell: headings[cell])


def test_other_sections_are_elsewhere_for_an_answer_in_its_own():
    assert {0, 3} == sections("Exercise 2").elsewhere("slope", 1)


def test_nothing_is_elsewhere_for_an_answer_in_another_section():
    assert set() == sections("Exercise 2").elsewhere("slope", 3)


def test_nothing_is_elsewhere_without_headings():
    assert set() == sections("", ("", "", "")).elsewhere("slope", 0)


def test_nothing_is_elsewhere_where_the_heading_is_gone():
    assert set() == sections("Exercise 5").elsewhere("slope", 1)


# Sections without code


def tried(*cells: tuple[str, str]) -> list[int]:
    """List the cells that attempt exercise 2, in a notebook with these cells."""
    notebook = [NotebookCell(kind=kind, source=source) for kind, source in cells]
    code = [index for index, cell in enumerate(notebook) if cell.kind == "code" and cell.source]
    submitted = trace(run(), sources=[cell.source for cell in notebook])
    kept = [cell for cell in submitted.cells if cell.cell in code]
    submitted = submitted.model_copy(update={"cells": tuple(kept)})
    found = Sections(
        submitted,
        {"loss": "Exercise 1", "slope": "Exercise 2"},
        lambda cell: heading_above(notebook, cell),
        notebook=notebook,
    )
    return found.cells_of("slope")


FIRST = (("markdown", "# Exercise 1"), ("code", "x = 1"))


def test_a_section_whose_cell_was_emptied_has_no_code():
    assert [] == tried(*FIRST, ("markdown", "# Exercise 2"), ("code", ""))


def test_a_section_without_a_cell_has_no_code():
    assert [] == tried(*FIRST, ("markdown", "# Exercise 2"))


def test_code_below_a_heading_of_the_students_belongs_to_the_exercise_above():
    cells = (*FIRST, ("markdown", "# Exercise 2"), ("markdown", "## My way"), ("code", "y = 2"))
    assert 4 in tried(*cells)


def test_code_anywhere_may_belong_to_an_exercise_without_a_section():
    assert [1] == tried(*FIRST)


def test_a_cell_with_a_syntax_error_is_an_attempt():
    assert [3] == tried(*FIRST, ("markdown", "# Exercise 2"), ("code", "y = (2"))


def test_comments_and_magics_are_no_attempt():
    assert [] == tried(*FIRST, ("markdown", "# Exercise 2"), ("code", "# y = (2\n!pip list\n%time"))
