"""Reads what a student is shown, for expected values."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from grader.messages import LANGUAGES, Language
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.page_content import PageContent
from grader.outputs.pages.student_page import student_page
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import make_console
from grader.outputs.wording import place, points
from grader.report import SubmissionResult

if TYPE_CHECKING:
    from grader.reference.release import Release

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text without their signs, as `secret_numbers` writes them."""
    found = (number.replace(",", ".") for number in _NUMBER.findall(text))
    return frozenset(
        number.rstrip("0").rstrip(".") if "." in number else number for number in found
    )


def shown_to_a_student(result: SubmissionResult, language: Language) -> str:
    """What a terminal shows a student of a submission, but for places, points and seconds, which are numbers too."""
    execution = result.execution.model_copy(update={"again": (), "problems": (), "ended": None})
    result = result.model_copy(update={"execution": execution})
    stream = io.StringIO()
    make_console(stream).print(submission_view(result, language, "student"))
    text = " ".join(stream.getvalue().split())
    for exercise in result.exercises:
        text = text.replace(
            f" {points(exercise.points, language)}/{points(exercise.max_points, language)}", ""
        )
        for where in (check.found.where for check in exercise.checks if check.found):
            text = text.replace(place(where, language), "")
    return text


def shown_on_the_page(result: SubmissionResult, language: Language) -> str:
    """What the student's own page says of the exercises, but for places and points.

    What their lines left behind stands on it, too: that is what their own code computed, and nothing else.
    """
    content = PageContent(result, None, None, language, reader="student")
    page = student_page(content, Drawings())
    articles = "".join(re.findall(r"<article.*?</article>", page, flags=re.DOTALL))
    text = " ".join(
        html.unescape(
            re.sub(r"<span class=\"points num\">.*?</span>|<[^>]+>", " ", articles)
        ).split()
    )
    for where in (
        check.found.where
        for exercise in result.exercises
        for check in exercise.checks
        if check.found
    ):
        text = text.replace(" ".join(place(where, language).split()), "")
    return text


def given_away(
    result: SubmissionResult, known: str, secrets: Collection[str]
) -> dict[Language, frozenset[str]]:
    """Per language, expected numbers that a student is shown and that stand nowhere in what they have.

    Args:
        result: how the submission was graded.
        known: the student's own cells, and the handout.
        secrets: the expected numbers.
    """
    ways = (shown_to_a_student, shown_on_the_page)
    shown = {language: " ".join(way(result, language) for way in ways) for language in LANGUAGES}
    told = {language: numbers_in(text) - numbers_in(known) for language, text in shown.items()}
    return {
        language: found & frozenset(secrets)
        for language, found in told.items()
        if not found.isdisjoint(secrets)
    }


PER_CELL = 1200
"""Numbers that are typed into one cell: those of a notebook with one such cell are all recorded."""


def typed_in(release: Release) -> list[str]:
    """Cells into which a student types every number and every list of a release, and prints them."""
    things = list(dict.fromkeys(_things(json.loads(release.model_dump_json()))))
    lines = [f"tentativa = {thing}\nprint(tentativa)" for thing in things]
    return ["\n".join(lines[first : first + PER_CELL]) for first in range(0, len(lines), PER_CELL)]


def _things(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _things(value)
    elif isinstance(data, list):
        numbers = [
            value
            for value in data
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        if len(numbers) == len(data) and len(numbers) > 1:
            yield f"torch.tensor({numbers}, dtype=torch.float32)"
            yield repr(numbers)
        for value in data:
            yield from _things(value)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield repr(data)
        yield f"torch.tensor([{data!r}])"
