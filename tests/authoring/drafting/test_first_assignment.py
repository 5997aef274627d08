"""The page on a first assignment: its notebooks give the screens that it shows."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli.main import cli
from tests.support.solved_notebooks import code, notebook, text, write

PAGE = (Path(__file__).parents[3] / "docs/first-assignment.md").read_text("utf-8")

Cell = dict[str, Any]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def cells_in(block: str) -> list[Cell]:
    """Return the cells of a notebook that the page shows as a script."""
    cells = []
    for part in re.split(r"^# %%", block, flags=re.MULTILINE)[1:]:
        kind, _, source = part.partition("\n")
        is_text = "markdown" in kind
        uncommented = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
        cells.append(text(uncommented) if is_text else code(source))
    return cells


def handed_out(solved: Sequence[Cell], blanks: Sequence[Cell]) -> Iterator[Cell]:
    """Put the cells of the handout, each below its heading, in place of the answers."""
    by_heading = dict(zip([_first_line(cell) for cell in blanks[::2]], blanks[1::2], strict=True))
    heading = ""
    for cell in solved:
        yield by_heading.get(heading, cell)
        heading = _first_line(cell)


def _first_line(cell: Cell) -> str:
    return str(cell["source"]).split("\n", maxsplit=1)[0]


@pytest.mark.kernel
def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    solved_block, handout_block = blocks("python")[:2]
    solved = cells_in(solved_block)
    write(tmp_path, notebook(solved), "solved.ipynb")
    handout = list(handed_out(solved, cells_in(handout_block)))
    write(tmp_path, notebook(handout), "exercises.ipynb")

    new = "new lab-3 solved.ipynb --handout exercises.ipynb --quick"
    made = CliRunner().invoke(cli, new.split())
    assert "\n".join(blocks("text")[:2]).splitlines() == shown(made.stdout)

    students = tmp_path / "exercises/lab-3/lab-3.ipynb"
    assert (tmp_path / "exercises.ipynb").read_bytes() == students.read_bytes()

    (tmp_path / "submissions/ana").mkdir(parents=True)
    shutil.copy("solved.ipynb", tmp_path / "submissions/ana/lab-3.ipynb")
    grade = "submissions/ --assignment lab-3 --sandbox none --trust"
    assert 0 == CliRunner().invoke(cli, grade.split()).exit_code
    (submission,) = json.loads((tmp_path / "grades/report.json").read_text("utf-8"))["submissions"]
    assert submission["max_points"] == submission["points"]


def shown(output: str) -> list[str]:
    """Return the lines of a screen, without the space behind them, and without blank ones at it."""
    return "\n".join(line.rstrip() for line in output.strip().splitlines()).splitlines()
