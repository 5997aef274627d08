"""Print what a regrade changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import READING_WIDTH, indented, section
from grader.outputs.wording import points
from grader.report import Report


def regrade_view(
    reused: int,
    rerun: Sequence[str],
    why: Iterable[str],
    changes: Sequence[tuple[str, str, float, float]],
    language: Language,
    *,
    report: Report,
) -> RenderableType:
    """What grading again did.

    Args:
        reused: how many submissions were graded from a stored trace.
        rerun: students whose notebook was run again.
        why: why some had to run again.
        changes: student, exercise, points before and points now of each score that changed.
        language: language of the words.
        report: the new report; what people decided of something that is another now is listed.
    """
    facts = [word("reused", language, count=reused)]
    if rerun:
        facts.append(
            word(
                "rerun",
                language,
                count=len(rerun),
                students=wording.listed(rerun, language, most=10),
            )
        )
    lines: list[RenderableType] = [
        safe(" · ".join(facts)),
        *(indented(reason, "dim") for reason in why),
    ]
    if changes:
        lines.append(safe(word("changes", language, count=len(changes)), "bold"))
        lines.append(_changes(changes, language))
    else:
        lines.append(safe(word("no-change", language)))
    lines += section(
        word("review-overtaken", language), wording.overtaken(report.submissions, language)
    )
    return Constrain(Group(*lines), READING_WIDTH)


def _changes(changes: Iterable[tuple[str, str, float, float]], language: Language) -> Table:
    grid = Table.grid(padding=(0, 2))
    for student, exercise, before, after in changes:
        by = points(abs(after - before), language)
        step = Text(f"+{by}", "green") if after > before else Text(f"−{by}", "red")
        scores = f"{points(before, language)} → {points(after, language)}"
        grid.add_row(safe(student), safe(exercise), Text(scores), step)
    return grid
