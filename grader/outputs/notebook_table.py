"""Shows what a student's check found as a small table, in a notebook's output.

SECURITY: what a student or an instructor wrote is escaped: it becomes text, never markup.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape

from rich.console import Console

from grader.assignment import Assignment
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import PLAIN_WIDTH
from grader.outputs.wording import MARKS, own, place, points, said, sentences
from grader.outputs.wording import ran as words_of_run
from grader.report import ExerciseResult, SubmissionResult

_CODE = re.compile("`([^`]+)`")

COLOURS = {
    "green": "#1a7f37",
    "yellow": "#9a6700",
    "red": "#cf222e",
    "blue": "#0969da",
    "magenta": "#8250df",
    "dim": "#6e7781",
}
"""Of the marks: each has a contrast of at least 4.5 on white."""


def as_text(
    assignment: Assignment,
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool,
    saved: bool,
) -> str:
    """What `grade check` shows, without colours."""
    stream = io.StringIO()
    notes = {exercise.id: own(exercise.student_note, language) for exercise in assignment.exercises}
    # Not as rich would write in Jupyter: what this gives is text.
    console = Console(
        file=stream,
        width=PLAIN_WIDTH,
        markup=False,
        highlight=False,
        force_jupyter=False,
        color_system=None,
    )
    title = assignment.title
    console.print(
        submission_view(
            result, language, "student", title=title, notes=notes, with_points=with_points
        )
    )
    for line in _last_lines(language, saved=saved):
        console.print(line)
    return stream.getvalue()


def as_html(
    assignment: Assignment,
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool,
    saved: bool,
) -> str:
    """A table with a row per exercise: its mark, its title, what to know, and the student's own line."""
    reason = f"<p>{_text(said(result.reason, language, 'student'))}</p>" if result.reason else ""
    ended = (
        f"<p>{_text(said(result.execution.ended, language, 'student'))}</p>"
        if result.execution.ended
        else ""
    )
    ran = "".join(
        f"<p>{_text(line)}</p>" for line in words_of_run(result, language, "student") if line
    )
    rows = "".join(
        _row(assignment, one, language, with_points=with_points) for one in _shown(result)
    )
    read = sum(not one.automatic and one.status == "pending" for one in result.exercises)
    waiting = (
        f"<p>{_mark('pending')} {_text(word('read-by-a-person', language, count=read))}</p>"
        if read
        else ""
    )
    below = "".join(
        f"<p><small>{_text(line)}</small></p>" for line in _last_lines(language, saved=saved)
    )
    return f"<p><b>{_text(assignment.title)}</b></p>{reason}{ended}<table>{rows}</table>{waiting}{ran}{below}"


def _shown(result: SubmissionResult) -> Iterator[ExerciseResult]:
    return (one for one in result.exercises if one.automatic or one.status != "pending")


def _row(
    assignment: Assignment, one: ExerciseResult, language: Language, *, with_points: bool
) -> str:
    told = [
        _text(sentence)
        for sentence in dict.fromkeys(filter(None, sentences(one, language, "student")))
    ]
    for evidence in [check.found for check in one.checks if check.found]:
        line = (
            f"<code>{escape(plain(evidence.where.source))}</code><br>"
            if evidence.where.source.strip()
            else ""
        )
        told.append(f"{line}<small>{_text(place(evidence.where, language))}</small>")
    exercise = assignment.exercise(one.id)
    if exercise and (note := own(exercise.student_note, language)):
        told.append(f"<i>{_text(note)}</i>")
    earned = (
        f"<br>{points(one.points, language)}/{points(one.max_points, language)}"
        if with_points
        else ""
    )
    left = 'style="text-align:left;vertical-align:top"'
    cells = (f"<b>{_text(one.title)}</b>{earned}", "<br>".join(told))
    return f"<tr><td {left}>{_mark(one.status)}</td>{''.join(f'<td {left}>{cell}</td>' for cell in cells)}</tr>"


def _mark(status: str) -> str:
    sign, colour = MARKS[status]
    return f'<b style="color:{COLOURS[colour]}">{sign}</b>'


def _last_lines(language: Language, *, saved: bool) -> Iterator[str]:
    yield word("with-other-numbers", language)
    if saved:
        yield word("as-saved", language)


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(plain(text)))
