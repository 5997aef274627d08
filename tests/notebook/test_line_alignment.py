"""Two versions of a notebook, line by line."""

from __future__ import annotations

import pytest

from grader.notebook.cells import NotebookCell
from grader.notebook.line_alignment import align_lines, line_key


def notebook(*sources: str) -> list[NotebookCell]:
    """Cells of a notebook: those that begin with `#` are texts."""
    return [
        NotebookCell(kind="markdown" if source.startswith("#") else "code", source=source)
        for source in sources
    ]


def only_first(first: list[NotebookCell], second: list[NotebookCell]) -> list[str]:
    """List the lines that only the first notebook has."""
    alignment = align_lines(first, second)
    common = {(place.cell, place.line) for place in alignment.common}
    lines = []
    for index, cell in enumerate(first):
        for number, text in enumerate(cell.source.split("\n"), 1):
            if text.strip() and (index, number) not in common:
                lines.append(text)
    return lines


GIVEN = ("# Title", "import torch\nx = torch.ones(3)", "# Sum")


@pytest.mark.parametrize(
    "other",
    [
        (*GIVEN, "s = ...\nprint(s)"),
        ("# Title", "import torch", "x = torch.ones(3)", "# Sum", "print(s)"),
        ("# Sum", "s = ...\nprint(s)", "# Title", "import torch\nx = torch.ones(3)"),
        ("# Title", "import torch\n\nx  =  torch.ones(3)  # three", "# Sum", "print(s)  # it"),
    ],
)
def test_what_only_one_version_has_is_found_however_cells_are_cut(other):
    solved = notebook(*GIVEN, "s = x.sum()\nprint(s)")
    assert ["s = x.sum()"] == only_first(solved, notebook(*other))


def test_lines_of_the_other_version_have_their_place():
    solved = notebook(*GIVEN, "s = x.sum()\nprint(s)")
    alignment = align_lines(solved, notebook(*GIVEN, "s = ...\nprint(s)"))
    assert [("s = ...", 1)] == [(line.text, line.before) for line in alignment.other_lines[3]]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("s = x  # the sum", "s=x"),
        ("s = '#' # the sum", "s='#'"),
        ("  # only a comment", "# only a comment"),
    ],
)
def test_comments_behind_code_do_not_count(line, key):
    assert key == line_key(line, is_code=True)
