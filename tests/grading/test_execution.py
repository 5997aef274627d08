"""A report says how a notebook ran."""

from __future__ import annotations

import pytest

from grader.grading.execution import MAX_SKIPPED, execution
from grader.grading.search import Values
from grader.trace import CellRun, CodeCell, Event
from tests.support.traces import (
    happens,
    run,
    trace,
)


def ran(*cells: CellRun, events: tuple[Event, ...] = (), **fields):
    return execution(Values(trace(run(*events, ended=cells), **fields)), lambda cell: "")


def test_problems_are_listed_by_cell():
    made = ran(
        CellRun(cell=0, status="ok"),
        CellRun(cell=1, status="error", error="NameError", message="x"),
    )
    assert [(1, "error", "NameError")] == [
        (one.where.cell, one.status, one.error) for one in made.problems
    ]


def test_a_cell_that_ended_well_the_second_time_is_no_problem():
    made = ran(
        CellRun(cell=0, status="error", error="NameError"), CellRun(cell=0, status="ok", again=True)
    )
    assert ((), (0,), 1) == (made.problems, made.again, made.cells)


def test_a_cell_that_never_had_its_name_is_not_one_that_was_out_of_order():
    missed = CellRun(cell=0, status="error", error="NameError")
    again = missed.model_copy(update={"again": True})
    later = CellRun(cell=1, status="ok", again=True)
    assert (1,) == ran(missed, again, again, later).again


@pytest.mark.parametrize("status", ["died", "timeout", "flooded"])
def test_what_ended_a_cell_is_said(status):
    made = ran(CellRun(cell=2, status=status, seconds=8.04))
    assert (f"ended.{status}", {"cell": 2, "seconds": 8.0}) == (made.ended.id, made.ended.params)


def test_the_end_of_a_notebooks_time_is_said():
    made = ran(CellRun(cell=2, status="not_run", error="notebook-timeout"), seconds=120.04)
    assert ("ended.notebook-timeout", {"cell": 2, "seconds": 120.0}) == (
        made.ended.id,
        made.ended.params,
    )


def test_nothing_ended_a_notebook_that_ran_through():
    assert ran(CellRun(cell=0, status="error")).ended is None


def test_cells_that_were_put_back_are_said_with_what_is_needed_of_them():
    made = trace(run())
    cells = (
        CodeCell(cell=7, source="x = 1", handout=True, restored=("torch", "x")),
        CodeCell(cell=8, source="y = x", handout=True, restored=("x", "y")),
    )
    notes = execution(Values(made.model_copy(update={"cells": cells})), lambda cell: "").notes
    assert [("note.restored", {"what": "torch, x, y"})] == [(n.id, n.params) for n in notes]


def test_skipped_commands_are_listed_once():
    skipped = happens("skipped", {}, text="!pip install torchviz")
    assert ("!pip install torchviz",) == ran(events=(skipped, skipped)).skipped


def test_a_forged_list_of_skipped_commands_is_cut():
    many = tuple(happens("skipped", {}, text=f"{count} " + "x" * 10_000) for count in range(1_000))
    skipped = ran(events=many).skipped
    assert (MAX_SKIPPED, 200) == (len(skipped), max(map(len, skipped)))


def test_random_weights_and_a_full_recorder_are_noted():
    note = happens("note", {}, text="random-weights: resnet18")
    assert ["note.random-weights", "note.truncated"] == [
        one.id for one in ran(events=(note,), truncated=True).notes
    ]
