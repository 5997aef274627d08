"""Format the result of a student's check for a notebook: as a small table, and as text.

SECURITY: texts of students and instructors are escaped, and never become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from grader.assignment import Assignment
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.terminal.student import student_notes, submission_view
from grader.outputs.terminal.tables import as_plain_text
from grader.outputs.wording import (
    MARKS,
    exercise_sentences,
    message_text,
    place,
    run_notes,
    score,
)
from grader.report import Evidence, ExerciseResult, SubmissionResult

_CODE = re.compile("`([^`]+)`")

CELL_STYLE = 'style="text-align:left;vertical-align:top"'

COLOURS = {
    "green": "#1a7f37",
    "yellow": "#9a6700",
    "red": "#cf222e",
    "blue": "#0969da",
    "magenta": "#8250df",
    "dim": "#6e7781",
}
"""Colours of the marks: each has a contrast of at least 4.5 on white."""


def as_text(
    assignment: Assignment,
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool,
    saved: bool,
) -> str:
    """Format the output of `grade check`, without colours.

    Args:
        assignment: its title and the notes on its exercises are shown.
        result: how the notebook was graded.
        language: language of the words.
        with_points: show points.
        saved: whether to say that the saved file was checked, not the one on screen.
    """
    view = submission_view(
        result,
        language,
        "student",
        title=assignment.title,
        notes=student_notes(assignment, language),
        with_points=with_points,
    )
    return as_plain_text(view, *_closing_lines(language, saved=saved))


def as_html(
    assignment: Assignment,
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool,
    saved: bool,
) -> str:
    """Format a table with a row per exercise: its mark, its title, and an explanation.

    Args: those of `as_text`.
    """
    parts = [f"<p><b>{_text(assignment.title)}</b></p>"]
    for message in (result.reason, result.execution.ended):
        if message:
            parts.append(_paragraph(message_text(message, language, "student")))

    notes = student_notes(assignment, language)
    rows = []
    for exercise in result.exercises:
        if not _waits_for_reader(exercise):
            note = notes.get(exercise.id, "")
            rows.append(_row(exercise, note, language, with_points=with_points))
    parts.append(f"<table>{''.join(rows)}</table>")
    parts.append(_questions_to_read(result, language))

    sentences = run_notes(result, language, "student")
    parts.extend(_paragraph(sentence) for sentence in sentences if sentence)
    for line in _closing_lines(language, saved=saved):
        parts.append(f"<p><small>{_text(line)}</small></p>")

    return "".join(parts)


def _waits_for_reader(exercise: ExerciseResult) -> bool:
    """Return whether a person has to read the answer: these are only counted below the table."""
    return not exercise.automatic and exercise.status == "pending"


def _questions_to_read(result: SubmissionResult, language: Language) -> str:
    count = sum(_waits_for_reader(exercise) for exercise in result.exercises)
    if not count:
        return ""
    sentence = word("read-by-a-person", language, count=count)
    return f"<p>{_mark('pending')} {_text(sentence)}</p>"


def _row(result: ExerciseResult, note: str, language: Language, *, with_points: bool) -> str:
    title = f"<b>{_text(result.title)}</b>"
    if with_points:
        title += f"<br>{score(result.points, result.max_points, language)}"
    explanation = "<br>".join(_explanation(result, note, language))

    cells = [_mark(result.status), title, explanation]
    columns = [f"<td {CELL_STYLE}>{cell}</td>" for cell in cells]
    return f"<tr>{''.join(columns)}</tr>"


def _explanation(result: ExerciseResult, note: str, language: Language) -> Iterator[str]:
    """Format the explanation of an exercise: sentences, the student's own lines, a note."""
    sentences = dict.fromkeys(exercise_sentences(result, language, "student"))
    yield from (_text(sentence) for sentence in sentences if sentence)

    for check in result.checks:
        if check.found:
            yield _evidence(check.found, language)

    if note:
        yield f"<i>{_text(note)}</i>"


def _evidence(evidence: Evidence, language: Language) -> str:
    """Format the student's own line, if it is known, and its place."""
    location = f"<small>{_text(place(evidence.where, language))}</small>"
    source = evidence.where.source
    if not source.strip():
        return location
    return f"<code>{escape(plain(source))}</code><br>{location}"


def _mark(status: str) -> str:
    sign, colour = MARKS[status]
    return f'<b style="color:{COLOURS[colour]}">{sign}</b>'


def _closing_lines(language: Language, *, saved: bool) -> Iterator[str]:
    yield word("with-other-numbers", language)
    if saved:
        yield word("as-saved", language)


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _text(text: str) -> str:
    """Escape a text, and format text between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(plain(text)))
