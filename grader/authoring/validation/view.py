"""Print what a validation found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table

from grader.authoring.validation.findings import Finding, Margin
from grader.messages import Language, number, word
from grader.outputs.safe_text import plain, safe
from grader.outputs.terminal.tables import READING_WIDTH, indented
from grader.outputs.wording import mark, message_text


def validation_view(
    assignment: str, findings: Sequence[Finding], language: Language
) -> RenderableType:
    """What a validation found, and in the last line how many of its checks failed.

    Args:
        assignment: name of the assignment.
        findings: each thing that was looked at.
        language: language of the words.
    """
    failed = sum(not finding.ok for finding in findings)
    verdict = word(
        "invalid" if failed else "valid",
        language,
        name=assignment,
        count=len(findings),
        failed=failed,
    )
    lines = [line for finding in findings for line in _found(finding, language)]
    return Constrain(
        Group(*lines, safe(verdict, "bold red" if failed else "bold green")), READING_WIDTH
    )


def _found(finding: Finding, language: Language) -> Iterator[RenderableType]:
    told = message_text(finding.message, language, "instructor")
    yield mark("passed" if finding.ok else "failed").append(f" {plain(told)}")
    yield from (
        indented(message_text(detail, language, "instructor"), columns=2)
        for detail in finding.details
    )
    if finding.margins:
        yield Padding(_margins(finding.margins, language), (0, 0, 0, 2))
        yield indented(word("in-tolerances", language), "dim", columns=2)


def _margins(margins: Iterable[Margin], language: Language) -> Table:
    """A row per exercise; red where right answers leave the tolerance, or wrong ones come within it."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    figures = (
        word("tolerance", language),
        word("spread", language),
        word("its-distance", language),
    )
    for heading in (word("exercise", language), *figures):
        table.add_column(heading, no_wrap=True)
    table.add_column(word("nearest-mistake", language), overflow="fold")
    for margin in margins:
        table.add_row(
            safe(margin.exercise),
            safe(f"{number(margin.rtol, language)} · |x| + {number(margin.atol, language)}"),
            safe(_widths(margin.spread, language), "" if margin.right_within else "bold red"),
            safe(_widths(margin.distance, language), "" if margin.wrong_beyond else "bold red"),
            safe(margin.nearest or "–"),
        )
    return table


def _widths(value: float, language: Language) -> str:
    """A number of tolerances: two figures say enough."""
    return "∞" if math.isinf(value) else number(float(f"{value:.2g}"), language)
