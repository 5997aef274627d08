"""Show the findings of a validation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table

from grader.authoring.validation.findings import Margin, ValidationFinding
from grader.messages import Language, number, word
from grader.outputs.safe_text import plain, safe
from grader.outputs.terminal.tables import READING_WIDTH, indented
from grader.outputs.wording import mark, message_text


def validation_view(
    assignment: str,
    findings: Sequence[ValidationFinding],
    language: Language,
    *,
    shown: int = 0,
) -> RenderableType:
    """Show the findings of a validation, and finally how many of its checks failed.

    Args:
        assignment: name of the assignment.
        findings: the result of each check.
        language: language of the words.
        shown: how many of the findings have been shown already.
    """
    failed = sum(not finding.ok for finding in findings)
    verdict = word(
        "invalid" if failed else "valid",
        language,
        name=assignment,
        count=len(findings),
        failed=failed,
    )
    lines: list[RenderableType] = []
    for finding in findings[shown:]:
        lines.extend(_finding_lines(finding, language))
    lines.append(safe(verdict, "bold red" if failed else "bold green"))
    return Constrain(Group(*lines), READING_WIDTH)


def finding_view(finding: ValidationFinding, language: Language) -> RenderableType:
    """Show the result of one check."""
    lines = list(_finding_lines(finding, language))
    return Constrain(Group(*lines), READING_WIDTH)


def _finding_lines(finding: ValidationFinding, language: Language) -> Iterator[RenderableType]:
    text = message_text(finding.message, language, "instructor")
    status = mark("passed" if finding.ok else "failed")
    yield status.append(f" {plain(text)}")
    for detail in finding.details:
        detail_text = message_text(detail, language, "instructor")
        yield indented(detail_text, columns=2)
    if finding.margins:
        table = _margins_table(finding.margins, language)
        unit = word("in-tolerances", language)
        yield Padding(table, (0, 0, 0, 2))
        yield indented(unit, "dim", columns=2)


def _margins_table(margins: Iterable[Margin], language: Language) -> Table:
    """Make a table with a row per exercise.

    Red is where right answers leave the tolerance, or wrong ones come within it.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    headings = [
        word("exercise", language),
        word("tolerance", language),
        word("spread", language),
        word("its-distance", language),
    ]
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    table.add_column(word("nearest-mistake", language), overflow="fold")

    for margin in margins:
        rtol = number(margin.rtol, language)
        atol = number(margin.atol, language)
        spread = _in_tolerances(margin.spread, language)
        distance = _in_tolerances(margin.distance, language)
        table.add_row(
            safe(margin.exercise),
            safe(f"{rtol} · |x| + {atol}"),
            safe(spread, "" if margin.right_within else "bold red"),
            safe(distance, "" if margin.wrong_beyond else "bold red"),
            safe(margin.nearest or "–"),
        )
    return table


def _in_tolerances(distance: float, language: Language) -> str:
    """Format a distance in units of the tolerance, with two significant figures."""
    if math.isinf(distance):
        return "∞"
    rounded = float(f"{distance:.2g}")
    return number(rounded, language)
