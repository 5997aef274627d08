"""Measure how the grader's own work grows with what a student's file holds.

    python benchmarks/cost.py [--only NAME …]

Prints a table per kind of content: processor time for a size, for twice as much and for four
times as much, and the ratios. Work that is linear has ratios of 2. Runs no notebook, and starts no
kernel.
"""

from __future__ import annotations

import argparse
import functools
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, load_assignment
from grader.batch.results import reviewed_result
from grader.grading.grade import evaluate
from grader.grading.search import Values
from grader.notebook.cells import NotebookCell
from grader.submissions.collect import collected_from
from grader.submissions.identify import code_cells, identify, is_unchanged
from grader.submissions.submission import Submission, read_submission
from grader.submissions.work_done import work_done
from grader.trace import BASE, Event
from tests.support import traces

ROOT = Path(__file__).parent.parent
ASSIGNMENT = ROOT / "exercises" / "autograd"

RIGHT = 3.8
WRONG = 5.3
"""The answer that is looked for, and what a known mistake gives."""

Measured = Callable[[int], float]
"""Returns the processor time for a size, in seconds."""


@dataclass(frozen=True)
class Subject:
    """A kind of content that a student can have any amount of."""

    unit: str
    size: int
    """The least size that is measured; the largest is four times that."""
    measure: Measured


# What is read of a file


@functools.cache
def _assignment() -> Assignment:
    return load_assignment(ASSIGNMENT)


def _no_heading(_cell: int) -> str:
    return ""


def _code(source: str) -> NotebookCell:
    return NotebookCell(kind="code", source=source)


def _text(source: str) -> NotebookCell:
    return NotebookCell(kind="markdown", source=source)


def _read(own: Sequence[NotebookCell]) -> float:
    """Measure all that is read of a notebook: it is parsed, identified, and its answers found."""
    assignment = _assignment()
    cells = []
    for cell in (*assignment.handout, *own):
        cells.append({"cell_type": cell.kind, "source": cell.source, "outputs": []})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.ipynb")
        path.write_text(json.dumps({"nbformat": 4, "cells": cells}), "utf-8")
        began = time.process_time()
        submission = read_submission(path, "a.ipynb")
        _look_at(submission, assignment)
        return time.process_time() - began


def _look_at(submission: Submission, assignment: Assignment) -> None:
    if submission.problem is not None:
        raise SystemExit(f"this size is refused: {submission.problem.id}")
    identify(submission, [assignment])
    is_unchanged(submission, assignment)
    code_cells(submission, assignment)
    work_done(submission, assignment)
    for exercise in assignment.exercises:
        if not exercise.automatic:
            reviewed_result(submission, assignment, exercise, _no_heading)


def cells_of_code(count: int) -> float:
    """Cells that each read what the one above gave."""
    return _read([_code(f"b{index} = b{index - 1} + lr") for index in range(count)])


def cells_of_text(count: int) -> float:
    """Cells of text, each with a heading."""
    return _read([_text(f"# T {index}\nPalavras da {index}") for index in range(count)])


def copies_of_the_handout(count: int) -> float:
    """Copies of the handout, one below the other."""
    return _read(_assignment().handout * count)


def text_in_a_cell(characters: int) -> float:
    """One long text."""
    return _read([_text("palavra ? " * (characters // 10))])


def code_in_a_cell(lines: int) -> float:
    """One long cell of code."""
    return _read([_code("a = 1\n" * lines)])


def files_in_a_zip(count: int) -> float:
    """A zip of one notebook and many small files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "class.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ana/a.ipynb", '{"nbformat": 4, "cells": [{"cell_type": "raw"}]}')
            for index in range(count):
                archive.writestr(f"ana/{index}.csv", "1,2")
        began = time.process_time()
        with collected_from([path], [_assignment()], None):
            return time.process_time() - began


# What is decided about a record


def _decide(events: Callable[[], Sequence[Event]]) -> float:
    """Measure deciding about a record that has some events in each run."""
    runs = [traces.run(*events(), label=label) for label in (BASE, *traces.VARIANTS)]
    trace = traces.trace(*runs)
    known = traces.knowledge(
        traces.mistake("wrong", step=traces.expects(WRONG)),
        step=traces.expects(RIGHT),
    )
    assignment = traces.assignment(traces.exercise("step"))
    began = time.process_time()
    evaluate(Values(trace), assignment, known, _no_heading)
    return time.process_time() - began


def values_at_one_place(count: int) -> float:
    """One line that leaves another value each time, as a loop of `run_cell` does."""
    return _decide(lambda: [traces.sets("w", float(index)) for index in range(count)])


def values_at_places(count: int) -> float:
    """Lines that each leave a value."""
    return _decide(lambda: [traces.sets("w", 9.0 + index, line=index) for index in range(count)])


def values_near_a_mistake(count: int) -> float:
    """Lines that each leave a value very near that of a known mistake."""

    def events() -> Sequence[Event]:
        return [traces.sets("w", WRONG + index * 1e-9, line=index) for index in range(count)]

    return _decide(events)


def names(count: int) -> float:
    """Statements after each of which 500 names hold a value."""
    values: dict[str, traces.Plain] = {f"n{index}": float(index) for index in range(500)}
    return _decide(lambda: [traces.happens("value", values, line=line) for line in range(count)])


SUBJECTS = {
    "cells of code": Subject("cells", 230, cells_of_code),
    "cells of text": Subject("cells", 230, cells_of_text),
    "copies of the handout": Subject("copies", 8, copies_of_the_handout),
    "text in a cell": Subject("characters", 500_000, text_in_a_cell),
    "code in a cell": Subject("lines", 5_500, code_in_a_cell),
    "files in a zip": Subject("files", 500, files_in_a_zip),
    "values at one place": Subject("values", 2_000, values_at_one_place),
    "values at places": Subject("values", 2_000, values_at_places),
    "values near a mistake": Subject("values", 2_000, values_near_a_mistake),
    "names": Subject("statements", 5, names),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=SUBJECTS, metavar="NAME")
    chosen = parser.parse_args().only

    print(f"{'':<24}{'size':>20}{'x 1':>9}{'x 2':>9}{'x 4':>9}   ratios")
    for name in chosen:
        subject = SUBJECTS[name]
        once, twice, four_times = (subject.measure(subject.size * factor) for factor in (1, 2, 4))
        size = f"{subject.size:,} {subject.unit}"
        seconds = f"{once:>7.2f} s{twice:>7.2f} s{four_times:>7.2f} s"
        print(f"{name:<24}{size:>20}{seconds}   {twice / once:.1f}  {four_times / twice:.1f}")


if __name__ == "__main__":
    main()
