"""Word the parts of a report: scores, locations, hints, sentences. Does no layout.

Texts of students and instructors go through `plain` before they are shown, here or in the layout: a
file name may contain an escape sequence that clears the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from grader.grading.points import total_of_submission
from grader.messages import (
    Language,
    Reader,
    as_language,
    common_language,
    in_language,
    number,
    say,
    short,
    word,
)
from grader.outputs.safe_text import plain
from grader.report import (
    CellProblem,
    Evidence,
    ExerciseResult,
    Flag,
    Message,
    MistakeFound,
    Report,
    Reviewed,
    SubmissionResult,
    Where,
)

MARKS = {
    "passed": ("✓", "green"),
    "partial": ("◐", "yellow"),
    "failed": ("✗", "red"),
    "pending": ("…", "blue"),
    "missing": ("–", "dim"),
    "not_run": ("–", "red"),
    "not_asked": ("·", "dim"),
    "ungradable": ("!", "magenta"),
}
"""The mark and its colour, per exercise status."""

SCORED = ("graded", "unchanged")
"""Statuses of submissions that have points."""

DECIDED = ("passed", "partial", "failed")
"""Statuses of exercises that have points."""

ANSWER_NOT_FOUND = (
    "value.absent",
    "value.absent-here",
    "value.blank",
    "value.missing",
    "series.absent",
    "series.missing",
    "mistake",
)
"""Messages that only say that the answer was not found: a hint is more useful to a student."""


# Languages and messages


def language_of(
    report: Report,
    asked: Language | None = None,
    assignment: str = "",
) -> Language:
    """Return the language to show a report in.

    Args:
        report: the report.
        asked: the language that the user chose; it comes first.
        assignment: name of the assignment that determines the language; if it is not in the report,
            all do.
    """
    if asked:
        return asked
    codes = {info.name: info.language for info in report.assignments}
    if assignment in codes:
        return as_language(codes[assignment])
    return common_language(codes.values())


def message_text(
    message: Message,
    language: Language,
    reader: Reader,
) -> str:
    """Word a message; empty if it is not for this reader."""
    return say(
        message.id,
        message.params,
        language=language,
        reader=reader,
    )


def in_few_words(message: Message, language: Language) -> str:
    """Word a message for a narrow column; empty if it has no short form."""
    return short(message.id, message.params, language)


def listed(
    texts: Sequence[str],
    language: Language,
    most: int = 3,
) -> str:
    """List the first texts, and say how many more there are."""
    parts = list(texts[:most])
    if len(texts) > most:
        parts.append(word("more", language, count=len(texts) - most))
    return ", ".join(parts)


# Points and statuses


def points(value: float, language: Language) -> str:
    """Format points with at most two decimals."""
    return number(round(value, 2), language)


def score(
    earned: float,
    possible: float,
    language: Language,
) -> str:
    """Format the earned and the possible points: `5,75/10`."""
    return f"{points(earned, language)}/{points(possible, language)}"


def mark(status: str) -> Text:
    """Return the coloured mark for an exercise status."""
    sign, colour = MARKS[status]
    return Text().append(sign, colour)


def is_decided(result: ExerciseResult) -> bool:
    """Return whether an exercise has points, 0 points included."""
    return result.status in DECIDED


def outcome(
    result: ExerciseResult | None,
    language: Language,
    *,
    with_points: bool,
) -> Text:
    """Format the outcome of an exercise for a table: its mark, and its points."""
    if result is None:
        return Text("")

    cell = mark(result.status)
    if with_points and is_decided(result):
        cell.append(f" {points(result.points, language)}")
    return cell


def questions(results: Sequence[ExerciseResult], language: Language) -> Text:
    """Format how many answers are still to be read; once all are, their points."""
    unread = sum(result.status == "pending" for result in results)
    if unread:
        return Text(word("to-read", language, count=unread), "blue")

    decided = [result for result in results if is_decided(result)]
    if not decided:
        return Text("–" if results else "", "dim")

    earned_points = sum(result.points for result in decided)
    decided_points = sum(result.max_points for result in decided)
    return Text(score(earned_points, decided_points, language))


def earned(
    result: SubmissionResult,
    language: Language,
    *,
    with_pending: bool = True,
) -> str:
    """Format the score of a submission; `–` if there is no work to grade.

    Points that wait for a person are shown beside those that are decided, unless they have their
    own column: `15 (+3)/18`.
    """
    if result.status != "graded":
        return "–"

    total = points(total_of_submission(result), language)
    decided = points(result.points, language)
    if result.pending_points and with_pending:
        pending = points(result.pending_points, language)
        return f"{decided} (+{pending})/{total}"
    return f"{decided}/{total}"


def submission_facts(
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool = True,
) -> Iterator[str]:
    """Format the line below a submission's name: file, points or status, pending points."""
    if result.student:
        yield result.file

    if result.status not in SCORED:
        yield word(result.status, language)
    elif with_points:
        earned_points = points(result.points, language)
        yield word(
            "of-points",
            language,
            earned=earned_points,
            possible=total_of_submission(result),
        )
    else:
        return

    if result.pending_points:
        yield word("pending-points", language, points=result.pending_points)


# Exercises: locations, values, mistakes, sentences


def place(where: Where, language: Language) -> str:
    """Format a place: the heading above it, then cell and line."""
    key = "line" if where.line else "cell"
    cell_and_line = word(
        key,
        language,
        cell=where.cell + 1,
        line=where.line,
    )

    heading = plain(where.heading)
    if not heading:
        return cell_and_line
    return f"{word('under', language, heading=heading)} · {cell_and_line}"


