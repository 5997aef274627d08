"""Reviews enter a result and leave it again; those of several people are merged."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from grader.grading.points import summarise
from grader.grading.reviews import (
    Conflict,
    Review,
    Reviews,
    as_automatic,
    conflicts,
    current,
    judged,
    judged_whole,
    merge,
    moment,
    settle,
    settle_report,
)
from grader.report import ExerciseResult, Flag, Message, Report, SubmissionResult
from tests.support.reports import exercise, not_graded, report, submission, typed_in, zeroed
from tests.support.reviewing import answered, review, reviews

ANA, BRUNO = "Ana Exemplo", "Bruno Exemplo"


def of(result: SubmissionResult, name: str) -> ExerciseResult:
    return next(one for one in result.exercises if one.id == name)


def graded(text: str = "Porque guarda o gradiente.") -> SubmissionResult:
    return as_automatic(submission("Carla Exemplo", answered(1, text)))


def unverified() -> SubmissionResult:
    flag = Flag(id="unverified", message=Message(id="flag.unverified"))
    step = exercise(
        "gradient-step", "pending", 0.0, message=Message(id="value.unverified"), flags=(flag,)
    )
    return as_automatic(submission("Carla Exemplo", step))


# Settling


@pytest.mark.parametrize(("credit", "status"), [(0, "failed"), (0.5, "partial"), (1, "passed")])
def test_a_text_that_was_read_has_the_status_and_points_of_its_credit(credit, status):
    made = of(settle(graded(), reviews(review(graded(), "question-1", credit))), "question-1")
    assert (status, credit, credit) == (made.status, made.points, made.credit)


def test_a_text_that_was_read_counts_in_points_and_in_maximum():
    before = graded()
    after = settle(before, reviews(review(before, "question-1", 0.5)))
    assert (10.0, 10.0, 2.0) == (before.points, before.max_points, before.pending_points)
    assert (10.5, 11.0, 1.0) == (after.points, after.max_points, after.pending_points)


def test_a_blank_answer_counts_only_once_a_person_gave_nothing_for_it():
    before = as_automatic(submission("Carla Exemplo", answered(1, "")))
    after = settle(before, reviews(review(before, "question-1", 0)))
    assert (10.0, 11.0) == (before.max_points, after.max_points)


def test_a_review_keeps_what_the_grader_had_found():
    before = as_automatic(zeroed())
    made = of(
        settle(before, reviews(review(before, "gradient-step", 1, reason="A conta está certa."))),
        "gradient-step",
    )
    assert made.review is not None
    assert ("partial", 1.5, 0.5) == (
        made.review.automatic_status,
        made.review.automatic_points,
        made.review.automatic_credit,
    )
    assert ("passed", 3.0) == (made.status, made.points)


def test_what_could_not_be_checked_counts_once_a_person_decided():
    before = unverified()
    after = settle(before, reviews(review(before, "gradient-step", 1)))
    assert (7.0, 7.0, 10.0, 10.0) == (
        before.points,
        before.max_points,
        after.points,
        after.max_points,
    )


def test_settled_flags_leave_the_automatic_result():
    before = as_automatic(typed_in())
    made = of(settle(before, reviews(review(before, "gradient-step", None))), "gradient-step")
    assert made.review is not None
    assert ("failed", True, False) == (made.status, made.review.applies, made.is_judged)


def test_an_answer_that_is_another_now_waits_again():
    read = reviews(review(graded(), "question-1", 1))
    made = of(settle(graded("Outra resposta."), read), "question-1")
    assert made.review is not None
    assert ("pending", True, False) == (made.status, made.review.changed, made.review.applies)


def test_an_override_holds_where_the_automatic_result_changed_and_says_so():
    overriding = reviews(review(as_automatic(zeroed()), "gradient-step", 1, reason="Conferido."))
    other = as_automatic(submission("Gabriela Exemplo", exercise("gradient-step", "failed", 0.0)))
    made = of(settle(other, overriding), "gradient-step")
    assert made.review is not None
    assert ("passed", 3.0, True, True) == (
        made.status,
        made.points,
        made.review.applies,
        made.review.changed,
    )


def test_flags_that_are_others_ask_for_a_look_again():
    seen = reviews(review(as_automatic(typed_in()), "gradient-step", None))
    flags = (Flag(id="unverified", message=Message(id="flag.unverified")),)
    other = as_automatic(
        submission("Lucas Exemplo", exercise("gradient-step", "failed", 0.0, flags=flags))
    )
    made = of(settle(other, seen), "gradient-step")
    assert made.review is not None
    assert (False, True) == (made.review.applies, made.review.changed)


def test_a_submission_that_could_not_be_graded_can_be_seen():
    before = not_graded("Olívia Exemplo", "unreadable", "unreadable.git-conflict", line=212)
    after = settle(before, reviews(review(before, "", None)))
    assert after.review is not None
    assert (True, before.points, before.max_points) == (
        after.review.applies,
        after.points,
        after.max_points,
    )


def test_a_review_of_another_submission_changes_nothing():
    assert graded() == settle(graded(), reviews(review(as_automatic(zeroed()), "question-1", 1)))


def test_an_exercise_that_is_not_asked_is_not_judged():
    before = as_automatic(submission("Carla Exemplo", exercise("w-grad", "not_asked", 0.0)))
    assert before == settle(before, reviews(review(before, "w-grad", 1)))


def test_a_review_that_was_withdrawn_leaves_the_automatic_result():
    given, taken = (
        review(graded(), "question-1", 1),
        review(graded(), "question-1", None, at=2, withdrawn=True),
    )
    assert graded() == settle(graded(), reviews(given, taken))


def test_the_summary_counts_what_was_settled():
    before = report(graded())
    after = settle_report(before, reviews(review(graded(), "question-1", 0.5)))
    assert (2, 1) == (
        summarise(before.submissions).pending_exercises,
        after.summary.pending_exercises,
    )
    assert (10.0, 10.5) == (before.summary.mean_points, after.summary.mean_points)


def random_reviews(seed: int) -> tuple[Report, Reviews]:
    """A class, and any reviews of it: right, stale, withdrawn, of people who disagree."""
    chance = random.Random(seed)
    results = [
        graded(),
        unverified(),
        as_automatic(zeroed()),
        as_automatic(typed_in()),
        report().submissions[5],
    ]
    made = []
    for _ in range(chance.randrange(12)):
        result = chance.choice(results)
        name = chance.choice(["", *(one.id for one in result.exercises)])
        credit = chance.choice([None, 0, 0.25, 0.5, 1])
        one = review(result, name, credit, by=chance.choice([ANA, BRUNO]), at=chance.randrange(4))
        changed = {
            "of": chance.choice([one.of, "other"]),
            "withdrawn": chance.random() < 0.2,
            "knowing": chance.random() < 0.3,
        }
        made.append(one.model_copy(update=changed))
    return report(*results), Reviews(reviews=tuple(made))


@pytest.mark.parametrize("seed", range(40))
def test_settling_twice_is_settling_once_and_can_be_taken_back(seed):
    before, given = random_reviews(seed)
    after = settle_report(before, given)
    assert after == settle_report(after, given)
    assert list(before.submissions) == [as_automatic(result) for result in after.submissions]


@pytest.mark.parametrize("seed", range(40))
def test_other_reviews_settle_a_settled_report_as_they_do_the_automatic_one(seed):
    (before, given), (_, others) = random_reviews(seed), random_reviews(seed + 1_000)
    assert settle_report(before, others) == settle_report(settle_report(before, given), others)


# Merging


@pytest.mark.parametrize("seed", range(40))
def test_merging_gives_the_same_in_whatever_order_and_however_often(seed):
    parts = [random_reviews(seed + 1_000 * place)[1] for place in range(3)]
    merged = {merge(*order).model_dump_json() for order in itertools.permutations(parts)}
    one, two, three = parts
    assert {merge(merge(one, two), three).model_dump_json()} == merged
    assert {merge(one, merge(two, three)).model_dump_json()} == merged
    assert {merge(merge(*parts), merge(*parts)).model_dump_json()} == merged


def test_of_a_person_and_an_exercise_the_newest_stays():
    old, new = review(graded(), "question-1", 0), review(graded(), "question-1", 1, at=2)
    assert (new,) == merge(reviews(new), reviews(old)).reviews


def test_what_was_withdrawn_is_not_revived_by_a_merge():
    given, taken = (
        review(graded(), "question-1", 1),
        review(graded(), "question-1", None, at=2, withdrawn=True),
    )
    assert {} == current(merge(reviews(taken), reviews(given)))


def test_the_newest_of_several_people_counts():
    ana, bruno = (
        review(graded(), "question-1", 0, by=ANA, at=3),
        review(graded(), "question-1", 1, by=BRUNO),
    )
    assert {ana.item: ana} == current(reviews(ana, bruno))


def test_where_one_person_withdraws_the_other_counts():
    ana = review(graded(), "question-1", None, by=ANA, at=3, withdrawn=True)
    bruno = review(graded(), "question-1", 1, by=BRUNO)
    assert {bruno.item: bruno} == current(reviews(ana, bruno))


# Disagreeing


def test_people_who_give_different_credit_disagree():
    ana, bruno = (
        review(graded(), "question-1", 0, by=ANA),
        review(graded(), "question-1", 1, by=BRUNO, at=2),
    )
    assert (Conflict(graded().id, "question-1", (ana, bruno)),) == conflicts(reviews(bruno, ana))


@pytest.mark.parametrize(
    "changed",
    [{"credit": 0.0}, {"of": "another answer"}, {"knowing": True}, {"withdrawn": True}],
    ids=["same credit", "another answer", "in view of the other", "withdrawn"],
)
def test_people_do_not_disagree(changed):
    ana = review(graded(), "question-1", 0, by=ANA)
    bruno = review(graded(), "question-1", 1, by=BRUNO, at=2).model_copy(update=changed)
    assert () == conflicts(reviews(ana, bruno))


def test_who_disagrees_after_a_decision_that_was_made_knowing_is_listed():
    ana = review(graded(), "question-1", 0, by=ANA)
    bruno = review(graded(), "question-1", 1, by=BRUNO, at=2).model_copy(update={"knowing": True})
    carla = review(graded(), "question-1", 0.5, by="Carla Exemplo", at=3)
    assert (Conflict(graded().id, "question-1", (bruno, carla)),) == conflicts(
        reviews(ana, bruno, carla)
    )


# Data


def test_what_was_judged_is_of_the_automatic_result_also_once_it_is_settled():
    before = as_automatic(typed_in())
    after = settle(before, reviews(review(before, "gradient-step", 1, reason="Conferido.")))
    assert judged(of(before, "gradient-step")) == judged(of(after, "gradient-step"))


def test_what_was_judged_says_status_credit_and_flags():
    assert "failed 0 does-not-follow-data" == judged(of(typed_in(), "gradient-step"))


def test_what_was_judged_of_a_whole_says_status_and_reason():
    result = not_graded("Olívia Exemplo", "unreadable", "unreadable.git-conflict", line=212)
    assert "unreadable unreadable.git-conflict" == judged_whole(result)


def test_a_decision_is_later_than_an_earlier_one_also_by_a_clock_that_was_set_back():
    now = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    assert "2024-05-01T12:00:00.000Z" == moment(now)
    assert "2024-05-01T12:30:00.001Z" == moment(now, ["2024-05-01T12:30:00.000Z"])


@pytest.mark.parametrize(
    "wrong", [{"credit": 1.5}, {"credit": float("nan")}, {"at": "yesterday"}, {"by": ""}]
)
def test_a_review_that_says_something_impossible_is_none(wrong):
    given = review(graded(), "question-1", 1).model_dump() | wrong
    with pytest.raises(ValidationError):
        Review.model_validate(given)
