"""No notebook is read that holds more than any honest one does."""

from __future__ import annotations

import pytest

from grader.errors import SubmissionUnreadable
from grader.notebook.bounds import (
    MAX_CELLS,
    MAX_MARKS,
    MAX_TEXT_MIB,
    MIB,
    check_count,
    check_parts,
    check_text,
    without_pictures,
)
from grader.notebook.cells import NotebookCell

PICTURE = "![](data:image/png;base64," + "iVBORw0KGgo" * 400_000 + ")"


def code(source: str) -> NotebookCell:
    return NotebookCell(kind="code", source=source)


def text(source: str) -> NotebookCell:
    return NotebookCell(kind="markdown", source=source)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([text("a" * (MAX_TEXT_MIB * MIB + 1))], "unreadable.too-much-text"),
        ([text("a" * MIB)] * 3, "unreadable.too-much-text"),
        ([code("-" * (MAX_MARKS + 1))], "unreadable.too-much-text"),
        ([code("a = 1\n")] * MAX_MARKS, "unreadable.too-much-text"),
    ],
)
def test_more_code_or_text_than_a_notebook_has_is_refused(cells, reason):
    with pytest.raises(SubmissionUnreadable) as caught:
        check_text(cells)
    assert reason == caught.value.reason


@pytest.mark.parametrize("source", ['data = "' + "x" * 3_000_000 + '"', "título = 1\n" * 5_000])
def test_much_data_in_code_is_read(source):
    check_text([code(source)])


def test_more_cells_than_a_notebook_has_are_refused():
    check_count(MAX_CELLS)
    with pytest.raises(SubmissionUnreadable):
        check_count(MAX_CELLS + 1)


@pytest.mark.parametrize("data", [b"{" * 200_001, b"[" * 200_001, b"," * 3_000_001])
def test_a_file_of_too_many_parts_is_refused(data):
    with pytest.raises(SubmissionUnreadable):
        check_parts(data)


def test_pictures_in_text_do_not_count():
    cells = [without_pictures(text(f"Gráfico: {PICTURE}"))] * 9
    check_text(cells)
    assert "Gráfico: ![](data:image/png;base64,)" == cells[0].source


def test_what_looks_like_a_picture_in_code_stays():
    cell = code(f"shown = '{PICTURE}'")
    assert cell is without_pictures(cell)
