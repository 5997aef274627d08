"""Long texts are broken behind signs, and a part that has none where the column ends."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from grader.outputs.safe_text import WrappedText

PATH = "Alice Example_1234567_assignsubmission_file_/my-final_notebook.ipynb"


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, [PATH]),
        (44, ["Alice Example_1234567_assignsubmission_file_", "/my-final_notebook.ipynb"]),
        (30, ["Alice Example_1234567_", "assignsubmission_file_/my-", "final_notebook.ipynb"]),
        (
            10,
            [
                "Alice ",
                "Example_",
                "1234567_",
                "assignsubm",
                "ission_",
                "file_/my-",
                "final_",
                "notebook.i",
                "pynb",
            ],
        ),
    ],
)
def test_a_path_is_broken_behind_its_signs(width, lines):
    assert lines == list(WrappedText(PATH).lines(width))


@pytest.mark.parametrize("text", [PATH, "", "a", "/", "a  b--c//", "日本語" * 20])
@pytest.mark.parametrize("width", [2, 7, 30])
def test_no_letter_is_lost(text, width):
    assert text == "".join(WrappedText(text).lines(width))


def test_a_table_gives_it_no_more_room_than_it_needs():
    table = Table(box=None, padding=0, pad_edge=False)
    table.add_column()
    table.add_column()
    table.add_row(WrappedText("short/path"), "beside")
    out = io.StringIO()
    Console(file=out, width=60).print(table, end="")
    assert "short/pathbeside" == out.getvalue().strip()
