"""Which cells run again since they missed a name."""

from __future__ import annotations

import pytest

from grader.running.missed_names import next_served, still_without_a_name
from grader.trace import CellRun, CodeCell

OK = CellRun(cell=1, status="ok")


def missed(name: str, cell: int = 0, *, again: bool = False) -> CellRun:
    message = f"name '{name}' is not defined"
    return CellRun(cell=cell, status="error", error="NameError", message=message, again=again)


def served(*sources: str, runs: list[CellRun]) -> int | None:
    cells = [CodeCell(cell=index, source=source) for index, source in enumerate(sources)]
    cell = next_served(cells, runs)
    return None if cell is None else cell.cell


@pytest.mark.parametrize("giving", ["a = 1", "def a(): ...", "import a", "from b import c as a"])
def test_a_cell_runs_again_as_soon_as_its_name_is_there(giving: str) -> None:
    assert 0 == served("b = a", giving, runs=[missed("a"), OK])


@pytest.mark.parametrize("runs", [[missed("a")], [missed("b"), OK], [OK, missed("a")]])
def test_a_cell_waits_for_its_own_name(runs: list[CellRun]) -> None:
    assert served("b = a", "a = 1", "c = 1", runs=runs) is None


def test_a_cell_runs_again_at_once_only_once() -> None:
    runs = [missed("a"), OK, missed("a", again=True), OK]
    assert served("b = a", "a = 1", runs=runs) is None


def test_a_cell_that_stands_below_another_time_does_not_run_again() -> None:
    assert served("b = a", "a = 1", "b = a", runs=[missed("a"), OK]) is None


def test_a_cell_that_succeeded_when_it_ran_again_lacks_no_name() -> None:
    runs = [missed("a"), OK, CellRun(cell=0, status="ok", again=True)]
    assert (set(), {0}) == (still_without_a_name(runs), still_without_a_name(runs[:2]))