def value_found(evidence: Evidence) -> str:
    """Format a value with its name, for instructors."""
    if not evidence.name:
        return evidence.value
    return f"{evidence.name} = {evidence.value}"


def mistake_name(mistake: MistakeFound, language: Language) -> str:
    """Name a known mistake, and those that explain as much."""
    names = [in_language(name, language) for name in (mistake.name, *mistake.also_names)]
    return word("or", language).join(filter(None, names))


def mistake_hints(exercise: ExerciseResult, language: Language) -> list[str]:
    """Return a student's hints on the mistakes of an exercise; none if they are ambiguous."""
    if any(mistake.also for mistake in exercise.mistakes):
        return []
    return [_hint(mistake, language) for mistake in exercise.mistakes]


def _hint(mistake: MistakeFound, language: Language) -> str:
    happened = in_language(mistake.happened, language)
    advice = in_language(mistake.hint, language)
    return " ".join(filter(None, (happened, advice)))


def flags_to_tell(exercise: ExerciseResult) -> list[Flag]:
    """List the flags of an exercise that add to what its checks say."""
    told = [check.message for check in exercise.checks]
    return [flag for flag in exercise.flags if flag.message not in told]


def exercise_sentences(
    exercise: ExerciseResult,
    language: Language,
    reader: Reader,
) -> Iterator[str]:
    """Yield sentences about an exercise.

    A student reads the hint for a known mistake in place of "not found". Where a person decided,
    a student reads that person's comment; the instructor also reads what the grader found.
    """
    is_student = reader == "student"
    review = exercise.review

    person_decided = exercise.is_judged and (is_student or not exercise.automatic)
    if not person_decided:
        yield from _grader_sentences(exercise, language, reader)

    if review is None:
        return
    if not is_student:
        yield from review_sentences(review, language)
    elif review.applies:
        yield review_comment(review, language) or _settled_sentence(review, language)


def _settled_sentence(review: Reviewed, language: Language) -> str:
    if not review.decides:
        return ""
    return say(
        "review.settled",
        {},
        language=language,
        reader="student",
    )


def _grader_sentences(
    exercise: ExerciseResult,
    language: Language,
    reader: Reader,
) -> Iterator[str]:
    """Yield what the checks found: hints for a student, mistakes for the instructor."""
    hints = []
    if reader == "student":
        hints = mistake_hints(exercise, language)

    for check in exercise.checks:
        hint_says_more = any(hints) and check.message.id in ANSWER_NOT_FOUND
        if not hint_says_more:
            yield message_text(check.message, language, reader)
        yield from hints
        for note in check.notes:
            yield message_text(note, language, reader)

    if reader == "instructor":
        for mistake in exercise.mistakes:
            params = {"name": mistake_name(mistake, language)}
            yield say(
                "mistake",
                params,
                language=language,
                reader=reader,
            )


# Reviews


def is_reviewed(review: Reviewed | None) -> bool:
    """Return whether a person has looked at everything there is to look at."""
    return review is not None and review.applies


def review_sentences(review: Reviewed, language: Language) -> Iterator[str]:
    """Yield what a reviewer decided and why, for the instructor."""
    if review.changed:
        yield changed_review_sentence(review, language)

    if review.decides:
        yield _decision_sentence(review, language)
    elif review.applies:
        yield _review_message("review.kept", review, language)

    if review.reason:
        yield word("review-reason", language, reason=review.reason)
    comment = review_comment(review, language)
    if comment:
        yield word("review-comment", language, comment=comment)


def review_comment(review: Reviewed, language: Language) -> str:
    """Format a review for its student: rubric items with their points, and the comment."""
    parts = []
    for item in review.items:
        given = points(item.points, language)
        sign = "+" if item.points > 0 else ""
        parts.append(f"{item.text} ({sign}{given})")
    if review.comment:
        parts.append(review.comment)
    return " · ".join(parts)


def changed_review_sentence(review: Reviewed, language: Language) -> str:
    """Explain to the instructor that the work has changed since its review."""
    message_id = "review.changed" if review.applies else "review.stale"
    return _review_message(message_id, review, language)


def _decision_sentence(review: Reviewed, language: Language) -> str:
    grader_decided = review.automatic_status not in ("pending", None)
    overrides = grader_decided and review.reason
    message_id = "review.override" if overrides else "review.settled"
    return _review_message(message_id, review, language)


def _review_message(
    message_id: str,
    review: Reviewed,
    language: Language,
) -> str:
    params: dict[str, Any] = {
        "by": review.by,
        "credit": review.credit,
        "automatic": review.automatic_credit,
    }
    return say(
        message_id,
        params,
        language=language,
        reader="instructor",
    )


# The run


def run_notes(
    result: SubmissionResult,
    language: Language,
    reader: Reader,
) -> Iterator[str]:
    """Yield notes on the run itself, except what ended it."""
    execution = result.execution
    for note in execution.notes:
        yield message_text(note, language, reader)

    if execution.again:
        cells = ", ".join(str(cell) for cell in execution.again)
        yield say(
            "note.again",
            {"cells": cells},
            language=language,
            reader=reader,
        )


def problem(cell: CellProblem, language: Language) -> str:
    """Describe a cell that failed: its location, and the error."""
    location = place(cell.where, language)
    ending = cell.error
    if cell.message:
        ending = f"{cell.error}: {cell.message}"
    if cell.status != "error" or not ending:
        ending = word(f"cell-{cell.status}", language)
    return f"{location} · {ending}"
