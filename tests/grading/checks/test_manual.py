"""What the check `manual` lays before a person."""

from __future__ import annotations

import pytest

from grader.grading.checks.base import Notebooks
from grader.grading.checks.manual import ManualCheck
from grader.notebook.cells import NotebookCell
from grader.outputs.wording import message_text
from tests.support.traces import exercise

PLOT = exercise("plot", "manual", question="Draw the boundary")


def cells(*sources: str) -> tuple[NotebookCell, ...]:
    """Cells of a notebook; one that begins with `#!` is text."""
    return tuple(
        NotebookCell(kind="markdown", source=source[2:])
        if source.startswith("#!")
        else NotebookCell(kind="code", source=source)
        for source in sources
    )


HANDOUT = cells("#!# Moons", "x = 1", "#!## Boundary\nDraw the boundary.", "...", "#!## End", "...")


def read(*sources: str) -> tuple[str, str, str]:
    """The status, the message, and what a person reads."""
    status, check = ManualCheck().read(PLOT, Notebooks(cells(*sources), HANDOUT))
    return status, check.message.id, "" if check.found is None else check.found.value


def test_code_and_text_below_the_words_are_laid_before_a_person():
    assert ("pending", "manual.to-look-at", "plt.plot(x)\n\nI see a line") == read(
        "#!# Moons",
        "x = 1",
        "#!## Boundary\nDraw the boundary.",
        "plt.plot(x)",
        "#!I see a line",
        "#!## End",
        "y = 2",
    )


@pytest.mark.parametrize("blank", ["...", "", " ... "])
def test_a_section_that_is_as_it_was_is_missing(blank):
    sources = [cell.source for cell in HANDOUT]
    given = [f"#!{source}" if "#" in source else source for source in sources]
    given[3] = blank
    assert ("missing", "manual.blank", "") == read(*given)


def test_without_the_words_all_of_the_students_cells_are_laid_before_a_person():
    assert ("pending", "manual.section-not-found", "plt.plot(x)\n\ny = 2") == read(
        "x = 1", "plt.plot(x)", "y = 2"
    )


def test_people_are_told_how_many_cells_there_are():
    notebooks = Notebooks(
        cells("#!## Boundary\nDraw the boundary.", "plt.plot(x)", "z = 1"), HANDOUT
    )
    _, check = ManualCheck().read(PLOT, notebooks)
    assert "2 cells to look at." == message_text(check.message, "en", "instructor")


def test_a_question_is_needed():
    with pytest.raises(ValueError, match="needs a question"):
        exercise("plot", "manual")
