"""Reads what a student is shown, for expected values."""

from __future__ import annotations

import io
import re
from collections.abc import Collection

from grader.messages import LANGUAGES, Language
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


def given_away(result: SubmissionResult, known: str, secrets: Collection[str]) -> dict[Language, frozenset[str]]:
    """Per language, expected numbers that a student is shown and that stand nowhere in what they have.

    Args:
        result: how the submission was graded.
        known: the student's own cells, and the handout.
        secrets: the expected numbers.
    """
    told = {language: numbers_in(shown_to_a_student(result, language)) - numbers_in(known) for language in LANGUAGES}
    return {language: found & frozenset(secrets) for language, found in told.items() if not found.isdisjoint(secrets)}
