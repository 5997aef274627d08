"""What the terminal shows of a story: lines with what stands beside them, at several widths."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.notebook.cells import NotebookCell
from grader.outputs.story.story import tell
from grader.outputs.terminal.story import story_view
from grader.report import Evidence, Execution, Flag, Message, Where
from grader.submissions.submission import Submission
from grader.trace import CellRun
from tests.outputs.terminal.test_tables import HOSTILE, shown
from tests.support.reports import ZEROED, exercise, not_graded, submission, unsealed
from tests.support.traces import gradient, happens, prints, run, sets, shows, tensor, trace

CELL = """\
w = torch.ones(1, requires_grad=True)
J = (x * w - y).pow(2).sum()
J.backward()

w.grad.data.zero_()
lr = 0.1
w.data = w.data - lr * w.grad.data
print((J_new - J).data.numpy())"""
STEP = (
    sets("w", tensor(1), line=1, cell=2),
    sets("J", tensor(14), line=2, cell=2),
    gradient("w", tensor(-28), line=3, cell=2),
    shows(tensor(0), line=5, cell=2),
    sets("lr", 0.1, "", line=6, cell=2),
    sets("w", tensor(1), line=7, cell=2),
    prints("0.0\n", line=8, cell=2),
)
FOUND = Evidence(where=Where(cell=2, line=7), name="w", value="1")
SOURCES = ("import torch", "# Atividades", CELL)


def submitted(*sources, saved=(), counts=()):
    cells = tuple(
        NotebookCell(kind="markdown" if s.startswith("# ") else "code", source=s) for s in sources
    )
    return Submission(
        "0a", "ana", "a.ipynb", Path("a.ipynb"), "00", cells, tuple(saved), tuple(counts)
    )


def view(recorded, result, *, language="en", saved=(), counts=()):
    sources = [cell.source for cell in recorded.cells]
    text = tell(recorded, submitted(*sources, saved=saved, counts=counts), result)
    return story_view(text, result, language, title="Autograd")


def zeroed():
    step = exercise("gradient-step", "partial", 0.5, found=FOUND, mistakes=(ZEROED,))
    lost = exercise("loss-decrease", "missing", 0.0, message=Message(id="value.absent"))
    return submission("Ana Exemplo").model_copy(update={"exercises": (step, lost)})


def zeroed_trace(**fields):
    ended = [CellRun(cell=0, status="ok")]
    return trace(run(*STEP, ended=ended), sources=SOURCES, handout=[0], **fields)


GOLDEN = """\
Autograd
Ana Exemplo
ana-exemplo.ipynb · 10 of 12 points · 2 points pending review

◐ Um passo do gradiente descendente  1.5/3  [3], line 7  gradient zeroed before
                                                         the step
– Mudança da perda depois do passo   0/2    –            answer not found

[1] 1 cell from the handout, unchanged

[3] Atividades
  1 w = torch.ones(1, requires_grad=True) │ w = 1
  2 J = (x * w - y).pow(2).sum()          │ J = 14
  3 J.backward()                          │ w.grad = -28
  5 w.grad.data.zero_()                   │ → 0
  6 lr = 0.1                              │ lr = 0.1
◐ 7 w.data = w.data - lr * w.grad.data    │ w = 1
                                          │ ◐ Um passo do gradiente descendente
                                          │   gradient zeroed before the step
  8 print((J_new - J).data.numpy())       │ » 0.0
