"""Which code runs once more for functions to be called, where a kernel ended."""

from __future__ import annotations

import asyncio

import pytest

from grader.job import Question
from grader.running.kernel_restart import definitions_in, to_define_functions, without_unfinished
from grader.running.session import Session
from grader.trace import CellRun, CodeCell, Trace
from tests.support import forks
from tests.support.recording import at
from tests.support.running import job, statuses

FUNCTION = "def f(a):\n    return a * 2"
END = "import os\nos._exit(0)"
CELLS = (
    CodeCell(cell=0, source="a = 1"),
    CodeCell(cell=2, source=f"{FUNCTION}\n\n{END}"),
    CodeCell(cell=3, source=FUNCTION.replace("f(", "g(")),
    CodeCell(cell=4, source="b = a"),
)
RUNS = (
    CellRun(cell=0, status="error"),
    CellRun(cell=2, status="died"),
    CellRun(cell=3, status="not_run"),
    CellRun(cell=4, status="not_run"),
)
ASKED = Question(exercise="f", function="f", calls=("1", "2"))


def test_only_definitions_and_imports_are_kept_and_each_in_its_line():
    source = "import os\nos._exit(0)\n\n@same\ndef f(a):\n    return a\nb = f(1)\ng = lambda: 1"
    kept = "import os\n\n\n@same\ndef f(a):\n    return a\n\ng = lambda: 1"
    assert kept == definitions_in(source)


@pytest.mark.parametrize("source", ["a = 1", "import os", "f(", "!kill -9 1"])
def test_a_cell_without_a_definition_gives_nothing(source):
    assert "" == definitions_in(source)


def test_in_a_new_kernel_cells_that_ended_run_whole_and_of_the_others_what_they_define():
    assert [
        (0, "a = 1"),
        (2, f"{FUNCTION}\n\nimport os\n"),
        (3, "def g(a):\n    return a * 2"),
    ] == to_define_functions(CELLS, RUNS, anew=True)


def test_in_the_kernel_in_use_only_what_did_not_run_is_defined():
    assert [3] == [cell for cell, _ in to_define_functions(CELLS, RUNS, anew=False)]


def test_a_cell_that_ended_the_kernel_is_not_run_again():
    order = [(cell.cell, cell.source) for cell in CELLS]
    assert [0] == [cell for cell, _ in without_unfinished(order, RUNS)]


def asked(*cells: str) -> Trace:
    """Run cells, then call the function `f`."""
    with_question = job(*cells, cell_timeout_s=5).model_copy(update={"questions": (ASKED,)})

    async def run() -> Trace:
        async with Session(with_question, forks.shared().launch) as session:
            await session.run_cells()
            await session.ask()
        return session.trace()

    return asyncio.run(run())


def answers(trace: Trace) -> list[list[float]]:
    """List what each call gave."""
    runs = [trace.run(label) for label in ASKED.labels]
    return [at(list(run.events), "f") if run else [] for run in runs]


@pytest.mark.kernel
@pytest.mark.parametrize(
    "cells",
    [(FUNCTION, "a = 1", END), (END, "a = 1", FUNCTION), (f"{FUNCTION}\n{END}", "a = 1")],
    ids=["before", "after", "in the same cell"],
)
def test_a_function_is_called_though_a_cell_ended_the_kernel(cells):
    trace = asked(*cells)
    assert ([[2.0], [4.0]], True) == (answers(trace), "died" in statuses(trace))
    listed = trace.run(ASKED.found)
    assert "def f(a):" in trace.cells[listed.events[0].cell].source


@pytest.mark.kernel
def test_what_ran_for_a_function_alone_is_recorded_once():
    trace = asked("a = 1.5", FUNCTION, END)
    assert [1.5] == at(list(trace.base.events), "a")


@pytest.mark.kernel
def test_a_cell_that_asks_for_a_restart_ends_nothing():
    trace = asked(FUNCTION, "get_ipython().kernel.do_shutdown(True)", "after = 2.5")
    assert (["ok"] * 3, [2.5]) == (statuses(trace), at(list(trace.base.events), "after"))


@pytest.mark.kernel
def test_cells_that_build_on_each_other_from_below_run_until_all_have_their_names():
    trace = asked("c = b + 1", "b = a + 1", "a = 1", "never", FUNCTION)
    again = [run.cell for run in trace.base.cells if run.again]
    assert ([3.0], [1, 0, 3]) == (at(list(trace.base.events), "c"), again)
