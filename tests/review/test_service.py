"""The review service checks decisions, saves them at once, and updates the report at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.errors import GraderError
from grader.grading.reviews import judged
from grader.report import Report
from grader.review.service import Decision, Decisions, Refused, ReviewService, finish
from grader.store.reviews import read_reviews, save_reviews
from grader.store.store import Store, read_report
from tests.support.reports import exercise, report, submission
from tests.support.reviewing import a_class, answered, review, reviews, settings, written

ANA, BRUNO, CARLA, LUCAS, OLIVIA = (review_.id for review_ in a_class().submissions)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "grades")


def service(folder: Path, by: str = "Ana Exemplo") -> ReviewService:
    return ReviewService(folder, by, settings(folder), "pt")


def decision(
    submission_id: str, exercise: str = "question-1", credit: float | None = 1, **more: object
) -> Decision:
    (whole,) = (review_ for review_ in a_class().submissions if review_.id == submission_id)
    of = next((judged(review_) for review_ in whole.exercises if review_.id == exercise), "")
    return Decision.model_validate(
        {"submission": submission_id, "exercise": exercise, "credit": credit, "of": of, **more}
    )


def points(answer: dict, exercise: str = "question-1") -> list[float]:
    found = (
        review_
        for whole in answer["submissions"]
        for review_ in whole["exercises"]
        if review_["id"] == exercise
    )
    return [review_["points"] for review_ in found]


def test_a_decision_on_equal_answers_is_saved_for_each(folder):
    answer = service(folder).decide([decision(ANA), decision(BRUNO)])
    assert [1.0, 1.0] == points(answer)
    assert {(ANA, 1.0, "Ana Exemplo"), (BRUNO, 1.0, "Ana Exemplo")} == {
        (review_.submission, review_.credit, review_.by) for review_ in read_reviews(folder).reviews
    }


def test_a_later_decision_takes_the_place_of_an_earlier_one_of_the_same_person(folder):
    own_service = service(folder)
    for credit in (0, 1, 0.5):
        own_service.decide([decision(ANA, credit=credit)])
    assert [0.5] == [review_.credit for review_ in read_reviews(folder).reviews]


def test_what_another_service_saves_is_kept(folder):
    ana, bruno = service(folder), service(folder, "Bruno Exemplo")
    bruno.decide([decision(CARLA, credit=0)])
    ana.decide([decision(ANA)])
    assert {("Ana Exemplo", ANA), ("Bruno Exemplo", CARLA)} == {
        (review_.by, review_.submission) for review_ in read_reviews(folder).reviews
    }
    assert [1] == [
        len(whole["exercises"][4]["given"])
        for whole in ana.everything()["submissions"]
        if whole["id"] == CARLA
    ]


def test_people_who_disagree_are_told(folder):
    service(folder, "Bruno Exemplo").decide([decision(ANA, credit=0)])
    answer = service(folder).decide([decision(ANA)])
    assert [{"submission": ANA, "exercise": "question-1"}] == answer["conflicts"]
    assert [] == service(folder).decide([decision(ANA, knowing=True)])["conflicts"]


def test_a_decision_can_be_withdrawn(folder):
    own_service = service(folder)
    own_service.decide([decision(ANA)])
    assert [0.0] == points(own_service.decide([decision(ANA, credit=None, withdrawn=True)]))


REFUSED = {
    "an override without a reason": decision(LUCAS, "gradient-step", 1),
    "an override with a blank reason": decision(LUCAS, "gradient-step", 1, reason="  "),
    "credit for a submission as a whole": decision(OLIVIA, "", 1),
    "a submission that is not there": decision(ANA).model_copy(update={"submission": "0f"}),
    "an exercise that is not there": decision(ANA).model_copy(update={"exercise": "question-9"}),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_decision_that_cannot_be_is_refused_with_all_that_came_with_it(folder, wrong):
    with pytest.raises(Refused):
        service(folder).decide([decision(ANA), REFUSED[wrong]])
    assert () == read_reviews(folder).reviews


@pytest.mark.parametrize(
    "right",
    [
        decision(LUCAS, "gradient-step", 1, reason="Conferido."),
        decision(LUCAS, "gradient-step", None),
        decision(OLIVIA, "", None),
    ],
    ids=["an override with a reason", "flags that are settled", "a file that was seen"],
)
def test_a_decision_on_what_asks_for_a_look_is_saved(folder, right):
    service(folder).decide([right])
    assert [right.exercise] == [review_.exercise for review_ in read_reviews(folder).reviews]


def test_what_the_grader_left_open_needs_no_reason(folder):
    open_ = submission("Davi Exemplo", exercise("gradient-step", "pending", 0.0))
    written(folder, report(open_))
    given = Decision(
        submission=open_.id, exercise="gradient-step", credit=0.5, of=judged(open_.exercises[1])
    )
    assert [1.5] == points(service(folder).decide([given]), "gradient-step")


@pytest.mark.parametrize(
    "wrong", [{"credit": 2}, {"by": "Bruno Exemplo"}, {"comment": "x" * 10_001}]
)
def test_what_a_page_sends_says_nothing_impossible(wrong):
    with pytest.raises(ValidationError):
        Decisions.model_validate({"decisions": [{**decision(ANA).model_dump(), **wrong}]})


def test_reviews_that_cannot_be_read_are_said_and_left(folder):
    own_service = service(folder)
    (folder / "reviews.json").write_text("{")
    with pytest.raises(GraderError, match="nothing is written over it"):
        own_service.decide([decision(ANA)])
    assert "{" == (folder / "reviews.json").read_text()


def test_a_report_that_a_run_wrote_meanwhile_is_shown(folder):
    own_service = service(folder)
    written(folder, report(submission("Davi Exemplo", answered(1, "Outra."))))
    assert ["Davi Exemplo"] == [
        review_["student"] for review_ in own_service.everything()["submissions"]
    ]


def test_lines_of_a_submission_without_a_stored_run_say_what_to_do(folder):
    assert (
        service(folder).lines(ANA)["problem"].endswith("Grade it again: grade SUBMISSIONS --fresh.")
    )


def test_the_page_has_its_words_in_the_language_asked_for(folder):
    words = [
        ReviewService(folder, "Ana Exemplo", settings(folder), review_).everything()["words"]
        for review_ in ("pt", "en")
    ]
    assert ["salvo", "saved"] == [review_["saved"] for review_ in words]


# The end


def render_nothing(store: Store, report: Report) -> None:
    """Make nothing from the report."""


def stored_points(folder: Path) -> dict[str, float]:
    report_ = json.loads((folder / "report.json").read_text("utf-8"))
    return {review_["id"]: review_["points"] for review_ in report_["submissions"]}


def test_the_end_brings_the_report_up_to_date(folder):
    service(folder).decide([decision(ANA, credit=0.5)])
    assert (10.0, True, 10.5) == (
        stored_points(folder)[ANA],
        finish(folder, render_nothing),
        stored_points(folder)[ANA],
    )
    assert not (folder / "report.previous.json").exists()


def test_a_run_that_holds_the_folder_is_left_to_it(folder):
    with Store(folder):
        service(folder).decide([decision(ANA)])
        assert (False, 10.0) == (finish(folder, render_nothing), stored_points(folder)[ANA])
    assert [11.0] == [
        review_.points for review_ in read_report(folder).submissions if review_.id == ANA
    ]


def test_a_clock_that_was_set_back_does_not_lose_a_decision(folder):
    later = review(a_class().submissions[0], "question-1", 0).model_copy(
        update={"at": "2999-01-01T00:00:00.000Z"}
    )
    save_reviews(folder, reviews(later))
    assert [1.0] == points(service(folder).decide([decision(ANA)]))
