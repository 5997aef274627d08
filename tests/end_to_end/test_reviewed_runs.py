"""Reviews outlive runs: grading anew, with --fresh and from stored traces keeps them.

No kernel is started.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.grading.reviews import Reviews, as_automatic
from grader.outputs.attention import outdated_reviews
from grader.report import Report, SubmissionResult
from grader.store.reviews import save_reviews
from grader.store.store import read_report
from tests.support.courses import Course, graded, regraded
from tests.support.mean_course import write_mean_course
from tests.support.reviewing import review, reviews


class UnchangedHandoutClass:
    """A course, and a class of one student, who handed in the handout as it was."""

    def __init__(self, folder: Path) -> None:
        self.course: Course = write_mean_course(folder / "course")
        self.out = folder / "grades"
        self.folder = folder / "in"
        self.folder.mkdir()
        handout = self.course.exercises / "media/media.ipynb"
        shutil.copy(handout, self.folder / "elis-exemplo.ipynb")
        self.first_report = self.grade()

    def grade(self, **settings: object) -> Report:
        return graded(self.folder, self.course.settings(self.out, **settings))

    def regrade(self) -> Report:
        return regraded(self.course.settings(self.out)).report

    def decide(self, **more: object) -> Reviews:
        """Give half the credit for one exercise."""
        decision = review(only(self.first_report), "mean", 0.5, **more)
        return save_reviews(self.out, reviews(decision))

    def rename(self, name: str, new_name: str) -> None:
        (self.folder / f"{name}.ipynb").rename(self.folder / f"{new_name}.ipynb")


@pytest.fixture
def students(tmp_path: Path) -> UnchangedHandoutClass:
    return UnchangedHandoutClass(tmp_path)


def only(report: Report) -> SubmissionResult:
    """Return the one submission of a report."""
    (result,) = report.submissions
    return result


def status(report: Report) -> str:
    """Return the status of the reviewed exercise."""
    return {exercise.id: exercise.status for exercise in only(report).exercises}["mean"]


def test_the_class_is_as_the_tests_below_suppose(students):
    assert "unchanged" == only(students.first_report).status
    assert "missing" == status(students.first_report)


@pytest.mark.parametrize("fresh", [False, True])
def test_grading_anew_keeps_the_reviews(students, fresh):
    students.decide()
    assert "partial" == status(students.grade(fresh=fresh))


def test_a_regrade_keeps_the_reviews_and_reports_no_change_for_them(students):
    students.decide()
    regrade = regraded(students.course.settings(students.out))
    assert "partial" == status(regrade.report)
    assert () == regrade.changes
    assert read_report(students.out) == regrade.report


def test_a_regrade_lists_a_review_that_was_made_for_another_automatic_result(students):
    students.decide(of="failed 0", reason="Conferido.")
    report = students.regrade()
    sentence = "Média: Ana Exemplo decided this before the automatic result changed: look again."
    assert [("elis-exemplo", sentence)] == list(outdated_reviews(report.submissions, "en"))
    assert "partial" == status(report)


def test_results_beside_the_report_stay_automatic(students):
    students.decide()
    students.grade(fresh=True)
    (path,) = (students.out / "results").glob("*.json")
    stored = json.loads(path.read_text("utf-8"))
    assert as_automatic(only(students.grade())) == SubmissionResult.model_validate(stored)


def test_reviews_of_a_student_who_is_not_there_this_time_are_kept(students):
    decided = students.decide()
    students.rename("elis-exemplo", "caio-exemplo")
    assert "missing" == status(students.grade())

    students.rename("caio-exemplo", "elis-exemplo")

    assert "partial" == status(students.grade())
    assert decided == save_reviews(students.out, Reviews())


@pytest.mark.parametrize("act", [UnchangedHandoutClass.grade, UnchangedHandoutClass.regrade])
def test_nothing_runs_where_reviews_cannot_be_read(students, act):
    (students.out / "reviews.json").write_text("{")
    before = (students.out / "report.json").read_bytes()
    with pytest.raises(GraderError, match=r"reviews\.json"):
        act(students)
    assert before == (students.out / "report.json").read_bytes()
