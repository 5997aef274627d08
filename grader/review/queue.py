"""List the items that wait for a reviewer: answers to read, results to check.

Pure: all functions turn reports and reviews into data that becomes JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from grader.grading.reviews import Conflict, answer_text, as_automatic
from grader.report import ExerciseInfo, ExerciseResult, Report, Reviewed, SubmissionResult
from grader.review.context import AnswerContext, QuestionKey

Data = dict[str, Any]
"""Data for JSON."""


# Answers


def questions(report: Report, contexts: Mapping[QuestionKey, AnswerContext]) -> list[Data]:
    """List the answers to each question that a person reads.

    Equal answers are grouped, blank ones last.

    Args:
        report: the report of a run.
        contexts: the contexts of the answers.
    """
    listed = []
    for info in report.assignments:
        submissions = _graded_submissions(report, info.name)
        for question in info.exercises:
            groups = [] if question.automatic else _groups(question, submissions)
            if groups:
                context = contexts.get((info.name, question.id), AnswerContext())
                listed.append(_question_data(info.name, question, context, groups))
    return listed


def _graded_submissions(report: Report, assignment: str) -> list[SubmissionResult]:
    submissions = []
    for submission in report.submissions:
        if submission.assignment == assignment and submission.status == "graded":
            submissions.append(submission)
    return submissions


def _question_data(
    assignment: str,
    question: ExerciseInfo,
    context: AnswerContext,
    groups: list[Data],
) -> Data:
    return {
        "assignment": assignment,
        "exercise": question.id,
        "title": question.title,
        "points": question.points,
        "question": context.question,
        "guide": context.guide,
        "answer": context.answer,
        "groups": groups,
    }


def _groups(question: ExerciseInfo, submissions: Iterable[SubmissionResult]) -> list[Data]:
    """Group equal answers, the most frequent first."""
    members: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for submission in submissions:
        for exercise in submission.exercises:
            if exercise.id == question.id and exercise.status != "not_asked":
                text = answer_text(exercise)
                key = answer_key(text)
                members.setdefault(key, []).append(submission.id)
                texts.setdefault(key, text)

    def frequency_order(key: str) -> tuple[bool, int, str]:
        return not key, -len(members[key]), key

    groups = []
    for key in sorted(members, key=frequency_order):
        group = {
            "text": texts[key],
            "blank": not key,
            "members": members[key],
        }
        groups.append(group)
    return groups


def answer_key(text: str) -> str:
    """Normalise the case and white space of an answer; empty for a blank one."""
    return " ".join(text.casefold().split())


# Results


def results_to_check(report: Report) -> list[Data]:
    """List the results that need a look, reviewed or not."""
    listed = []
    for submission in map(as_automatic, report.submissions):
        kind = _submission_kind(submission)
        if kind:
            listed.append(_result_data(submission.id, "", kind))
        for exercise in submission.exercises:
            kind = _exercise_kind(exercise)
            if kind:
                listed.append(_result_data(submission.id, exercise.id, kind))
    return listed


def _result_data(
    submission_id: str,
    exercise_id: str,
    kind: str,
) -> Data:
    return {
        "submission": submission_id,
        "exercise": exercise_id,
        "kind": kind,
    }


def _submission_kind(submission: SubmissionResult) -> str:
    """Return why a submission as a whole needs a look; empty if it does not."""
    if submission.status != "graded" and submission.reason:
        return "file"
    return "flag" if submission.flags else ""


def _exercise_kind(exercise: ExerciseResult) -> str:
    """Return why an automatic result needs a look; empty if it does not."""
    if not exercise.automatic:
        return ""
    if exercise.status == "pending":
        return "unverified"
    return "flag" if exercise.flags else ""


def disagreements(conflicts: Iterable[Conflict]) -> list[Data]:
    """List where reviewers disagree."""
    listed = []
    for conflict in conflicts:
        listed.append({"submission": conflict.submission, "exercise": conflict.exercise})
    return listed


# Waiting items


def count_waiting(report: Report) -> tuple[int, int]:
    """Count the unread answers that are not blank, and the results that nobody has checked."""
    unread = sum(answer.status == "pending" for answer in _answers(report))

    submissions = {submission.id: submission for submission in report.submissions}
    unchecked = 0
    for data in results_to_check(report):
        review = _review_of(submissions[data["submission"]], data["exercise"])
        if review is None or not review.applies:
            unchecked += 1
    return unread, unchecked


def _answers(report: Report) -> Iterator[ExerciseResult]:
    for submission in report.submissions:
        for exercise in submission.exercises:
            if not exercise.automatic:
                yield exercise


def _review_of(submission: SubmissionResult, exercise_id: str) -> Reviewed | None:
    """Return the review of an exercise, or of the submission as a whole if the id is empty."""
    if not exercise_id:
        return submission.review
    for exercise in submission.exercises:
        if exercise.id == exercise_id:
            return exercise.review
    return None
