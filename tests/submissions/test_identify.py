"""Which assignment a notebook belongs to, and what of it is the handout's."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import Assignment, Exercise
from grader.notebook.cells import NotebookCell
from grader.settings import Limits
from grader.submissions.identify import code_cells, heading_of, identify, is_unchanged
from grader.submissions.submission import Submission, submission_at
from tests.support.ipynb import code, markdown, notebook, put

FORWARD = "y_pred = x * w\ne = y_pred - y\nJ = e.pow(2).sum()"
OTHER = "for epoch in range(100):\n    loss = train(model, batch)"


@pytest.fixture
def read(tmp_path):
    """Read a notebook with some content."""

    def read(content: object) -> Submission:
        return submission_at(put(tmp_path / "ana.ipynb", content))

    return read


def assignment(*cells: NotebookCell, name="autograd") -> Assignment:
    exercise = Exercise(id="w", title="w", points=1, check="value")
    return Assignment(
        name=name,
        folder=Path(name),
        title=name,
        language="pt",
        limits=Limits(),
        exercises=(exercise,),
        handout=cells,
        version="1",
    )


def cell(source: str, kind="code") -> NotebookCell:
    return NotebookCell(kind=kind, source=source)


def test_a_notebook_belongs_to_the_assignment_whose_cells_it_holds(read):
    mine, other = assignment(cell(FORWARD)), assignment(cell(OTHER), name="cnn")
    submission = read(notebook(code(f"import torch\n{FORWARD}\nprint(J)")))
    assert (mine, 1.0) == identify(submission, [other, mine])


def test_headings_count_less_than_cells(read):
    by_heading = assignment(cell(OTHER), cell("# Grafo computacional", "markdown"), name="cnn")
    by_cell = assignment(cell(FORWARD), cell("# Outro título", "markdown"))
    submission = read(notebook(markdown("## Grafo Computacional"), code(FORWARD)))
    assert (by_cell, 0.8) == identify(submission, [by_heading, by_cell])


def test_of_equally_similar_assignments_the_first_is_taken(read):
    first, second = assignment(cell(OTHER)), assignment(cell(FORWARD), name="second")
    assert (first, 0.0) == identify(read(notebook(code())), [first, second])


def test_the_whole_handout_is_as_similar_as_can_be(read):
    handout = assignment(cell(FORWARD), cell("# Título", "markdown"), cell("w"))
    assert identify(read(notebook(markdown("# Título"), code(FORWARD))), [handout])[
        1
    ] == pytest.approx(1.0)


def test_a_notebook_that_differs_in_white_space_is_unchanged(read):
    submission = read(
        notebook(code("y_pred = x * w\n\n e  = y_pred - y\nJ = e.pow(2).sum()\n"), code(" "))
    )
    assert is_unchanged(submission, assignment(cell(FORWARD), cell("# Título", "markdown")))


@pytest.mark.parametrize("own", [code("w.grad"), markdown("Porque sim.")])
def test_a_notebook_with_a_cell_of_the_students_own_is_changed(read, own):
    assert not is_unchanged(read(notebook(code(FORWARD), own)), assignment(cell(FORWARD)))


def test_code_cells_keep_their_index_and_know_the_handouts(read):
    submission = read(notebook(markdown(), code(f"{FORWARD}\n\n"), code("  \n"), code("w.grad")))
    cells = code_cells(submission, assignment(cell(FORWARD)))
    assert [(1, True), (3, False)] == [(item.cell, item.handout) for item in cells]


def test_a_cell_that_is_put_back_stands_in_its_place_with_an_index_after_the_last(read):
    given = assignment(cell("# Dados", "markdown"), cell("x = 1"))
    submission = read(notebook(markdown("# Dados"), code("w = x * 2")))
    restored, own = code_cells(submission, given)
    assert (2, "x = 1", True, ("x",)) == (
        restored.cell,
        restored.source,
        restored.handout,
        restored.restored,
    )
    assert (1, ()) == (own.cell, own.restored)
    assert ["", "Dados"] == [heading_of(submission, item.cell) for item in (restored, own)]
