"""Stored traces are graded again: what is reused, what runs again, and which scores change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.batch.regrade import Regraded, ScoreChange
from grader.errors import AssignmentError, GraderError
from grader.report import Report
from grader.store.store import read_report
from tests.support.courses import (
    Course,
    by_student,
    exercises_of,
    graded,
    points_by_student,
    regraded,
    write_notebook,
)
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP

pytestmark = pytest.mark.kernel

SUM_ONLY = "media = sum(dados)"
GREATER_FROM_ZERO = "amplitude = max(dados)"


class RegradableClass:
    """A class that was graded, and a course that may change since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = Course(folder / "course")
        self.out = folder / "grades"
        self.before = read_report(self.out)

    def regrade(self, **settings: object) -> Regraded:
        return regraded(self.course.settings(self.out, **settings))


@pytest.fixture(scope="module")
def graded_once(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class, graded once: each test works on a copy."""
    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(mean_course.folder, folder / "course")
    write_notebook(folder / "in/ana.ipynb", (MEAN_DATA, MEAN_STEP, SPREAD_STEP))
    write_notebook(folder / "in/bia.ipynb", (MEAN_DATA, SUM_ONLY, SPREAD_STEP))
    write_notebook(folder / "in/caio.ipynb", (MEAN_DATA, MEAN_STEP, GREATER_FROM_ZERO))
    (folder / "in/davi.ipynb").write_text("{", "utf-8")
    shutil.copy(mean_course.exercises / "media/media.ipynb", folder / "in/elis.ipynb")
    graded(folder / "in", Course(folder / "course").settings(folder / "grades"))
    return folder


@pytest.fixture
def regradable(graded_once: Path, tmp_path: Path) -> RegradableClass:
    shutil.copytree(graded_once, tmp_path / "class")
    return RegradableClass(tmp_path / "class")


def assert_nothing_ran(regrade: Regraded) -> None:
    assert 3 == regrade.reused
    assert () == regrade.rerun
    assert () == regrade.why


def test_the_class_was_graded_as_the_tests_below_suppose(regradable: RegradableClass) -> None:
    points = points_by_student(regradable.before)
    assert {"ana": 5.0, "bia": 1.0, "caio": 2.0, "davi": 0.0, "elis": 0.0} == points
    students = by_student(regradable.before)
    assert "unreadable" == students["davi"].status
    assert "unchanged" == students["elis"].status


def test_regrading_where_nothing_changed_changes_nothing(regradable: RegradableClass) -> None:
    regrade = regradable.regrade()
    assert_nothing_ran(regrade)
    assert () == regrade.changes
    assert regradable.before.canonical() == regrade.report.canonical()


def test_regrading_does_not_need_the_files(regradable: RegradableClass) -> None:
    shutil.rmtree(regradable.folder / "in")
    assert regradable.before.canonical() == regradable.regrade().report.canonical()


def test_another_credit_of_a_mistake_needs_no_run(regradable: RegradableClass) -> None:
    regradable.course.edit("solutions/media/mistakes.toml", "mean = 0.5", "mean = 0.25")
    regrade = regradable.regrade()
    assert_nothing_ran(regrade)
    assert (ScoreChange("bia", "Média", 1.0, 0.5),) == regrade.changes


def test_another_hint_needs_no_run(regradable: RegradableClass) -> None:
    regradable.course.edit(
        "solutions/media/mistakes.toml", "Falta dividir pelo número de dados.", "Falta a divisão."
    )
    regrade = regradable.regrade()
    assert_nothing_ran(regrade)
    assert () == regrade.changes
    mean = exercises_of(by_student(regrade.report)["bia"])["mean"]
    assert ["Falta a divisão."] == [mistake.hint["pt"] for mistake in mean.mistakes]


def test_other_points_need_no_run_and_hold_for_every_submission(
    regradable: RegradableClass,
) -> None:
    regradable.course.edit("exercises/media/assignment.toml", "points = 3", "points = 5")
    regrade = regradable.regrade()
    assert_nothing_ran(regrade)
    assert (ScoreChange("ana", "Do maior à média", 3.0, 5.0),) == regrade.changes
    assert [7.0] * 5 == [submission.max_points for submission in regrade.report.submissions]


@pytest.fixture(scope="module")
def other_variant(
    graded_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RegradableClass, Regraded]:
    """A class regraded after a variant changed; Ana's file was gone then, and Bia's changed."""
    folder = tmp_path_factory.mktemp("regraded") / "class"
    shutil.copytree(graded_once, folder)
    regradable = RegradableClass(folder)

    (folder / "in/ana.ipynb").unlink()
    write_notebook(folder / "in/bia.ipynb", (MEAN_DATA, MEAN_STEP, SPREAD_STEP))
    regradable.course.edit("solutions/media/variants.toml", "2.53, 8.41", "2.53, 9.41")
    return regradable, regradable.regrade()


def test_another_variant_makes_every_notebook_run_again_and_says_which_file_did(
    other_variant: tuple[RegradableClass, Regraded],
) -> None:
    _, regrade = other_variant
    assert 0 == regrade.reused
    assert {"ana", "bia", "caio"} == set(regrade.rerun)
    assert ("solutions/media/variants.toml",) == regrade.why
    assert () == regrade.changes


def test_a_notebook_that_is_gone_runs_again_as_it_was_handed_in(
    other_variant: tuple[RegradableClass, Regraded],
) -> None:
    regradable, regrade = other_variant
    assert (
        by_student(regradable.before)["ana"].exercises
        == by_student(regrade.report)["ana"].exercises
    )


def test_a_notebook_that_changed_since_is_regraded_as_it_was_handed_in(
    other_variant: tuple[RegradableClass, Regraded],
) -> None:
    regradable, regrade = other_variant
    before = by_student(regradable.before)["bia"]
    after = by_student(regrade.report)["bia"]
    assert before.points == after.points
    assert before.sha256 == after.sha256


def test_another_answer_changes_the_scores_of_those_who_gave_the_one_or_the_other(
    regradable: RegradableClass,
) -> None:
    regradable.course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "max(dados)  #")
    regrade = regradable.regrade()
    changes = {(change.student, change.before, change.after) for change in regrade.changes}
    assert {("ana", 3.0, 0.0), ("caio", 0.0, 3.0)} == changes
    assert ("solutions/media/media.ipynb",) == regrade.why


def test_a_handout_that_changed_is_compared_with_the_notebooks_anew(
    regradable: RegradableClass,
) -> None:
    for kind in ("exercises", "solutions"):
        regradable.course.edit(f"{kind}/media/media.ipynb", "7.25, 1.0]", "7.25, 1.0] ")
    regradable.course.edit("exercises/media/media.ipynb", "# Sua vez: a m\\u00e9dia", "# Sua vez")
    assert "graded" == by_student(regradable.regrade().report)["elis"].status


def remove_spread(course: Course) -> None:
    """Remove the exercise `spread` from the assignment, with its mark and its mistake."""
    assignment = course.exercises / "media/assignment.toml"
    tables = assignment.read_text("utf-8").split("[[exercises]]")
    remaining = [table for table in tables if 'id = "spread"' not in table]
    assignment.write_text("[[exercises]]".join(remaining), "utf-8")

    mistake = "  # wrong(from-the-least): amplitude = max(dados) - min(dados)"
    course.edit("solutions/media/media.ipynb", "# grade: spread = amplitude", "")
    course.edit("solutions/media/media.ipynb", mistake, "")

    mistakes = course.solutions / "media/mistakes.toml"
    before_it = mistakes.read_text("utf-8").partition("[mistakes.from-the-least]")[0]
    mistakes.write_text(before_it, "utf-8")


def test_an_exercise_that_is_no_more_is_a_change(regradable: RegradableClass) -> None:
    remove_spread(regradable.course)
    changes = {(change.student, change.exercise): change for change in regradable.regrade().changes}
    assert {("ana", "Do maior à média")} == set(changes)
    assert 0.0 == changes["ana", "Do maior à média"].after


def test_a_file_that_was_graded_and_is_unreadable_now_stays_unreadable(
    regradable: RegradableClass,
) -> None:
    (regradable.folder / "in/ana.ipynb").write_text("<<<<<<< HEAD", "utf-8")
    graded(regradable.folder / "in", regradable.course.settings(regradable.out))
    assert "unreadable" == by_student(regradable.regrade().report)["ana"].status


def test_a_submission_whose_stored_run_is_gone_is_not_given_its_old_score(
    regradable: RegradableClass,
) -> None:
    ana = by_student(regradable.before)["ana"]
    (regradable.out / f"traces/{ana.id}.json.gz").unlink()
    regrade = regradable.regrade()
    regraded_ana = by_student(regrade.report)["ana"]
    assert ("ungradable", 0.0) == (regraded_ana.status, regraded_ana.points)
    assert regraded_ana.reason is not None
    assert "gone" in str(regraded_ana.reason.params["problem"])
    assert {"Média", "Do maior à média"} == {change.exercise for change in regrade.changes}


def test_a_submission_stays_with_the_assignment_it_was_graded_by(
    regradable: RegradableClass,
) -> None:
    course = regradable.course
    for folder in (course.exercises, course.solutions):
        shutil.copytree(folder / "media", folder / "a-mesma")
    copied_reference = course.solutions / "a-mesma/media.ipynb"
    copied_reference.rename(copied_reference.with_name("a-mesma.ipynb"))

    report = regradable.regrade().report

    assert ["media"] == [assignment.name for assignment in report.assignments]


def test_the_report_before_is_kept_beside_the_new_one(regradable: RegradableClass) -> None:
    regradable.course.edit("solutions/media/mistakes.toml", "mean = 0.5", "mean = 0.25")
    regradable.regrade()
    previous = Report.model_validate_json((regradable.out / "report.previous.json").read_bytes())
    assert 1.0 == points_by_student(previous)["bia"]
    assert 0.5 == points_by_student(read_report(regradable.out))["bia"]


def test_a_folder_without_a_report_cannot_be_regraded(mean_course: Course, out: Path) -> None:
    with pytest.raises(GraderError, match="There is no report in"):
        regraded(mean_course.settings(out))


def test_an_assignment_that_is_not_right_leaves_the_report_as_it_was(
    regradable: RegradableClass,
) -> None:
    regradable.course.edit("solutions/media/media.ipynb", "# grade: spread = amplitude", "")
    with pytest.raises(AssignmentError, match="marks the answer of exercise spread"):
        regradable.regrade()
    assert regradable.before == read_report(regradable.out)
