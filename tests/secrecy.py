"""Reads what a student is shown, for expected values."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Collection

from grader.messages import LANGUAGES, Language
from grader.render.pages.drawing import Drawings
from grader.render.pages.student_page import student_page
from grader.render.terminal import make_console, submission_view
from grader.render.words import place, points
from grader.report import SubmissionResult

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text without their signs, as `secret_numbers` writes them."""
    found = (number.replace(",", ".") for number in _NUMBER.findall(text))
    return frozenset(number.rstrip("0").rstrip(".") if "." in number else number for number in found)


def shown_to_a_student(result: SubmissionResult, language: Language) -> str:
    """What a terminal shows a student of a submission, but for places, points and seconds, which are numbers too."""
    execution = result.execution.model_copy(update={"again": (), "problems": (), "ended": None})
    result = result.model_copy(update={"execution": execution})
    stream = io.StringIO()
    make_console(stream).print(submission_view(result, language, "student"))
    text = " ".join(stream.getvalue().split())
    for exercise in result.exercises:
        text = text.replace(f" {points(exercise.points, language)}/{points(exercise.max_points, language)}", "")
        for where in (check.found.where for check in exercise.checks if check.found):
            text = text.replace(place(where, language), "")
    return text


def shown_on_the_page(result: SubmissionResult, language: Language) -> str:
    """What the student's own page says of the exercises, but for places and points.

    What their lines left behind stands on it, too: that is what their own code computed, and nothing else.
    """
    page = student_page(result, None, None, language=language, reader="student", drawings=Drawings())
    articles = "".join(re.findall(r"<article.*?</article>", page, flags=re.DOTALL))
    text = " ".join(html.unescape(re.sub(r"<span class=\"points num\">.*?</span>|<[^>]+>", " ", articles)).split())
    for where in (check.found.where for exercise in result.exercises for check in exercise.checks if check.found):
        text = text.replace(" ".join(place(where, language).split()), "")
    return text


def given_away(result: SubmissionResult, known: str, secrets: Collection[str]) -> dict[Language, frozenset[str]]:
    """Per language, expected numbers that a student is shown and that stand nowhere in what they have.

    Args:
        result: how the submission was graded.
        known: the student's own cells, and the handout.
        secrets: the expected numbers.
    """
    ways = (shown_to_a_student, shown_on_the_page)
    shown = {language: " ".join(way(result, language) for way in ways) for language in LANGUAGES}
    told = {language: numbers_in(text) - numbers_in(known) for language, text in shown.items()}
    return {language: found & frozenset(secrets) for language, found in told.items() if not found.isdisjoint(secrets)}
