"""Reviews outlive runs: grading anew, with --fresh and from stored traces takes them in. No kernel is started."""

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


class Class:
    """A class of one, who handed in the handout as it was; and the course."""

    def __init__(self, folder: Path) -> None:
        self.course: Course = write_mean_course(folder / "course")
        self.out = folder / "grades"
        self.handed_in = folder / "in"
        self.handed_in.mkdir()
        shutil.copy(
            self.course.exercises / "media/media.ipynb", self.handed_in / "elis-exemplo.ipynb"
        )
        self.first = self.grade()

    def grade(self, **settings: object) -> Report:
        return graded(self.handed_in, self.course.settings(self.out, **settings))

    def decide(self, **more: object) -> Reviews:
        return save_reviews(self.out, reviews(review(self.only(self.first), "mean", 0.5, **more)))

    @staticmethod
    def only(report: Report) -> SubmissionResult:
        (result,) = report.submissions
        return result


@pytest.fixture
def school(tmp_path: Path) -> Class:
    return Class(tmp_path)


def status(result: SubmissionResult) -> str:
    return next(exercise.status for exercise in result.exercises if exercise.id == "mean")


def test_the_class_is_as_the_tests_below_suppose(school):
    assert ("unchanged", "missing") == (
        school.only(school.first).status,
        status(school.only(school.first)),
    )


def test_grading_anew_takes_the_reviews_in(school):
    school.decide()
    assert ["partial"] * 2 == [
        status(school.only(school.grade(fresh=fresh))) for fresh in (False, True)
    ]


def test_a_regrade_takes_the_reviews_in_and_reports_no_change_for_them(school):
    school.decide()
    done = regraded(school.course.settings(school.out))
    assert ("partial", ()) == (status(school.only(done.report)), done.changes)
    assert read_report(school.out) == done.report


def test_a_regrade_lists_what_was_decided_of_another_automatic_result(school):
    school.decide(of="failed 0", reason="Conferido.")
    done = regraded(school.course.settings(school.out))
    told = "Média: Ana Exemplo decided this before the automatic result changed: look again."
    assert [("elis-exemplo", told)] == list(outdated_reviews(done.report.submissions, "en"))
    assert "partial" == status(school.only(done.report))


def test_results_beside_the_report_stay_automatic(school):
    school.decide()
    school.grade(fresh=True)
    (stored,) = (
        json.loads(path.read_text("utf-8")) for path in (school.out / "results").glob("*.json")
    )
    assert as_automatic(school.only(school.grade())) == SubmissionResult.model_validate(stored)


def test_reviews_of_who_is_not_there_this_time_are_kept(school):
    kept = school.decide()
    (school.handed_in / "elis-exemplo.ipynb").rename(school.handed_in / "caio-exemplo.ipynb")
    assert "missing" == status(school.only(school.grade()))
    (school.handed_in / "caio-exemplo.ipynb").rename(school.handed_in / "elis-exemplo.ipynb")
    assert ("partial", kept) == (
        status(school.only(school.grade())),
        save_reviews(school.out, Reviews()),
    )


def test_nothing_runs_where_reviews_cannot_be_read(school):
    (school.out / "reviews.json").write_text("{")
    before = (school.out / "report.json").read_bytes()
    for again in (
        school.grade,
        lambda: regraded(school.course.settings(school.out)),
    ):
        with pytest.raises(GraderError, match=r"reviews\.json"):
            again()
    assert before == (school.out / "report.json").read_bytes()
