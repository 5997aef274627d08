"""The story of a submission: cells, their order, decisions, and contradicted outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.notebook.cells import NotebookCell
from grader.outputs.story.runs import runs_of
from grader.outputs.story.saved import Saved, disorder
from grader.outputs.story.story import (
    MAX_STORY_LINES,
    CellStory,
    Folded,
    tell,
)
from grader.report import Evidence, Flag, Message, Where
from grader.submissions.submission import Submission
from grader.trace import CellRun
from tests.support.reports import exercise
from tests.support.reports import submission as graded
from tests.support.traces import prints, run, sets, shows, tensor, trace


def submission(*sources, saved=(), counts=()):
    cells = tuple(
        NotebookCell(kind="markdown" if "#" in source else "code", source=source)
        for source in sources
    )
    return Submission(
        "0a", "ana", "a.ipynb", Path("a.ipynb"), "00", cells, tuple(saved), tuple(counts)
    )


def story(recorded, *results, submitted=None):
    submitted = submitted or submission(*(cell.source for cell in recorded.cells))
    return tell(recorded, submitted, graded("Ana").model_copy(update={"exercises": results}))


def parts(recorded, *results, submitted=None):
    """Return the number of each cell that is told, or why some are not."""
    result = story(recorded, *results, submitted=submitted).parts
    return [(part.why, *part.cells) if isinstance(part, Folded) else part.cell for part in result]


def evidence(cell, line=1, name="w", value="3.8"):
    return Evidence(where=Where(cell=cell, line=line), name=name, value=value)


def decided(result):
    """Cell, line and exercise of each decision."""
    cells = [part for part in result.parts if isinstance(part, CellStory)]
    return [
        (part.cell, line.line.number, decision.exercise.id)
        for part in cells
        for line in part.lines
        for decision in line.decisions
    ]


# Which cells


def test_cells_are_told_in_the_order_they_ran():
    assert [0, 1] == parts(
        trace(run(sets("w", 1), sets("v", 2, cell=1)), sources=["w = 1", "v = 2"])
    )


def test_cells_of_the_handout_are_told_in_one_line():
    ran = run(*(sets("w", 1, cell=cell) for cell in range(3)))
    assert [("handout", 0, 1), 2] == parts(trace(ran, sources=["w = 1"] * 3, handout=[0, 1]))


def test_a_cell_of_the_handout_that_decided_something_is_told():
    ran = trace(run(sets("w", 3.8)), sources=["w = 1"], handout=[0])
    assert [0] == parts(ran, exercise("gradient-step", found=evidence(0)))


def test_a_cell_of_the_handout_that_raised_is_told():
    ended = [CellRun(cell=0, status="error", error="NameError")]
    assert [0] == parts(trace(run(ended=ended), sources=["w = 1"], handout=[0]))


def test_cells_that_were_not_run_are_told_in_one_line():
    ended = [
        CellRun(cell=0, status="timeout"),
        *(CellRun(cell=cell, status="not_run") for cell in (1, 2)),
    ]
    assert [0, ("not_run", 1, 2)] == parts(trace(run(ended=ended), sources=["w = 1"] * 3))


def test_beyond_many_lines_only_cells_that_decided_something_are_told():
    count = MAX_STORY_LINES
    ran = run(*(sets("w", 3.8, cell=cell) for cell in range(count)))
    result = parts(
        trace(ran, sources=["w = 1"] * count),
        exercise("gradient-step", found=evidence(count - 1)),
    )
    assert ("more", count - 1) == (result[-2][0], result[-1])


def test_the_heading_above_a_cell_is_told():
    recorded = trace(run(sets("w", 1, cell=2)), sources=["# Steps", "text", "w = 1"])
    (part,) = story(recorded).parts
    assert "Steps" == part.heading


def test_a_submission_that_did_not_run_has_no_story():
    assert () == story(trace(sources=())).parts


def test_events_of_no_cell_are_counted():
    result = story(trace(run(sets("w", 1, cell=7)), sources=["w = 1"]))
    assert (1, 1) == (result.events, result.left_out)


# Cells that ran again

RAISED = CellRun(cell=0, status="error", error="NameError", message="name 'lr' is not defined")
CONFIRMATION = CellRun(cell=0, status="ok", again=True)
BETWEEN = CellRun(cell=1, status="ok")


def test_a_cell_that_ran_again_is_told_where_it_ran():
    recorded = trace(
        run(sets("lr", 1, cell=1), sets("w", 1)).model_copy(
            update={"cells": (RAISED, BETWEEN, CONFIRMATION)}
        )
    )
    result = story(recorded).parts
    assert [(0, True, False), (1, False, False), (0, False, True)] == [
        (part.cell, part.again_below, part.run.again) for part in result
    ]


def events_of(*events, cells):
    runs, strange = runs_of(run(*events).model_copy(update={"cells": cells}))
    return [len(run.events) for run in runs], strange


def test_what_comes_after_other_cells_is_of_the_second_run():
    assert ([0, 1, 1], 0) == events_of(
        sets("lr", 1, cell=1), sets("w", 1), cells=(RAISED, BETWEEN, CONFIRMATION)
    )


def test_of_a_cell_that_ran_twice_in_a_row_the_second_run_begins_where_a_line_comes_again():
    events = (sets("w", 1), sets("w", 1), sets("v", 1, line=2))
    assert ([1, 2], 0) == events_of(*events, cells=(RAISED, CONFIRMATION))


def test_of_a_cell_that_ran_twice_in_a_row_all_is_of_the_second_run_if_nothing_comes_again():
    assert ([0, 2], 0) == events_of(
        sets("w", 1), sets("v", 1, line=2), cells=(RAISED, CONFIRMATION)
    )


def test_events_out_of_order_are_of_the_last_run_of_their_cell():
    events = (sets("w", 1, cell=1), sets("w", 1), sets("v", 1, cell=1), sets("v", 1, cell=9))
    assert ([1, 2], 1) == events_of(*events, cells=(CellRun(cell=0, status="ok"), BETWEEN))


# Decisions


def test_what_was_decided_stands_at_its_line():
    recorded = trace(run(sets("lr", 1), sets("w", 3.8, line=2)), sources=["lr = 1\nw = f()"])
    assert [(0, 2, "gradient-step")] == decided(
        story(recorded, exercise("gradient-step", found=evidence(0, line=2)))
    )


def test_what_was_decided_in_a_cell_that_ran_twice_stands_where_the_value_was_left():
    recorded = trace(
        run(sets("w", 3.8), sets("lr", 1, cell=1)).model_copy(
            update={"cells": (RAISED, BETWEEN, CONFIRMATION)}
        )
    )
    recorded = recorded.model_copy(update={"cells": trace(sources=["w = 1", "lr = 1"]).cells})
    first, _, again = story(recorded, exercise("gradient-step", found=evidence(0))).parts
    assert (1, 0) == (len(first.lines[0].decisions), len(again.lines[0].decisions))


def test_what_was_decided_in_a_function_of_another_cell_stands_at_its_line_there():
    inside = sets("novo", 3.8, cell=1, line=1, scope="step", source="novo = w - g")
    recorded = trace(run(inside, sets("w", 3.8, cell=1)), sources=["def step(): ...", "w = step()"])
    (part,) = story(recorded, exercise("gradient-step", found=evidence(1, name="novo"))).parts
    assert [("", 0), ("step", 1)] == [
        (line.line.inside, len(line.decisions)) for line in part.lines
    ]


def test_what_a_cell_decided_as_a_whole_stands_at_the_cell():
    recorded = trace(run(sets("w", 3.8)), sources=["w = 1"])
    (part,) = story(recorded, exercise("gradient-step", found=evidence(0, line=0))).parts
    assert ["gradient-step"] == [decision.exercise.id for decision in part.decisions]


def test_a_flag_of_another_place_stands_there_without_deciding():
    flag = Flag(
        id="unverified", message=Message(id="flag.unverified"), evidence=(evidence(0, line=1),)
    )
    result = exercise("gradient-step", found=evidence(0, line=2), flags=(flag,))
    (part,) = story(trace(run(sets("w", 3.8)), sources=["w = 1\nv = 2"]), result).parts
    assert [[False], [True]] == [
        [decision.decides for decision in line.decisions] for line in part.lines
    ]


def test_a_question_decides_nothing():
    recorded = trace(run(sets("w", 3.8)), sources=["w = 1"])
    result = exercise("gradient-step", found=evidence(0)).model_copy(update={"automatic": False})
    assert [] == decided(story(recorded, result))


# What the file holds


def saved_of(*events, saved, counts=(None, 7), ended=(), cell=1):
    """Return what the story says that the file holds for the second cell."""
    recorded = trace(
        run(*(event.model_copy(update={"cell": cell}) for event in events), ended=ended),
        sources=["", "a"],
    )
    (part,) = story(recorded, submitted=submission("", "a", saved=("", saved), counts=counts)).parts
    return part.saved


def test_a_saved_output_that_a_fresh_run_contradicts_is_told_with_its_execution_count():
    assert Saved("45.36", "14.0", 7, None) == saved_of(prints("J = 14.0"), saved="J = 45.36")


def test_a_saved_value_that_a_fresh_run_contradicts_is_told():
    result = saved_of(
        prints("J = 14.0"), shows(tensor(3.8), line=2), saved="J = 14.0\ntensor([1.0000])"
    )
    assert ("1.0000", "3.8") == (result.saved, result.fresh)


def test_a_value_in_a_function_is_not_displayed():
    assert saved_of(shows(3.8, scope="f"), saved="1.0000") is None


def test_a_saved_output_that_a_fresh_run_repeats_is_not_told():
    assert saved_of(prints("J = 14.0"), saved="J = 14.0") is None


def test_where_nothing_is_saved_nothing_is_told():
    assert saved_of(prints("J = 14.0"), saved="  ") is None


def test_a_saved_output_of_a_cell_that_raises_now_is_told_with_the_error():
    ended = [CellRun(cell=1, status="error", error="NameError")]
    assert Saved("J = 45.36", "NameError", 7, None) == saved_of(
        saved="J = 45.36\nmore", ended=ended
    )


def test_a_saved_error_that_comes_again_is_not_told():
    ended = [CellRun(cell=1, status="error", error="NameError")]
    assert saved_of(saved="NameError: name 'w'", ended=ended) is None


def test_a_cell_that_was_ended_contradicts_nothing():
    assert saved_of(saved="J = 45.36", ended=[CellRun(cell=1, status="timeout")]) is None


def test_a_trace_of_an_earlier_version_has_no_execution_counts():
    assert Saved("45.36", "14.0", None, None) == saved_of(prints("14.0"), saved="45.36", counts=())


def test_a_cell_of_the_handout_that_the_file_contradicts_is_told():
    recorded = trace(run(prints("14.0")), sources=["print(J)"], handout=[0])
    assert [0] == parts(recorded, submitted=submission("print(J)", saved=("45.36",)))


@pytest.mark.parametrize(
    ("counts", "cell", "result"),
    [
        ((1, 2, 3), 1, None),
        ((9, 7, 10), 1, (9, 7)),
        ((9, 12, None, 7), 3, (12, 7)),
        ((7, 9, 8, 3), 0, (7, 3)),
        ((7, 7), 1, (7, 7)),
        ((1, 5, 4), 0, (5, 4)),
        ((1, None, 2), 1, None),
        ((), 0, None),
    ],
)
def test_counts_that_do_not_increase_show_that_cells_were_not_run_from_top_to_bottom(
    counts, cell, result
):
    assert result == disorder(counts, cell)
