"""Exercises wait for a person where the machine kept the student's code from running."""

from __future__ import annotations

import pytest

from grader.grading.causes import causes_of
from grader.grading.machine_faults import MachineFaults
from grader.grading.sections import Sections
from grader.trace import CellRun, CodeCell, Run, Trace
from tests.support.traces import happens

SECTIONS = {"loss": "Exercise 1: the loss", "step": "Exercise 2: the step"}

GIVEN = ("", "import wandbx\nx = 1", True)
"""A cell of the handout that fails."""

LOSS = ("Exercise 1: the loss", "loss = x * 2", False)
STEP = ("Exercise 2: the step", "w = x - 1", False)

Cell = tuple[str, str, bool]
"""The heading above it, its source, and whether it is the handout's own."""


def waits(*cells: Cell, sections: dict[str, str] = SECTIONS) -> set[str]:
    """The exercises that wait; the first cell lacks a package, the others lack its names."""
    sources = []
    runs = []
    for index, (_, source, handout) in enumerate(cells):
        sources.append(CodeCell(cell=index, source=source, handout=handout))
        name = "ModuleNotFoundError" if index == 0 else "NameError"
        message = "No module named 'wandbx'" if index == 0 else "name 'x' is not defined"
        runs.append(CellRun(cell=index, status="error", error=name, message=message))
    trace = Trace(cells=tuple(sources), runs=(Run(label="base", cells=tuple(runs)),))
    faults = MachineFaults(causes_of(trace), Sections(trace, sections, lambda cell: cells[cell][0]))
    return {exercise for exercise in SECTIONS if faults.of(exercise)}


def test_what_was_tried_waits() -> None:
    assert {"loss", "step"} == waits(GIVEN, LOSS, STEP)


def test_what_was_not_tried_does_not_wait() -> None:
    empty = (STEP[0], "# your code here", False)
    assert {"loss"} == waits(GIVEN, LOSS, empty)


@pytest.mark.parametrize("source", ["import seaborn", "pass", "'a string'", "", "# import x"])
def test_a_cell_that_does_nothing_is_no_try(source: str) -> None:
    assert set() == waits(GIVEN, (LOSS[0], source, False), (STEP[0], "", True))


def test_a_cell_of_the_handout_is_no_try() -> None:
    assert set() == waits(GIVEN, (LOSS[0], "loss = x", True), (STEP[0], "w = x", True))


def test_headings_are_compared_by_their_words() -> None:
    assert "loss" in waits(GIVEN, ("EXERCISE 1 — The loss", "loss = x", False), STEP)


def test_without_the_headings_all_code_may_be_a_try() -> None:
    assert {"loss", "step"} == waits(GIVEN, ("", "loss = x\nw = x", False))


def test_without_known_sections_all_code_may_be_a_try() -> None:
    assert {"loss", "step"} == waits(GIVEN, LOSS, sections={})


def test_code_for_all_exercises_in_one_place_is_a_try_at_each() -> None:
    everything = "loss = x\nw = x\nfor i in range(3):\n    w = w - x\nprint(w)"
    given = (STEP[0], "print(x)", True)
    assert {"loss", "step"} == waits(GIVEN, (LOSS[0], everything, False), given)


def test_given_statements_beside_a_line_of_ones_own_are_no_try() -> None:
    given = "x = load()\ny = x + 1\nif y:\n    y = 0"
    cells = (
        CodeCell(cell=0, source=f"import wandbx\nwandbx.get()\n{given}"),
        CodeCell(cell=1, source="# your code here", handout=True),
    )
    ended = CellRun(cell=0, status="error", error="ModuleNotFoundError", message="No module named")
    trace = Trace(cells=cells, runs=(Run(label="base", cells=(ended,)),))
    handout = (CodeCell(cell=0, source=given), CodeCell(cell=1, source="# your code here"))
    sections = Sections(trace, {"step": "B"}, lambda cell: "AB"[cell], ("wandbx",), handout)
    assert MachineFaults(causes_of(trace), sections).of("step") is None


def test_a_cell_of_an_exercise_that_ran_by_itself_has_nothing_to_wait_for() -> None:
    cells = (
        CodeCell(cell=0, source="import wandbx\nx = 1"),
        CodeCell(cell=1, source="w = 7"),
    )
    runs = (
        CellRun(cell=0, status="error", error="ModuleNotFoundError", message="No module named 'a'"),
        CellRun(cell=1, status="ok"),
    )
    trace = Trace(cells=cells, runs=(Run(label="base", cells=runs),))
    faults = MachineFaults(
        causes_of(trace), Sections(trace, {"step": "B"}, lambda cell: "AB"[cell])
    )
    assert faults.of("step") is None


def test_a_missing_package_that_was_called_is_named() -> None:
    cell = CodeCell(cell=0, source="loss = wandbx.loss(1)")
    note = happens("note", {}, text="missing-used wandbx", cell=0)
    run = Run(label="base", cells=(CellRun(cell=0, status="ok"),), events=(note,))
    trace = Trace(cells=(cell,), runs=(run,))
    faults = MachineFaults(causes_of(trace), Sections(trace, {"loss": ""}, lambda _: ""))
    lacking = faults.lacking("loss")
    assert (None, "wandbx") == (faults.of("loss"), lacking.what if lacking else "")


@pytest.mark.parametrize(("package", "named"), [("accelerate", "accelerate"), ("wandb", "")])
def test_a_package_that_only_logs_is_left_out_where_asked(package: str, named: str) -> None:
    cell = CodeCell(cell=0, source=f"{package}.start()\nlosses = [2., 2.]")
    note = happens("note", {}, text=f"missing-used {package}", cell=0)
    run = Run(label="base", cells=(CellRun(cell=0, status="ok"),), events=(note,))
    trace = Trace(cells=(cell,), runs=(run,))
    faults = MachineFaults(causes_of(trace), Sections(trace, {"loss": ""}, lambda _: ""))
    lacking = faults.lacking("loss", logging=False)
    assert named == (lacking.what if lacking else "")
