"""Shows where people who reviewed the same disagree."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.grading.reviews import Conflict
from grader.messages import Language, number, word
from grader.outputs.safe_text import safe
from grader.report import Report


def conflicts_view(
    conflicts: Sequence[Conflict], report: Report, language: Language
) -> RenderableType:
    """The disagreements, a line each: of whom, of what, and what everyone gave.

    Args:
        conflicts: where people disagree.
        report: names and titles.
        language: language of the words.
    """
    if not conflicts:
        return safe(word("review-no-conflict", language))
    names = {one.id: one.student or one.file for one in report.submissions}
    titles = {
        (one.id, exercise.id): exercise.title
        for one in report.submissions
        for exercise in one.exercises
    }
    grid = Table.grid(padding=(0, 2))
    for one in conflicts:
        item = (one.submission, one.exercise)
        gave = " · ".join(_gave(review.by, review.credit, language) for review in one.reviews)
        grid.add_row(
            safe(names.get(one.submission, one.submission)),
            safe(titles.get(item, one.exercise)),
            safe(gave),
        )
    told = word("review-conflicts", language, count=len(conflicts))
    return Group(Text(""), safe(told, "bold"), grid)


def _gave(by: str, credit: float | None, language: Language) -> str:
    shown = (
        word("review-automatic", language)
        if credit is None
        else number(round(100 * credit, 2), language) + "%"
    )
    return f"{by}: {shown}"
