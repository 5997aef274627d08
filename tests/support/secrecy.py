"""Search what a student is shown for expected values."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from grader.authoring.validation.leaks import secret_numbers
from grader.messages import LANGUAGES, Language
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.page_content import PageContent
from grader.outputs.pages.student_page import student_page
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import make_console
from grader.outputs.wording import place, points, submission_facts
from grader.report import ExerciseResult, SubmissionResult, Where

if TYPE_CHECKING:
    from grader.grading.knowledge import Knowledge
    from grader.reference.release import Release

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text without their signs, as `secret_numbers` writes them."""
    return frozenset(map(_without_zeros, _NUMBER.findall(text)))


def _without_zeros(number: str) -> str:
    number = number.replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number


def shown_to_a_student(result: SubmissionResult, language: Language) -> str:
    """What a terminal shows a student, without places, points and seconds: numbers, too."""
    execution = result.execution.model_copy(update={"again": (), "problems": (), "ended": None})
    result = result.model_copy(update={"execution": execution})
    stream = io.StringIO()
    make_console(stream).print(submission_view(result, language, "student"))
    text = " ".join(stream.getvalue().split())
    facts = submission_facts(result, language)
    for fact in filter(None, facts):
        text = text.replace(" ".join(fact.split()), "", 1)

    for exercise in result.exercises:
        earned = points(exercise.points, language)
        whole = points(exercise.max_points, language)
        text = text.replace(f" {earned}/{whole}", "")
        for where in _places(exercise):
            text = text.replace(place(where, language), "")
    return text


def shown_on_the_page(result: SubmissionResult, language: Language) -> str:
    """What the student's own page says about the exercises, without places and points.

    What their lines left behind stands on it, too: that is what their own code computed, and
    nothing else.
    """
    content = PageContent(result, None, None, language, reader="student")
    page = student_page(content, Drawings())
    articles = "".join(re.findall(r"<article.*?</article>", page, flags=re.DOTALL))
    plain = re.sub(r"<span class=\"points num\">.*?</span>|<[^>]+>", " ", articles)
    text = " ".join(html.unescape(plain).split())

    for exercise in result.exercises:
        for where in _places(exercise):
            on_one_line = " ".join(place(where, language).split())
            text = text.replace(on_one_line, "")
    return text


def _places(exercise: ExerciseResult) -> Iterator[Where]:
    for check in exercise.checks:
        if check.found:
            yield check.found.where


MIN_FIGURES = 4
"""Fewer of a number that was drawn may stand in a sentence by chance."""


def telling_numbers(knowledge: Knowledge) -> frozenset[str]:
    """The expected numbers; of those that were drawn, the ones that no sentence has by chance."""
    on_data = secret_numbers(knowledge, of_variants=False)
    figures = {text: text.replace(".", "") for text in secret_numbers(knowledge)}
    drawn = {text for text, digits in figures.items() if len(digits) >= MIN_FIGURES}
    return on_data | drawn


def given_away(
    result: SubmissionResult, known: str, secrets: Collection[str]
) -> dict[Language, frozenset[str]]:
    """Per language, expected numbers that a student is shown and does not have already.

    Args:
        result: how the submission was graded.
        known: the student's own cells, and the handout.
        secrets: the expected numbers.
    """
    leaks: dict[Language, frozenset[str]] = {}
    for language in LANGUAGES:
        shown = [shown_to_a_student(result, language), shown_on_the_page(result, language)]
        told = numbers_in(" ".join(shown)) - numbers_in(known)
        leaked = told & frozenset(secrets)
        if leaked:
            leaks[language] = leaked
    return leaks


PER_CELL = 1200
"""Numbers that are typed into one cell: those of a notebook with one such cell are all recorded."""


def typed_in(release: Release, exercise: str = "") -> list[str]:
    """Cells into which a student types every number and every list of a release, and prints it.

    Args:
        release: what students get.
        exercise: type in only what the release says of this one. Among hundreds of losses of
            another one is a number, by chance, that is near its answer.
    """
    content = json.loads(release.model_dump_json())
    if exercise:
        content = list(_about(content, exercise))
    expressions = list(dict.fromkeys(_expressions(content)))
    lines = [f"tentativa = {expression}\nprint(tentativa)" for expression in expressions]

    cells: list[str] = []
    for first in range(0, len(lines), PER_CELL):
        cells.append("\n".join(lines[first : first + PER_CELL]))
    return cells


def _about(data: Any, exercise: str) -> Iterator[Any]:
    """Everything that some JSON keeps under the id of an exercise."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == exercise:
                yield value
            else:
                yield from _about(value, exercise)
    elif isinstance(data, list):
        for value in data:
            yield from _about(value, exercise)


def _expressions(data: Any) -> Iterator[str]:
    """Every number and every list of numbers in some JSON, as Python expressions."""
    if isinstance(data, dict):
        for value in data.values():
            yield from _expressions(value)
    elif isinstance(data, list):
        if len(data) > 1 and all(map(_is_number, data)):
            yield f"torch.tensor({data}, dtype=torch.float32)"
            yield repr(data)
        for value in data:
            yield from _expressions(value)
    elif _is_number(data):
        yield repr(data)
        yield f"torch.tensor([{data!r}])"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
