"""Every made-up notebook of the corpus earns what it must: by itself, and with the seed's own cells around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.grading.execution import execution
from grader.report import Execution, ExerciseResult
from grader.running.kernels import PlainKernelHost
from tests.corpus import RIGHT, WRONG, Case
from tests.corpus.given import EXPLANATION
from tests.corpus.right_graphs import PIP_LINES
from tests.support.corpus_grader import CorpusGrader, GradedNotebook
from tests.support.sampling import sample
from tests.support.secrecy import given_away

pytestmark = pytest.mark.kernel

cases = {case.name: case for case in (*RIGHT, *WRONG)}

STEPS = tuple(case for case in RIGHT if "resnet18-graph" not in case.earns)
GRAPHS = tuple(case for case in RIGHT if "resnet18-graph" in case.earns)
ALONE = (
    "change-cell-first",
    "change-and-its-loss-first",
    "handout-cells-last",
    "data-never-held-together",
)
"""Right only by themselves: the seed's cells give the names they miss, or data that they do without."""

SURROUNDED = (*(case for case in STEPS if case.name not in ALONE), *GRAPHS[::6])
"""Graphs take a second each, so a sample of them stands for all."""

SAMPLE = 40
"""How many of them a run tries: each case by itself is tried in every run."""

PLACES = (len(EXPLANATION), 7, 0)
"""How many of the seed's cells stand before the student's: all, those up to the zeroed gradient, none."""


TRIED = sample(SURROUNDED, SAMPLE, "surrounded")
"""Those that this run tries; all of them with GRADER_TEST_ALL=1."""


def surrounded(case: Case) -> tuple[str, ...]:
    """A case's cells among the seed's own, each case at one of the places."""
    place = PLACES[SURROUNDED.index(case) % len(PLACES)]
    return (*EXPLANATION[:place], *case.cells, *EXPLANATION[place:])


def notebooks() -> dict[str, tuple[str, ...]]:
    """The cells of every notebook of this module."""
    alone = {case.name: case.cells for case in (*RIGHT, *WRONG)}
    return alone | {f"{case.name}/among-the-seeds-cells": surrounded(case) for case in TRIED}


@pytest.fixture(scope="module")
def graded(corpus_grader: CorpusGrader) -> Mapping[str, GradedNotebook]:
    """Every notebook of this module, run in a few kernels."""
    return corpus_grader.grade(notebooks())


def earned(result: ExerciseResult, wanted: float | str) -> float | str:
    """What the corpus speaks of: a status where the status is the point, else the credit."""
    return result.status if isinstance(wanted, str) else round(result.credit, 9)


def told(graded: GradedNotebook, exercises: Sequence[str]) -> str:
    """What a notebook computed, for the person who reads why a test failed."""
    lines = []
    for result in (graded.results[exercise] for exercise in exercises):
        check = result.checks[0]
        lines.append(
            f"{result.id}: {result.status} {result.credit}, {check.message.id} {check.message.params}"
        )
        if check.found:
            lines.append(
                f"    {check.found.name or '(no name)'} = {check.found.value} in {check.found.where.source!r}"
            )
        lines += [f"    mistake {mistake.id} {mistake.also or ''}" for mistake in result.mistakes]
    for run in graded.trace.runs:
        raised = [
            f"cell {cell.cell}: {cell.error}: {cell.message[:90]}"
            for cell in run.cells
            if cell.status != "ok"
        ]
        lines += [f"{run.label} {line}" for line in raised]
    return "\n".join(lines)


def check(case: Case, notebook: GradedNotebook) -> None:
    got = {
        exercise: earned(notebook.results[exercise], wanted)
        for exercise, wanted in case.earns.items()
    }
    assert dict(case.earns) == got, f"{case.why}\n{told(notebook, list(case.earns))}"


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_work_earns_its_marks(case: Case, graded: Mapping[str, GradedNotebook]) -> None:
    check(case, graded[case.name])


@pytest.mark.parametrize("case", TRIED, ids=lambda case: case.name)
def test_right_work_earns_its_marks_among_the_seeds_own_cells(
    case: Case, graded: Mapping[str, GradedNotebook]
) -> None:
    check(case, graded[f"{case.name}/among-the-seeds-cells"])


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_what_was_not_computed_earns_no_marks(
    case: Case, graded: Mapping[str, GradedNotebook]
) -> None:
    check(case, graded[case.name])


def test_no_student_of_the_corpus_is_shown_an_expected_value(
    graded: Mapping[str, GradedNotebook], secrets: frozenset[str]
) -> None:
    known = {name: "\n".join(cells) for name, cells in notebooks().items()}
    told = {
        name: given_away(one.as_submission(), known[name], secrets) for name, one in graded.items()
    }
    assert {} == {name: found for name, found in told.items() if found}


# What the report says beside the marks


REACHED = [(name, line) for name, line in PIP_LINES if name != "in-a-try"]
"""Installs that a run comes to: not those for where a package is missing."""


def in_the_report(graded: GradedNotebook) -> Execution:
    return execution(graded.trace, lambda _: "")


@pytest.mark.parametrize(
    "name",
    [
        "graph-with-weights-by-name",
        "graph-with-weights-by-enum",
        "graph-pretrained",
        "graph-from-the-hub",
    ],
)
def test_weights_that_were_not_downloaded_are_told(
    name: str, graded: Mapping[str, GradedNotebook]
) -> None:
    assert ["note.random-weights"] == [note.id for note in in_the_report(graded[name]).notes]


@pytest.mark.parametrize(("name", "line"), REACHED, ids=[name for name, _ in REACHED])
def test_an_install_is_skipped_and_listed(
    name: str, line: str, graded: Mapping[str, GradedNotebook]
) -> None:
    skipped = in_the_report(graded[f"graph-with-pip-{name}-in-its-cell"]).skipped
    installs = [command.strip() for command in line.splitlines() if "install" in command]
    assert installs == list(skipped)


@pytest.mark.parametrize("with_dot", [True, False], ids=["with", "without"])
def test_a_graph_earns_its_marks_with_or_without_dot_on_the_machine(
    with_dot: bool, corpus_grader: CorpusGrader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if with_dot:
        (tmp_path / "dot").write_text(
            "#!/bin/sh\n/bin/cat > /dev/null\necho '<svg></svg>'\n", "utf-8"
        )
        (tmp_path / "dot").chmod(0o755)
    shown = {
        name: cases[name].cells
        for name in ("graph-only-displayed", "graph-rendered-in-one-expression")
    }
    shown["which"] = ("import shutil\nassert shutil.which('dot')",)
    notebooks = corpus_grader.grade(
        shown, PlainKernelHost
    )  # a sealed kernel has the system's programs only
    assert with_dot == notebooks["which"].trace.base.ended_well(0)
    for name in shown.keys() - {"which"}:
        check(cases[name], notebooks[name])
