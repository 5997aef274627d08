"""Which mutants change an answer, and which of those lose points."""

from __future__ import annotations

import asyncio

import pytest

from grader.assignment import load_assignment
from grader.authoring.marked_runs import CellsToRun, MarkedRuns, answering_cells
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.mutant_trials import (
    MutantTrial,
    MutantTrials,
    TrialLimits,
)
from grader.authoring.validation.mutants import make_mutants
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.running.session import Session
from tests.support import forks
from tests.support.courses import Course, write_notebook
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP, write_mean_course

pytestmark = pytest.mark.kernel

ASSIGNMENT = "exercises/media/assignment.toml"
NOTEBOOK = "solutions/media/media.ipynb"

FIRST = f"{MEAN_STEP}  # wrong(sum-only): media = sum(dados)\n# grade: mean = media"
SECOND = (
    f"{SPREAD_STEP}  # wrong(from-the-least): amplitude = max(dados) - min(dados)\n"
    "# grade: spread = amplitude"
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MutantTrial]:
    """The mutants of an assignment whose checks are as they should be."""
    return tried(write_mean_course(tmp_path_factory.mktemp("sound")))


def tried(course: Course, *, patience_s: float = 20.0) -> dict[str, MutantTrial]:
    """Try each mutant; the trials by its line: as it is now, or as it was if it is left out."""
    solution = ReferenceFiles(
        load_assignment(course.exercises / "media"), course.solutions / "media"
    )
    trials = asyncio.run(_tried(solution, patience_s))
    assert len(make_mutants(solution.reference.cells)) == len(trials)
    named = {t.mutant.before if t.mutant.kind == "drop" else t.mutant.after: t for t in trials}
    assert len(trials) == len(named)
    return named


async def _tried(solution: ReferenceFiles, patience_s: float) -> list[MutantTrial]:
    launch = forks.shared().launch
    references = ReferenceCache(solution, None, launch)
    knowledge, inputs = await references.whole(), await references.inputs()
    cells = solution.reference.cells
    advanced: list[str] = []
    async with Session(trusted_job(solution), launch) as session:
        grader = TrustedGrader(solution.assignment, knowledge, inputs, session)
        runs = MarkedRuns(solution, inputs, session)
        to_run = CellsToRun(cells, answering_cells(cells, {"mean", "spread"}))
        right = await runs.run("right", to_run)
        limits = TrialLimits(right, patience_s)
        mutant_trials = MutantTrials(solution, grader, runs, limits)
        trials = await mutant_trials.try_all(make_mutants(cells), advanced.append)
    assert [trial.mutant.id for trial in trials] == advanced
    return trials


def test_mutants_of_a_sound_assignment_lose_points(sound: dict[str, MutantTrial]) -> None:
    assert {True} == {trial.killed for trial in sound.values()}


def test_a_mutant_changes_what_builds_on_its_cell_and_no_more(
    sound: dict[str, MutantTrial],
) -> None:
    assert (("mean", "spread"), ("spread",)) == (
        sound["media = sum(dados) * len(dados)"].changes,
        sound["amplitude = max(dados) + media"].changes,
    )


def test_a_mutant_that_raises_breaks_off_and_loses_points(sound: dict[str, MutantTrial]) -> None:
    assert (True, False) == (
        sound[MEAN_STEP].broke_off,
        sound["amplitude = max(dados) + media"].broke_off,
    )


def test_a_mutant_that_changes_no_answer_is_equivalent(course: Course) -> None:
    course.edit(
        NOTEBOOK,
        "amplitude = max(dados) - media  #",
        "resto = 3\\namplitude = max(dados) - media  #",
    )
    trials = tried(course)
    assert [True, True, True] == [
        trials[line].equivalent for line in ("resto = 3", "resto = 4", "resto = 2")
    ]


def test_a_mutant_that_a_loose_check_lets_pass_survives(course: Course) -> None:
    course.edit(ASSIGNMENT, "points = 3", "points = 3\nrtol = 10.0")
    survivor = tried(course)["amplitude = max(dados) + media"]
    assert (("spread",), {"spread": ""}) == (survivor.changes, survivor.keeps)


def test_a_mutant_that_is_like_a_mistake_called_harmless_loses_its_points_all_the_same(
    course: Course,
) -> None:
    course.edit("solutions/media/mistakes.toml", "credit = {}", "credit = { spread = 1.0 }")
    course.edit(NOTEBOOK, "min(dados)", "media * 2")
    course.edit(
        NOTEBOOK, "amplitude = max(dados) - media  #", "amplitude = max(dados) - 1 * media  #"
    )
    trial = tried(course)["amplitude = max(dados) - 2 * media"]
    assert ({}, True) == (trial.keeps, trial.killed)


def test_a_mutant_that_goes_on_for_ever_is_cut_off_and_says_nothing(course: Course) -> None:
    course.edit(
        NOTEBOOK, f"{SPREAD_STEP}  #", f"n = 0\\nwhile n < 9:\\n    n += 1\\n{SPREAD_STEP}  #"
    )
    trials = tried(course, patience_s=1.0)
    assert [(True, False), (False, True)] == [
        (trial.cut, trial.killed)
        for trial in (trials["n -= 1"], trials["amplitude = max(dados) + media"])
    ]


def test_an_answer_elsewhere_does_not_hide_a_mutant(course: Course) -> None:
    again = f"{MEAN_DATA}\nsegunda = sum(dados) / len(dados)\n# grade: mean = segunda"
    write_notebook(course.folder / NOTEBOOK, [MEAN_DATA, FIRST, SECOND, again])
    trials = tried(course)
    assert [("mean", "spread"), ("mean",)] == [
        trials[f"{name} = sum(dados) * len(dados)"].changes for name in ("media", "segunda")
    ]


def test_an_answer_that_a_later_cell_computes_anew_makes_no_check_look_weak(course: Course) -> None:
    anew = "inteira = sum(dados) / len(dados)\\namplitude = max(dados) - inteira + 0 * media"
    course.edit(NOTEBOOK, SPREAD_STEP, anew)
    kept_exercises = [
        trial.keeps
        for line, trial in tried(course).items()
        if line == "media = sum(dados) * len(dados)"
    ]
    assert [{}] == kept_exercises


def test_an_answer_that_is_computed_in_a_later_cell_is_graded_with_that(course: Course) -> None:
    marked = (
        "maior = max(dados)  # wrong(from-the-least): maior = media + 1\n"
        "# grade: spread = maior - media"
    )
    write_notebook(
        course.folder / NOTEBOOK, [MEAN_DATA, FIRST, marked, "amplitude = maior - media"]
    )
    assert {True} == {trial.killed for trial in tried(course).values()}


def test_a_mark_that_raises_does_not_hide_what_follows(course: Course) -> None:
    first = "a = max(dados) - media\\n# grade: spread = a"
    course.edit(NOTEBOOK, f"{SPREAD_STEP}  #", f"{first}\\n{SPREAD_STEP}  #")
    assert tried(course)["a = max(dados) - media"].equivalent


def test_an_answer_that_a_line_above_gives_as_well_is_not_changed(course: Course) -> None:
    """A solved notebook may show two ways, one below the other."""
    course.edit(NOTEBOOK, f"{MEAN_STEP}  #", f"inteira = sum(dados) / len(dados)\\n{MEAN_STEP}  #")
    assert ("spread",) == tried(course)["media = sum(dados) * len(dados)"].changes
