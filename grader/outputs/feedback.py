"""Says to a student how a submission went: as a file, as a comment in a gradebook, in one line.

The student's view, whoever reads it: no value that was expected, none that was found.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import escape

from rich.console import Console

from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import PLAIN_WIDTH
from grader.outputs.wording import MARKS, own, place, points, said, score, sentences
from grader.report import AssignmentInfo, ExerciseResult, SubmissionResult


def as_text(result: SubmissionResult, info: AssignmentInfo, language: Language) -> str:
    """All that a student is told, with points, as lines of at most 100 columns."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=PLAIN_WIDTH,
        markup=False,
        highlight=False,
        force_jupyter=False,
        color_system=None,
    )
    notes = {exercise.id: own(exercise.student_note, language) for exercise in info.exercises}
    console.print(submission_view(result, language, "student", title=info.title, notes=notes))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def as_comment(result: SubmissionResult, language: Language) -> str:
    """What a student reads beside the grade, as HTML on one line.

    SECURITY: what a student or an instructor wrote is escaped.
    """
    reasons = [f"<p>{escape(reason)}</p>" for reason in general(result, language)]
    return "".join([*reasons, *(_paragraph(one, language) for one in _told(result))])


def in_one_line(result: SubmissionResult, language: Language) -> str:
    """What a student reads, for a cell of a table: of each exercise that did not pass, or that a person speaks of."""
    unmet = (
        (one, " ".join(about(one, language)))
        for one in _told(result)
        if one.status != "passed" or _comment(one)
    )
    told = [f"{plain(one.title)}: {sentence}" for one, sentence in unmet if sentence]
    return " · ".join([*general(result, language), *told])


def about(exercise: ExerciseResult, language: Language) -> list[str]:
    """What is said to a student of an exercise, in whole sentences."""
    told = (plain(sentence) for sentence in sentences(exercise, language, "student"))
    return list(dict.fromkeys(filter(None, told)))


def lines_about(exercise: ExerciseResult, info: AssignmentInfo, language: Language) -> list[str]:
    """What is said to a student of an exercise, with the student's own line, where it stands, and the note on it."""
    lines = about(exercise, language)
    for evidence in [check.found for check in exercise.checks if check.found]:
        source = plain(evidence.where.source)
        lines += [f"  {source}"] if source else []
        lines.append(f"  {place(evidence.where, language)}")
    notes = [own(one.student_note, language) for one in info.exercises if one.id == exercise.id]
    return [*lines, *map(plain, filter(None, notes))]


def general(result: SubmissionResult, language: Language) -> list[str]:
    """What is said to a student of a submission as a whole: why it has no grade, what ended it."""
    messages = [message for message in (result.reason, result.execution.ended) if message]
    return [
        text for text in (plain(said(message, language, "student")) for message in messages) if text
    ]


def _told(result: SubmissionResult) -> Iterator[ExerciseResult]:
    return (one for one in result.exercises if one.status != "not_asked")


def _comment(one: ExerciseResult) -> str:
    return one.review.comment if one.review and one.review.applies else ""


def _paragraph(one: ExerciseResult, language: Language) -> str:
    sign = MARKS[one.status][0]
    earned = (
        word("pending", language)
        if one.status == "pending"
        else score(one.points, one.max_points, language)
    )
    title = f"{sign} <b>{escape(plain(one.title))}</b> ({earned})"
    return f"<p>{'<br>'.join([title, *map(escape, about(one, language))])}</p>"


def earned(one: ExerciseResult, language: Language) -> str:
    """The points of an exercise, for a cell of a table; nothing while there are none."""
    return (
        points(one.points, language)
        if one.status not in ("pending", "not_asked", "ungradable")
        else ""
    )