"""


def test_a_story_fits_eighty_columns():
    assert GOLDEN == shown(view(zeroed_trace(), zeroed()), 80)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal(width):
    wide = trace(
        run(*STEP, prints("漢字" * 200, line=1, cell=2)),
        sources=(*SOURCES[:2], CELL + " # " + "漢" * 99),
    )
    assert [] == [
        line for line in shown(view(wide, zeroed()), width).split("\n") if cell_len(line) > width
    ]


@pytest.mark.parametrize("width", [50, 60, 70])
def test_points_are_whole_however_narrow_the_terminal(width):
    assert "1.5/3  [3], line 7" in shown(view(zeroed_trace(), zeroed()), width)


def test_what_a_cell_as_a_whole_decided_has_no_line():
    found = Evidence(where=Where(cell=2), name="w", value="1")
    result = submission("Ana").model_copy(
        update={"exercises": (exercise("gradient-step", found=found),)}
    )
    text = shown(view(zeroed_trace(), result), 80)
    assert ("3/3  [3]\n" in text, "\n  ✓ Um passo do gradiente descendente: w = 1\n" in text) == (
        True,
        True,
    )


def body(recorded, result=None, *, width=80, **more):
    """The cells of a story, without what stands above."""
    result = result or submission("Ana").model_copy(update={"exercises": ()})
    return shown(view(recorded, result, **more), width).split("\n\n", 1)[1]


def test_the_passes_of_a_loop_are_told_apart():
    source = "for i in range(50):\n    w = w - 1"
    end = happens(
        "value", {"w": -49, "i": 49}, assigned=("i", "w"), turn="last", line=1, end_line=2
    )
    recorded = trace(
        run(sets("w", 0, line=2), sets("w", -1, line=2, turn="2"), end), sources=[source]
    )
    assert (
        "[1]\n"
        "  1 for i in range(50): │ last i = 49\n"
        "  2     w = w - 1       │ 1st w = 0\n"
        "                        │ 2nd w = -1\n"
        "                        │ last w = -49\n"
    ) == body(recorded)


def test_a_pass_that_left_the_same_as_the_last_is_told_with_it():
    end = happens("value", {"w": -1}, assigned=("w",), turn="last", line=1, end_line=2)
    recorded = trace(
        run(sets("w", 0, line=2), sets("w", -1, line=2, turn="2"), end),
        sources=["for i in r:\n    w -= 1"],
    )
    assert "2ª, últ. w = -1\n" in body(recorded, language="pt")


def test_printed_lines_stand_below_each_other():
    recorded = trace(run(prints("a\nb\nc\nd\ne")), sources=["f()"])
    assert ["│ » a", "│ » b", "│ » c … 2 more"] == [
        line[line.find("│") :] for line in body(recorded).split("\n")[1:4]
    ]


def test_values_that_do_not_fit_stand_on_several_rows():
    values = {f"name{number}": float(number) for number in range(4)}
    recorded = trace(run(happens("value", values, assigned=tuple(values))), sources=["f()"])
    assert ["│ name0 = 0", "│ name1 = 1"] == [
        line[line.find("│") :] for line in body(recorded, width=40).split("\n")[1:3]
    ]


def test_a_line_of_a_function_of_another_cell_is_marked():
    inside = sets("v", 1, cell=1, line=1, scope="step", source="v = w - g")
    text = body(trace(run(inside, sets("w", 1, cell=1)), sources=["def step(): ...", "w = step()"]))
    assert "  1 w = step()        │ w = 1\n    ↳ step: v = w - g │ v = 1\n" in text


def test_an_error_stands_at_the_end_of_its_cell():
    ended = [CellRun(cell=0, status="error", error="NameError", message="name 'lr' is not defined")]
    assert "[1]\n  1 w = lr           │\n  NameError: name 'lr' is not defined\n" == body(
        trace(run(ended=ended), sources=["w = lr"])
    )


@pytest.mark.parametrize(
    ("status", "limit", "text"),
    [
        (
            "timeout",
            "",
            "Cell 1 was ended after 30.1 seconds, at the time limit; what came before was graded.",
        ),
        ("died", "", "The kernel ended in cell 1; what came before was graded."),
        (
            "died",
            "memory",
            "The kernel was ended in cell 1, because it used more memory than allowed",
        ),
        ("flooded", "", "Cell 1 wrote too much output and was ended."),
        (
            "error",
            "disk",
            "Cell 1 reached the disk limit and ended in an error; later cells ran.",
        ),
    ],
)
def test_what_ended_a_cell_is_told_at_the_cell(status, limit, text):
    ended = [CellRun(cell=0, status=status, limit=limit, seconds=30.12)]
    assert text in " ".join(body(trace(run(ended=ended), sources=["w = 1"])).split())


def test_cells_after_the_end_are_counted():
    ended = [
        CellRun(cell=0, status="died"),
        *(CellRun(cell=cell, status="not_run") for cell in (1, 2)),
    ]
    assert body(trace(run(ended=ended), sources=["w = 1"] * 3)).endswith(
        "[2]–[3] 2 cells were not run after that.\n"
    )


def test_a_cell_that_ran_again_is_told_twice():
    ran = run(sets("w", 1)).model_copy(
        update={
            "cells": (
                CellRun(cell=0, status="error", error="NameError"),
                CellRun(cell=1, status="ok"),
                CellRun(cell=0, status="ok", again=True),
            )
        }
    )
    text = body(trace(ran, sources=["w = lr", "lr = 1"]))
    assert [
        "[1] · ran again later, see there",
        "[2]",
        "[1] · again, after its names were defined",
    ] == [line for line in text.split("\n") if line.startswith("[")]


def test_a_command_that_was_not_run_is_told_at_its_line():
    recorded = trace(
        run(happens("skipped", {}, text="pip install x", line=0)), sources=["!pip install x"]
    )
    assert "  1 !pip install x   │ not run\n" in body(recorded)


def test_random_weights_are_told_at_their_cell():
    recorded = trace(
        run(happens("note", {}, text="random-weights ResNet18", line=0)), sources=["resnet18(True)"]
    )
    assert "  The pretrained weights were not downloaded: the network has random weights" in body(
        recorded
    )


def test_a_saved_output_that_a_fresh_run_contradicts_stands_at_its_cell_with_both_values():
    recorded = trace(run(sets("w", 1), prints("14.0", cell=1)), sources=["w = 1", "print(J)"])
    text = body(recorded, saved=("", "45.36"), counts=(9, 7), width=140)
    assert (
        "  ⚑ The file contains 45.36 (In [7]), a fresh run gives 14.0. In [9] stands above In [7]: "
        "the cells were not run from top to bottom."
    ) in text


def test_a_saved_output_without_an_execution_count_is_told():
    recorded = trace(run(prints("14.0")), sources=["print(J)"])
    assert "contains 45.36 (In [ ]), a fresh run gives 14.0.\n" in body(
        recorded, saved=("45.36",), counts=(None,)
    )


def test_stale_outputs_are_told_once():
    flag = Flag(
        id="not-reproducible",
        message=Message(id="flag.not-reproducible", params={"saved": 1, "fresh": 2}),
    )
    result = submission("Ana", flags=(flag,))
    recorded = trace(run(prints("14.0")), sources=["print(J)"])
    assert [1, 1] == [
        body(recorded, result, saved=(saved,)).count("The file contains")
        for saved in ("45.36", "14.0")
    ]


def test_a_flag_stands_at_the_line_it_speaks_of():
    flag = Flag(
        id="does-not-follow-data",
        message=Message(id="flag.does-not-follow-data"),
        evidence=(FOUND,),
    )
    result = submission("Ana").model_copy(
        update={
            "exercises": (exercise("gradient-step", "failed", 0.0, found=FOUND, flags=(flag,)),)
        }
    )
    assert "│   ⚑ hard-coded" in shown(view(zeroed_trace(), result), 80)


def test_a_value_that_has_no_name_is_told_with_what_it_decided():
    printed = Evidence(where=Where(cell=2, line=8), value="0.000001")
    result = submission("Ana").model_copy(
        update={"exercises": (exercise("loss-decrease", found=printed),)}
    )
    assert "✓ Mudança da perda depois do passo: 0.000001" in shown(
        view(zeroed_trace(), result), 120
    )


def test_how_much_was_left_out_is_told():
    recorded = trace(run(*[sets("a", float(number)) for number in range(1_000)]), sources=["a = 1"])
    assert body(recorded).endswith("⚑ 992 of 1000 events left out.\n")


def test_a_record_that_reached_its_limit_is_told():
    result = submission("Ana", execution=Execution(notes=(Message(id="note.truncated"),)))
    assert "The record of the run reached its limit" in body(
        trace(run(sets("w", 1)), sources=["w = 1"]), result
    )


def test_a_submission_that_did_not_run_says_why():
    result = not_graded("Ana", "unreadable", "unreadable.empty")
    assert "The file is empty." in shown(view(trace(sources=()), result))


def test_an_unsealed_run_stands_above():
    text = shown(view(trace(sources=()), unsealed("Ana")))
    assert "Not sandboxed: these notebooks ran with your rights." == text.split("\n")[0]


def test_colours_are_for_a_terminal_only():
    text = view(zeroed_trace(), zeroed())
    coloured = shown(text, force_terminal=True, color_system="standard")
    assert (True, False) == ("\x1b[33m◐" in coloured, "\x1b" in shown(text))


def test_what_a_student_wrote_is_harmless():
    clean = HOSTILE.replace("\ud800", "")
    values = {f"d[{clean!r}]"[:200]: clean, clean: clean}
    events = (
        happens("value", values, assigned=(clean,), source="x"),
        prints(clean),
        happens("note", {}, text=clean, line=0),
        happens("skipped", {}, text=clean, line=0),
        sets("v", clean, scope=clean, source=clean, line=9),
    )
    ended = [CellRun(cell=1, status="error", error=clean, message=clean)]
    recorded = trace(run(*events, ended=ended), sources=[f"\t{clean}", clean])
    found = Evidence(where=Where(cell=0, line=1), name=clean, value=clean)
    result = submission(
        clean, file=clean, exercises=(exercise("w-grad", title=clean, found=found),)
    )
    text = shown(view(recorded, result, saved=("", clean)), 200)
    odd = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert ([], True) == (odd, "[bold red]A" in text)
