"""Show where reviewers of the same work disagree."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.grading.reviews import Conflict
from grader.messages import Language, number, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.similarity import students_of
from grader.report import Report


def conflicts_view(
    conflicts: Sequence[Conflict],
    report: Report,
    language: Language,
) -> RenderableType:
    """Show the disagreements, a line each: the student, the exercise, and everyone's credit.

    Args:
        conflicts: where people disagree.
        report: contains names and titles.
        language: language of the words.
    """
    if not conflicts:
        sentence = word("review-no-conflict", language)
        return safe(sentence)

    names = students_of(report)
    titles = _exercise_titles(report)
    grid = Table.grid(padding=(0, 2))
    for conflict in conflicts:
        item = (conflict.submission, conflict.exercise)
        name = names.get(conflict.submission, conflict.submission)
        title = titles.get(item, conflict.exercise)
        shares = _credits(conflict, language)
        grid.add_row(safe(name), safe(title), safe(shares))

    count = len(conflicts)
    heading = word("review-conflicts", language, count=count)
    return Group(Text(""), safe(heading, "bold"), grid)


def _exercise_titles(report: Report) -> dict[tuple[str, str], str]:
    """Return the titles of exercises, by the ids of the submission and the exercise."""
    titles = {}
    for submission in report.submissions:
        for exercise in submission.exercises:
            titles[submission.id, exercise.id] = exercise.title
    return titles


def _credits(conflict: Conflict, language: Language) -> str:
    texts = []
    for review in conflict.reviews:
        share = _credit(review.credit, language)
        texts.append(f"{review.by}: {share}")
    return " · ".join(texts)


def _credit(credit: float | None, language: Language) -> str:
    """Format a credit as a percentage; None means the automatic result."""
    if credit is None:
        return word("review-automatic", language)
    percentage = round(100 * credit, 2)
    text = number(percentage, language)
    return f"{text}%"
