"""Stored traces graded again: what is reused, what runs again, and whose score changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.batch.regrade import Regraded, ScoreChange
from grader.errors import AssignmentError, GraderError
from grader.report import Report
from grader.store.store import read_report
from tests.support.courses import Course, by_student, graded, regraded, write_notebook
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP

pytestmark = pytest.mark.kernel

SUM_ONLY = "media = sum(dados)"
GREATER_FROM_ZERO = "amplitude = max(dados)"


class Class:
    """A class that was graded, and a course that can be changed since."""

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
def school(graded_once: Path, tmp_path: Path) -> Class:
    shutil.copytree(graded_once, tmp_path / "class")
    return Class(tmp_path / "class")


def points(report: Report) -> dict[str, float]:
    return {submission.student: submission.points for submission in report.submissions}


def test_the_class_was_graded_as_the_tests_below_suppose(school: Class) -> None:
    assert {"ana": 5.0, "bia": 1.0, "caio": 2.0, "davi": 0.0, "elis": 0.0} == points(school.before)
    statuses = {name: submission.status for name, submission in by_student(school.before).items()}
    assert ("unreadable", "unchanged") == (statuses["davi"], statuses["elis"])


def test_regrading_where_nothing_changed_changes_nothing(school: Class) -> None:
    done = school.regrade()
    assert (3, (), (), ()) == (done.reused, done.rerun, done.why, done.changes)
    assert school.before.canonical() == done.report.canonical()


def test_regrading_does_not_need_the_files(school: Class) -> None:
    shutil.rmtree(school.folder / "in")
    assert school.before.canonical() == school.regrade().report.canonical()


def test_another_credit_of_a_mistake_needs_no_run(school: Class) -> None:
    school.course.edit("solutions/media/mistakes.toml", "mean = 0.5", "mean = 0.25")
    done = school.regrade()
    assert (3, (), ()) == (done.reused, done.rerun, done.why)
    assert (ScoreChange("bia", "Média", 1.0, 0.5),) == done.changes


def test_another_hint_needs_no_run(school: Class) -> None:
    school.course.edit(
        "solutions/media/mistakes.toml", "Falta dividir pelo número de dados.", "Falta a divisão."
    )
    done = school.regrade()
    assert (3, (), ()) == (done.reused, done.rerun, done.changes)
    hints = [m.hint["pt"] for e in by_student(done.report)["bia"].exercises for m in e.mistakes]
    assert "Falta a divisão." in hints


def test_other_points_need_no_run_and_hold_for_every_submission(school: Class) -> None:
    school.course.edit("exercises/media/assignment.toml", "points = 3", "points = 5")
    done = school.regrade()
    assert (3, ()) == (done.reused, done.rerun)
    assert (ScoreChange("ana", "Do maior à média", 3.0, 5.0),) == done.changes
    assert [7.0] * 5 == [submission.max_points for submission in done.report.submissions]


@pytest.fixture(scope="module")
def other_variant(
    graded_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Class, Regraded]:
    """A class regraded after a variant changed; Ana's file was gone by then, and Bia's another."""
    folder = tmp_path_factory.mktemp("regraded") / "class"
    shutil.copytree(graded_once, folder)
    school = Class(folder)
    (folder / "in/ana.ipynb").unlink()
    write_notebook(folder / "in/bia.ipynb", (MEAN_DATA, MEAN_STEP, SPREAD_STEP))
    school.course.edit("solutions/media/variants.toml", "2.53, 8.41", "2.53, 9.41")
    return school, school.regrade()


def test_another_variant_makes_every_notebook_run_again_and_says_which_file_did(
    other_variant: tuple[Class, Regraded],
) -> None:
    _, done = other_variant
    assert (0, {"ana", "bia", "caio"}) == (done.reused, set(done.rerun))
    assert ("solutions/media/variants.toml",) == done.why
    assert () == done.changes


def test_a_notebook_that_is_gone_runs_again_as_it_was_handed_in(
    other_variant: tuple[Class, Regraded],
) -> None:
    school, done = other_variant
    assert by_student(school.before)["ana"].exercises == by_student(done.report)["ana"].exercises


def test_a_notebook_that_changed_since_is_regraded_as_it_was_handed_in(
    other_variant: tuple[Class, Regraded],
) -> None:
    school, done = other_variant
    before, after = by_student(school.before)["bia"], by_student(done.report)["bia"]
    assert (before.points, before.sha256) == (after.points, after.sha256)


def test_another_answer_changes_the_scores_of_those_who_gave_it_or_did_not(school: Class) -> None:
    school.course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "max(dados)  #")
    done = school.regrade()
    changes = {(change.student, change.before, change.after) for change in done.changes}
    assert {("ana", 3.0, 0.0), ("caio", 0.0, 3.0)} == changes
    assert ("solutions/media/media.ipynb",) == done.why


def test_a_handout_that_changed_is_compared_with_the_notebooks_anew(school: Class) -> None:
    for kind in ("exercises", "solutions"):
        school.course.edit(f"{kind}/media/media.ipynb", "7.25, 1.0]", "7.25, 1.0] ")
    school.course.edit("exercises/media/media.ipynb", "# Sua vez: a m\\u00e9dia", "# Sua vez")
    assert "graded" == by_student(school.regrade().report)["elis"].status


def test_an_exercise_that_is_no_more_is_a_change(school: Class) -> None:
    path = school.course.folder / "exercises/media/assignment.toml"
    tables = path.read_text("utf-8").split("[[exercises]]")
    path.write_text(
        "[[exercises]]".join(table for table in tables if 'id = "spread"' not in table), "utf-8"
    )
    school.course.edit("solutions/media/media.ipynb", "# grade: spread = amplitude", "")
    school.course.edit(
        "solutions/media/media.ipynb",
        "  # wrong(from-the-least): amplitude = max(dados) - min(dados)",
        "",
    )
    mistakes = school.course.folder / "solutions/media/mistakes.toml"
    mistakes.write_text(mistakes.read_text("utf-8").split("[mistakes.from-the-least]")[0], "utf-8")
    changes = {
        (change.student, change.exercise, change.after) for change in school.regrade().changes
    }
    assert {("ana", "Do maior à média", 0.0)} == changes


def test_a_file_that_was_graded_and_is_unreadable_now_stays_unreadable(school: Class) -> None:
    (school.folder / "in/ana.ipynb").write_text("<<<<<<< HEAD", "utf-8")
    graded(school.folder / "in", school.course.settings(school.out))
    assert "unreadable" == by_student(school.regrade().report)["ana"].status


def test_a_submission_whose_stored_run_is_gone_is_not_given_its_old_score(school: Class) -> None:
    ana = by_student(school.before)["ana"]
    (school.out / f"traces/{ana.id}.json.gz").unlink()
    done = school.regrade()
    now = by_student(done.report)["ana"]
    assert ("ungradable", 0.0) == (now.status, now.points)
    assert "gone" in str(now.reason.params["problem"] if now.reason else "")
    assert {"Média", "Do maior à média"} == {change.exercise for change in done.changes}


def test_a_submission_stays_with_the_assignment_it_was_graded_by(school: Class) -> None:
    for kind in ("exercises", "solutions"):
        shutil.copytree(
            school.course.folder / kind / "media", school.course.folder / kind / "a-mesma"
        )
    (school.course.solutions / "a-mesma/media.ipynb").rename(
        school.course.solutions / "a-mesma/a-mesma.ipynb"
    )
    assert ["media"] == [assignment.name for assignment in school.regrade().report.assignments]


def test_the_report_before_is_kept_beside_the_new_one(school: Class) -> None:
    school.course.edit("solutions/media/mistakes.toml", "mean = 0.5", "mean = 0.25")
    school.regrade()
    previous = Report.model_validate_json((school.out / "report.previous.json").read_bytes())
    assert (1.0, 0.5) == (points(previous)["bia"], points(read_report(school.out))["bia"])


def test_a_folder_without_a_report_cannot_be_regraded(mean_course: Course, out: Path) -> None:
    with pytest.raises(GraderError, match="There is no report in"):
        regraded(mean_course.settings(out))


def test_an_assignment_that_is_not_right_leaves_the_report_as_it_was(school: Class) -> None:
    school.course.edit("solutions/media/media.ipynb", "# grade: spread = amplitude", "")
    with pytest.raises(AssignmentError, match="marks the answer of exercise spread"):
        school.regrade()
    assert school.before == read_report(school.out)
