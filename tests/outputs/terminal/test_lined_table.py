"""Tables of which only the last column is wrapped."""

from __future__ import annotations

import pytest
from rich.text import Text

from grader.outputs.terminal.lined_table import LinedTable
from grader.outputs.terminal.tables import as_plain_text

HEADINGS = ("name", "first-\nexercise", "notes")


def lines(*rows: tuple[str, str, str]) -> list[str]:
    """What is printed, without spaces at the ends of lines."""
    headings = [Text(heading) for heading in HEADINGS]
    table = LinedTable(headings, [[Text(cell) for cell in row] for row in rows])
    return [line.rstrip() for line in as_plain_text(table).splitlines()]


def test_headings_stand_at_the_foot_above_a_rule():
    assert ["      first-", "name  exercise  notes", "─" * 23, "Ana   ✓         nothing"] == lines(
        ("Ana", "✓", "nothing")
    )


def test_a_name_in_several_lines_makes_a_row_of_several_lines():
    *_, first, second = lines(("Ana-\nMaria", "✓", "x"))
    assert ["Ana-   ✓         x", "Maria"] == [first, second]


def test_only_the_last_column_is_wrapped_to_the_width():
    printed = lines(("Ana", "✓", "word " * 40))
    assert (100, 3) == (max(map(len, printed)), sum("word" in line for line in printed))


@pytest.mark.parametrize("name", ["日本", "José", "a\u0301na"])
def test_cells_stand_below_each_other_whatever_the_script(name):
    *_, row, other = lines((name, "✓", "x"), ("someone", "✓", "x"))
    before, _, _ = row.partition("✓")
    cells = Text(before).cell_len
    assert other.index("✓") == cells
