"""Write a student's feedback: as a file, as a comment in a gradebook, or on one line.

It is always the student's view: without expected values, and without values that were found.
"""

from __future__ import annotations

from html import escape

from grader.messages import Language, in_language, word
from grader.outputs.safe_text import plain
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import as_plain_text
from grader.outputs.wording import (
    MARKS,
    exercise_sentences,
    message_text,
    place,
    points,
    score,
)
from grader.report import AssignmentInfo, ExerciseResult, SubmissionResult

STATUSES_WITHOUT_POINTS = ("pending", "not_asked", "ungradable")


def as_text(
    result: SubmissionResult,
    info: AssignmentInfo,
    language: Language,
) -> str:
    """Write all feedback on a submission, with points, as lines of at most 100 columns."""
    notes = {
        exercise.id: in_language(exercise.student_note, language) for exercise in info.exercises
    }
    view = submission_view(
        result,
        language,
        "student",
        title=info.title,
        notes=notes,
    )

    text = as_plain_text(view)
    lines = [f"{line.rstrip()}\n" for line in text.splitlines()]
    return "".join(lines)


def as_comment(result: SubmissionResult, language: Language) -> str:
    """Write the comment beside a grade, as HTML on one line.

    SECURITY: text by a student or an instructor is escaped.
    """
    sentences = submission_sentences(result, language)
    paragraphs = [f"<p>{escape(sentence)}</p>" for sentence in sentences]

    for exercise in _assigned_exercises(result):
        paragraph = _exercise_paragraph(exercise, language)
        paragraphs.append(paragraph)

    return "".join(paragraphs)


def in_one_line(result: SubmissionResult, language: Language) -> str:
    """Write the feedback for a cell of a table.

    It names the exercises that did not pass, and those that a person commented on.
    """
    parts = submission_sentences(result, language)

    for exercise in _assigned_exercises(result):
        passed = exercise.status == "passed"
        if passed and not _is_commented(exercise):
            continue
        feedback = " ".join(student_sentences(exercise, language))
        if feedback:
            title = plain(exercise.title)
            parts.append(f"{title}: {feedback}")

    return " · ".join(parts)


def student_sentences(exercise: ExerciseResult, language: Language) -> list[str]:
    """Explain an exercise to a student, in whole sentences without repetition."""
    sentences = []
    for sentence in exercise_sentences(exercise, language, "student"):
        harmless = plain(sentence)
        if harmless and harmless not in sentences:
            sentences.append(harmless)
    return sentences


def exercise_lines(
    exercise: ExerciseResult,
    info: AssignmentInfo | None,
    language: Language,
) -> list[str]:
    """Explain an exercise to a student: sentences, own code, its place, the note on it.

    Args:
        exercise: its result.
        info: the assignment; None: unknown, so that only sentences are returned.
        language: the language of the sentences.
    """
    lines = student_sentences(exercise, language)
    if info is None:
        return lines

    for check in exercise.checks:
        if check.found is None:
            continue
        source = plain(check.found.where.source)
        if source:
            lines.append(f"  {source}")
        location = place(check.found.where, language)
        lines.append(f"  {location}")

    for exercise_info in info.exercises:
        note = in_language(exercise_info.student_note, language)
        if exercise_info.id == exercise.id and note:
            lines.append(plain(note))

    return lines


def submission_sentences(result: SubmissionResult, language: Language) -> list[str]:
    """Explain to a student why a submission has no grade, or why its run ended."""
    texts = []
    for message in (result.reason, result.execution.ended):
        if message is None:
            continue
        text = message_text(message, language, "student")
        texts.append(plain(text))
    return [text for text in texts if text]


def points_cell(exercise: ExerciseResult, language: Language) -> str:
    """Format the points of an exercise for a table; empty if there are none."""
    if exercise.status in STATUSES_WITHOUT_POINTS:
        return ""
    return points(exercise.points, language)


def _assigned_exercises(result: SubmissionResult) -> list[ExerciseResult]:
    return [exercise for exercise in result.exercises if exercise.status != "not_asked"]


def _is_commented(exercise: ExerciseResult) -> bool:
    review = exercise.review
    if review is None or not review.applies:
        return False
    return bool(review.comment or review.items)


def _exercise_paragraph(exercise: ExerciseResult, language: Language) -> str:
    """Write the title, points and sentences of an exercise as an HTML paragraph."""
    sign, _ = MARKS[exercise.status]
    if exercise.status == "pending":
        credit = word("pending", language)
    else:
        credit = score(exercise.points, exercise.max_points, language)

    title = escape(plain(exercise.title))
    lines = [f"{sign} <b>{title}</b> ({credit})"]
    for sentence in student_sentences(exercise, language):
        escaped = escape(sentence)
        lines.append(escaped)

    joined = "<br>".join(lines)
    return f"<p>{joined}</p>"
