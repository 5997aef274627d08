"""The heading above a cell is the nearest one, and safe to show."""

from __future__ import annotations

import pytest

from grader.notebook.cells import NotebookCell
from grader.notebook.headings import heading_above


def cell(source: str, kind="code") -> NotebookCell:
    return NotebookCell(kind=kind, source=source)


CELLS = (
    cell("texto", "markdown"),
    cell("# Um\ntexto\n## **Dois** ##", "markdown"),
    cell("# comentário"),
    cell("```\n# cercado\n```\n#hashtag-title\n####### sete", "markdown"),
)


@pytest.mark.parametrize(
    ("index", "heading"),
    [(0, ""), (1, "Dois"), (2, "Dois"), (3, "hashtag-title"), (99, "hashtag-title")],
)
def test_the_heading_above_a_cell_is_the_nearest_one(index, heading):
    assert heading == heading_above(CELLS, index)


def test_a_heading_cannot_act_on_the_terminal_and_is_bounded():
    shown = heading_above(
        [cell("# \x1b[31mUm" + " longo" * 10_000 + " " * 100_000 + "x", "markdown")], 0
    )
    assert ("Um longo", 200) == (shown[:8], len(shown))
