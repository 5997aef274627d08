"""How cells of a solved notebook fail, told by what they lack."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.failures import FailedCell, unexpected_failures
from grader.trace import CellRun, Event, Run
from tests.authoring.drafting.proposals.notebooks import answer_cell, given_cell

STAR = "from grid_search import *"


def failures(sources: list[str], run: CellRun, note: str) -> tuple[FailedCell, ...]:
    cells = [given_cell(source) for source in sources[:-1]] + [answer_cell(sources[-1])]
    missing = Event(run="base", kind="note", cell=0, line=1, text=note)
    return unexpected_failures(cells, Run(label="base", cells=(run,), events=(missing,)))


@pytest.mark.parametrize(
    ("first", "error", "message", "told"),
    [
        (STAR, "NameError", "name 'search' is not defined", "ModuleNotFoundError"),
        ("import grid_search", "NameError", "name 'search' is not defined", "NameError"),
        (STAR, "ZeroDivisionError", "division by zero", "ZeroDivisionError"),
    ],
)
def test_a_name_of_a_missing_module_is_told_as_the_module(
    first: str, error: str, message: str, told: str
) -> None:
    run = CellRun(cell=1, status="error", error=error, message=message)
    [failure] = failures([first, "search(3)"], run, "missing grid_search")
    assert told == failure.error
    assert (told == "ModuleNotFoundError") == ("'grid_search'" in failure.message)
