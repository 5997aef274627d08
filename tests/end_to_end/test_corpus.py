"""Every notebook of the corpus earns what it must, alone and among the seed's own cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.grading import follows_data
from grader.grading.chance import MAX_CHANCE
from grader.grading.claims import Claims
from grader.grading.execution import execution
from grader.grading.search import Values
from grader.report import Execution
from grader.running.kernels import PlainKernelHost
from tests.corpus import RIGHT, WRONG, Case
from tests.corpus.given import EXPLANATION
from tests.corpus.right_graphs import PIP_LINES
from tests.support.corpus_assertions import assert_earns, leaks
from tests.support.corpus_grader import CorpusGrader, GradedNotebook
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

CASES = {case.name: case for case in (*RIGHT, *WRONG)}

SHARE = 6
"""A run of the tests tries one of so many cases; all of them with GRADER_TEST_ALL=1."""

RIGHT_TRIED = sample(RIGHT, len(RIGHT) // SHARE, "right")
WRONG_TRIED = sample(WRONG, len(WRONG) // SHARE, "wrong")

STEPS = tuple(case for case in RIGHT if "resnet18-graph" not in case.earns)
GRAPHS = tuple(case for case in RIGHT if "resnet18-graph" in case.earns)

RIGHT_ONLY_ALONE = (
    "change-cell-first",
    "change-and-its-loss-first",
    "handout-cells-last",
    "data-never-held-together",
)
"""Cases for which the seed's cells hold names that they miss, or data that they do without."""

SURROUNDED = (*(case for case in STEPS if case.name not in RIGHT_ONLY_ALONE), *GRAPHS[::6])
"""Cases to put among the seed's cells. A graph takes a second, so a few stand for all."""

SURROUNDED_PER_RUN = 8
"""A run of the tests tries a sample of these."""

SEED_CELLS_BEFORE = (len(EXPLANATION), 7, 0)
"""How many of the seed's cells come before the student's: all, up to the zeroed gradient, none."""

TRIED = sample(SURROUNDED, SURROUNDED_PER_RUN, "surrounded")
"""The cases that this run puts among the seed's cells; all of them with GRADER_TEST_ALL=1."""


WEIGHTS = sample(
    (
        "graph-with-weights-by-name",
        "graph-with-weights-by-enum",
        "graph-pretrained",
        "graph-from-the-hub",
    ),
    1,
    "weights",
)
"""Cases that ask for trained weights."""

REACHED_INSTALLS = [(name, line) for name, line in PIP_LINES if name != "in-a-try"]
"""Installs that a run comes to; the one in a `try` is only for where a package is missing."""

INSTALLS = sample(REACHED_INSTALLS, 2, "installs")


def surround(case: Case) -> tuple[str, ...]:
    """Put a case's cells among the seed's own; cases take turns at the positions."""
    position = SEED_CELLS_BEFORE[SURROUNDED.index(case) % len(SEED_CELLS_BEFORE)]
    return (*EXPLANATION[:position], *case.cells, *EXPLANATION[position:])


def with_install(name: str) -> str:
    """Return the name of the case that installs something in the cell of its graph."""
    return f"graph-with-pip-{name}-in-its-cell"


ALONE = {case.name: case.cells for case in (*RIGHT_TRIED, *WRONG_TRIED)}
FOR_THE_REPORT = {
    name: CASES[name].cells for name in (*WEIGHTS, *(with_install(name) for name, _ in INSTALLS))
}
AMONG_SEED_CELLS = {f"{case.name}/among-the-seeds-cells": surround(case) for case in TRIED}
NOTEBOOKS = ALONE | FOR_THE_REPORT | AMONG_SEED_CELLS


FIGURES: list[float] = []
"""How many matches by chance were to be expected, where few enough for an answer to count."""


@pytest.fixture(scope="module")
def graded(corpus_grader: CorpusGrader) -> Mapping[str, GradedNotebook]:
    """Every notebook of this module, run in a few kernels."""
    expected_matches = follows_data.expected_matches

    def noted(offers):
        figure = expected_matches(offers)
        if figure <= MAX_CHANCE:
            FIGURES.append(figure)
        return figure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follows_data, "expected_matches", noted)
        return corpus_grader.grade(NOTEBOOKS)


def test_no_answer_that_counts_comes_near_the_bound(graded: Mapping[str, GradedNotebook]) -> None:
    print(f"largest of {len(FIGURES)} figures: {max(FIGURES):.1e}; the bound is {MAX_CHANCE}")
    assert max(FIGURES) * 100 <= MAX_CHANCE


@pytest.mark.parametrize("case", RIGHT_TRIED, ids=lambda case: case.name)
def test_right_work_earns_its_marks(case: Case, graded: Mapping[str, GradedNotebook]) -> None:
    assert_earns(case, graded[case.name])


@pytest.mark.parametrize("case", TRIED, ids=lambda case: case.name)
def test_right_work_earns_its_marks_among_the_seeds_own_cells(
    case: Case, graded: Mapping[str, GradedNotebook]
) -> None:
    assert_earns(case, graded[f"{case.name}/among-the-seeds-cells"])


@pytest.mark.parametrize("case", WRONG_TRIED, ids=lambda case: case.name)
def test_what_was_not_computed_earns_no_marks(
    case: Case, graded: Mapping[str, GradedNotebook]
) -> None:
    assert_earns(case, graded[case.name])


def test_all_that_right_work_claims_fits_its_code(graded: Mapping[str, GradedNotebook]) -> None:
    for case in RIGHT_TRIED:
        trace = graded[case.name].trace
        assert Claims(trace.cells).without_misfits(trace) is trace, case.name


def test_no_student_of_the_corpus_is_shown_an_expected_value(
    graded: Mapping[str, GradedNotebook], secrets: frozenset[str]
) -> None:
    assert {} == leaks(graded, NOTEBOOKS, secrets)


# What the report says beside the marks


def in_the_report(notebook: GradedNotebook) -> Execution:
    return execution(Values(notebook.trace), lambda _: "")


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_report_says_that_weights_were_not_downloaded(
    name: str, graded: Mapping[str, GradedNotebook]
) -> None:
    assert ["note.random-weights"] == [note.id for note in in_the_report(graded[name]).notes]


@pytest.mark.parametrize(("name", "line"), INSTALLS, ids=[name for name, _ in INSTALLS])
def test_an_install_is_skipped_and_listed(
    name: str, line: str, graded: Mapping[str, GradedNotebook]
) -> None:
    skipped = in_the_report(graded[with_install(name)]).skipped
    installs = [command.strip() for command in line.splitlines() if "install" in command]
    assert installs == list(skipped)


@pytest.mark.parametrize("with_dot", sample((True, False), 1, "dot"))
def test_a_graph_earns_its_marks_with_or_without_dot_on_the_machine(
    with_dot: bool,
    corpus_grader: CorpusGrader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if with_dot:
        dot = tmp_path / "dot"
        dot.write_text("#!/bin/sh\n/bin/cat > /dev/null\necho '<svg></svg>'\n", "utf-8")
        dot.chmod(0o755)
    graphs = ("graph-only-displayed", "graph-rendered-in-one-expression")
    finds_dot = ("import shutil\nshutil.which('dot').lower()",)  # raises where there is none
    notebooks = {name: CASES[name].cells for name in graphs} | {"finds-dot": finds_dot}

    # A sealed kernel has only the system's programs.
    graded = corpus_grader.grade(notebooks, PlainKernelHost)

    assert with_dot == graded["finds-dot"].trace.base.ended_well(0)
    for name in graphs:
        assert_earns(CASES[name], graded[name])
