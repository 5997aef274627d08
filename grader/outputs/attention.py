"""Collect items for a person: submissions to look at, main points, and notes on exercises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.messages import Language, in_language, word
from grader.outputs.wording import (
    changed_review_sentence,
    in_few_words,
    is_reviewed,
    message_text,
    mistake_name,
    place,
    value_found,
)
from grader.report import AssignmentInfo, Flag, Message, SubmissionResult

UNMET = ("failed", "partial", "missing")
"""Statuses of exercises that did not pass."""

SAID_BY_THE_END = frozenset(
    ("machine.time", "machine.notebook-time", "machine.output", "machine.memory", "machine.kernel")
)
"""Reasons to wait that are already reported as the end of the notebook."""

MAX_FLAG_EVIDENCE = 2
"""Lines of evidence in a sentence about a flag."""


def flags(submission: SubmissionResult) -> Iterator[tuple[str, Flag]]:
    """Return the flags that nobody has reviewed yet, each with the title of its exercise."""
    if not is_reviewed(submission.review):
        for flag in submission.flags:
            yield "", flag

    for exercise in submission.exercises:
        if not is_reviewed(exercise.review):
            for flag in exercise.flags:
                yield exercise.title, flag


def flag_in_few_words(flag: Flag, language: Language) -> str:
    """Describe a flag for a narrow column."""
    text = in_few_words(flag.message, language)
    if text:
        return text

    general = Message(id=f"flag.{flag.id}")
    return in_few_words(general, language) or flag.id


def reasons_to_look(
    submissions: Iterable[SubmissionResult], language: Language
) -> Iterator[tuple[str, str]]:
    """Yield the submissions that a person should look at, and why."""
    for submission in submissions:
        name = submission.student or submission.file

        reason = _unreviewed_reason(submission)
        if reason:
            yield name, message_text(reason, language, "instructor")

        sentences: dict[str, None] = {}  # values of one line are told once
        for title, flag in flags(submission):
            if flag.id != "machine":  # shown once for the class
                sentence = _flag_sentence(title, flag, language)
                sentences[sentence] = None
        for sentence in sentences:
            yield name, sentence

        yield from outdated_reviews([submission], language)


def _unreviewed_reason(submission: SubmissionResult) -> Message | None:
    """Return why a submission could not be graded, unless a person has seen it."""
    if submission.status == "graded":
        return None
    if is_reviewed(submission.review):
        return None
    return submission.reason


def _flag_sentence(
    title: str,
    flag: Flag,
    language: Language,
) -> str:
    sentence = message_text(flag.message, language, "instructor")
    if title:
        sentence = f"{title}: {sentence}"

    parts = [sentence]
    for evidence in flag.evidence[:MAX_FLAG_EVIDENCE]:
        source = evidence.where.source.strip()
        shown = source or value_found(evidence)
        location = place(evidence.where, language)
        parts.append(f"{shown} ({location})")

    return " — ".join(parts)


def outdated_reviews(
    submissions: Iterable[SubmissionResult], language: Language
) -> Iterator[tuple[str, str]]:
    """Yield the reviews of work that has changed since: the student, and what to do."""
    for submission in submissions:
        for exercise in submission.exercises:
            review = exercise.review
            if review and review.changed:
                name = submission.student or submission.file
                sentence = changed_review_sentence(review, language)
                yield name, f"{exercise.title}: {sentence}"


def main_things(submission: SubmissionResult, language: Language) -> Iterator[str]:
    """Yield the main points of a submission in few words each, the most important first."""
    if submission.status != "graded":
        yield _ungraded_status(submission, language)
        return

    ended = submission.execution.ended
    if ended:
        yield in_few_words(ended, language)
    in_few: dict[str, None] = {}
    for _, flag in flags(submission):
        if not ended or flag.message.id not in SAID_BY_THE_END:
            in_few[flag_in_few_words(flag, language)] = None
    yield from in_few
    yield from _causes(submission, language)


def _ungraded_status(submission: SubmissionResult, language: Language) -> str:
    status = word(submission.status, language)
    if submission.reason is None:
        return status

    reason = in_few_words(submission.reason, language)
    if not reason:
        return status
    return f"{status}: {reason}"


def _causes(submission: SubmissionResult, language: Language) -> Iterator[str]:
    """Name the recognised mistakes, or else why exercises did not pass."""
    automatic = [
        exercise
        for exercise in submission.exercises
        if exercise.automatic and not exercise.is_judged
    ]
    any_mistake = False
    for exercise in automatic:
        for mistake in exercise.mistakes:
            any_mistake = True
            yield mistake_name(mistake, language)
    if any_mistake:
        return

    for exercise in automatic:
        if exercise.status in UNMET:
            for check in exercise.checks:
                yield in_few_words(check.message, language)


def exercise_notes(
    assignments: Iterable[AssignmentInfo], language: Language
) -> Iterator[tuple[str, str]]:
    """Return the instructor's notes on exercises: the id of each exercise, and the note."""
    for assignment in assignments:
        for exercise in assignment.exercises:
            note = in_language(exercise.note, language)
            if note:
                yield exercise.id, note
