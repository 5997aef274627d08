"""Show the changes of a regrade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.attention import outdated_reviews
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import READING_WIDTH, indented, section
from grader.outputs.wording import listed, points
from grader.report import Report

MAX_STUDENTS = 10
"""Names in the list of students with a notebook that ran again."""

ScoreChange = tuple[str, str, float, float]
"""Student, exercise, points before and points now."""


def regrade_view(
    reused: int,
    rerun: Sequence[str],
    why: Iterable[str],
    changes: Sequence[ScoreChange],
    language: Language,
    *,
    report: Report,
) -> RenderableType:
    """Show the outcome of a regrade.

    Args:
        reused: how many submissions were graded from a stored trace.
        rerun: students with a notebook that was run again.
        why: why some had to run again.
        changes: the scores that changed.
        language: language of the words.
        report: the new report: its outdated reviews are listed.
    """
    lines: list[RenderableType] = [safe(_counts(reused, rerun, language))]
    lines += [indented(reason, "dim") for reason in why]

    if changes:
        lines.append(safe(word("changes", language, count=len(changes)), "bold"))
        lines.append(_changes(changes, language))
    else:
        lines.append(safe(word("no-change", language)))

    outdated = outdated_reviews(report.submissions, language)
    lines += section(word("review-overtaken", language), outdated)
    return Constrain(Group(*lines), READING_WIDTH)


def _counts(
    reused: int,
    rerun: Sequence[str],
    language: Language,
) -> str:
    counts = [word("reused", language, count=reused)]
    if rerun:
        students = listed(rerun, language, most=MAX_STUDENTS)
        counts.append(
            word(
                "rerun",
                language,
                count=len(rerun),
                students=students,
            )
        )
    return " · ".join(counts)


def _changes(changes: Iterable[ScoreChange], language: Language) -> Table:
    grid = Table.grid(padding=(0, 2))
    for student, exercise, before, after in changes:
        scores = f"{points(before, language)} → {points(after, language)}"
        difference = _difference(before, after, language)
        grid.add_row(safe(student), safe(exercise), Text(scores), difference)
    return grid


def _difference(
    before: float,
    after: float,
    language: Language,
) -> Text:
    amount = points(abs(after - before), language)
    if after > before:
        return Text(f"+{amount}", "green")
    return Text(f"−{amount}", "red")
