"""What waits for a person, as a page shows it: questions with their answers, and results to look at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.grading.reviews import (
    Conflict,
    Item,
    Review,
    Reviews,
    answer_text,
    as_automatic,
    judged,
    judged_whole,
)
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.wording import earned, listed, place, said, sentences, value_found
from grader.report import Evidence, ExerciseResult, Flag, Report, Reviewed, SubmissionResult
from grader.review.context import Asked, Beside

Data = dict[str, Any]
"""What becomes JSON."""


def questions(report: Report, beside: Mapping[Asked, Beside]) -> list[Data]:
    """Per question that a person reads, its answers: equal ones together, the blank ones last.

    Args:
        report: the report of a run.
        beside: what stands beside the answers.
    """
    found: list[Data] = []
    for info in report.assignments:
        own = [
            one
            for one in report.submissions
            if one.assignment == info.name and one.status == "graded"
        ]
        for asked in (exercise for exercise in info.exercises if not exercise.automatic):
            answers = [
                (one.id, exercise)
                for one in own
                for exercise in one.exercises
                if exercise.id == asked.id
            ]
            known = beside.get((info.name, asked.id), Beside())
            if groups := _groups(answers):
                about = {"question": known.question, "guide": known.guide, "answer": known.answer}
                named = {
                    "assignment": info.name,
                    "exercise": asked.id,
                    "title": asked.title,
                    "points": asked.points,
                }
                found.append({**named, **about, "groups": groups})
    return found


def _groups(answers: Iterable[tuple[str, ExerciseResult]]) -> list[Data]:
    """Equal answers together, the most frequent first."""
    together: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for submission, exercise in answers:
        if exercise.status != "not_asked":
            key = same(answer_text(exercise))
            together.setdefault(key, []).append(submission)
            texts.setdefault(key, answer_text(exercise))
    ordered = sorted(together, key=lambda key: (not key, -len(together[key]), key))
    return [{"text": texts[key], "blank": not key, "members": together[key]} for key in ordered]


def same(text: str) -> str:
    """What two answers have in common that differ only in case and white space; empty for a blank one."""
    return " ".join(text.casefold().split())


def looks(report: Report) -> list[Data]:
    """What a person should look at beside answers, whether or not somebody has: what it is of, and which kind."""
    found: list[Data] = []
    for submission in map(as_automatic, report.submissions):
        whole = "file" if submission.status != "graded" and submission.reason else "flag"
        if whole == "file" or submission.flags:
            found.append({"submission": submission.id, "exercise": "", "kind": whole})
        for exercise in (one for one in submission.exercises if one.automatic):
            if exercise.status == "pending" or exercise.flags:
                kind = "unverified" if exercise.status == "pending" else "flag"
                found.append({"submission": submission.id, "exercise": exercise.id, "kind": kind})
    return found


def disagreements(conflicts: Iterable[Conflict]) -> list[Data]:
    """Where people disagree."""
    return [{"submission": one.submission, "exercise": one.exercise} for one in conflicts]


def waiting(report: Report) -> tuple[int, int]:
    """How many answers are unread, blank ones not counted, and how many results nobody has looked at."""
    submissions = {one.id: one for one in report.submissions}
    asked = (
        exercise
        for one in report.submissions
        for exercise in one.exercises
        if not exercise.automatic
    )
    unread = sum(exercise.status == "pending" for exercise in asked)
    unseen = sum(
        not _is_settled(_reviewed(submissions[one["submission"]], one["exercise"]))
        for one in looks(report)
    )
    return unread, unseen


def _exercise(submission: SubmissionResult, exercise: str) -> ExerciseResult:
    return next(one for one in submission.exercises if one.id == exercise)


def _reviewed(submission: SubmissionResult, exercise: str) -> Reviewed | None:
    return _exercise(submission, exercise).review if exercise else submission.review


def _is_settled(review: Reviewed | None) -> bool:
    return review is not None and review.applies


# Submissions


def given(reviews: Reviews) -> dict[Item, list[Review]]:
    """Per item what stands of each person, the newest last."""
    found: dict[Item, list[Review]] = {}
    for review in sorted(reviews.reviews, key=lambda review: review.order):
        if not review.withdrawn:
            found.setdefault(review.item, []).append(review)
    return found


def shown(
    submission: SubmissionResult, standing: Mapping[Item, Sequence[Review]], language: Language
) -> Data:
    """A submission with its exercises, what was found of them, and what people decided.

    Args:
        submission: settled.
        standing: what stands of each person, by item.
        language: language of the words.
    """
    reason = said(submission.reason, language, "instructor") if submission.reason else ""
    return {
        "id": submission.id,
        "student": plain(submission.student or submission.file),
        "file": plain(submission.file),
        "assignment": submission.assignment,
        "status": word(submission.status, language),
        "earned": earned(submission, language),
        "says": [plain(reason)] if reason else [],
        "flags": [_flag(flag, language) for flag in submission.flags],
        "problems": listed(
            [plain(one.error) for one in submission.execution.problems if one.error], language
        ),
        "of": judged_whole(submission),
        **_decided(submission.review, standing.get((submission.id, ""), ())),
        "exercises": [
            _shown(one, standing.get((submission.id, one.id), ()), language)
            for one in submission.exercises
            if one.status != "not_asked"
        ],
    }


def _shown(exercise: ExerciseResult, standing: Sequence[Review], language: Language) -> Data:
    automatic = exercise.model_copy(update={"review": None})
    return {
        "id": exercise.id,
        "title": plain(exercise.title),
        "automatic": exercise.automatic,
        "status": exercise.status,
        "points": exercise.points,
        "max": exercise.max_points,
        "says": list(
            dict.fromkeys(filter(None, map(plain, sentences(automatic, language, "instructor"))))
        ),
        "found": [_evidence(check.found, language) for check in exercise.checks if check.found],
        "flags": [_flag(flag, language) for flag in exercise.flags],
        "of": judged(exercise),
        **_decided(exercise.review, standing),
        "before": _before(exercise),
    }


def _before(exercise: ExerciseResult) -> Data:
    """What the grader had found."""
    review = exercise.review
    if review is None or review.automatic_status is None:
        return {"status": exercise.status, "points": exercise.points}
    return {"status": review.automatic_status, "points": review.automatic_points}


def _decided(review: Reviewed | None, standing: Sequence[Review]) -> Data:
    """What counts, and what everyone gave."""
    fields = {"by", "credit", "comment", "reason"}
    counting = review.model_dump(include={*fields, "applies", "changed"}) if review else None
    return {
        "review": counting,
        "given": [one.model_dump(include={*fields, "of"}) for one in standing],
    }


def _flag(flag: Flag, language: Language) -> Data:
    told = said(flag.message, language, "instructor")
    return {
        "id": flag.id,
        "says": plain(told),
        "found": [_evidence(one, language) for one in flag.evidence],
    }


def _evidence(evidence: Evidence, language: Language) -> Data:
    return {
        "source": plain(evidence.where.source),
        "place": place(evidence.where, language),
        "value": plain(value_found(evidence)) if evidence.where.line else evidence.value,
    }


def lists(
    submissions: Iterable[SubmissionResult], reviews: Reviews, language: Language
) -> Iterator[Data]:
    """Submissions as the page shows them."""
    standing = given(reviews)
    return (shown(submission, standing, language) for submission in submissions)
