"""Show the findings of `grade doctor`: a line for each, with advice below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.running.doctor import Diagnosis, Finding

MARKS = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "bad": ("✗", "red"),
}
"""The mark and its colour, per state."""
WIDTH = 110
"""Lines are not set wider than this, however wide the terminal."""


def doctor_view(diagnosis: Diagnosis, language: Language) -> RenderableType:
    """Show the findings on this machine, and finally whether notebooks can be sealed.

    Args:
        diagnosis: the findings, already in words.
        language: language of the last line.
    """
    grid = _grid(diagnosis.findings)
    conclusion = _conclusion(diagnosis, language)
    view = Group(grid, Text(""), conclusion)
    return Constrain(view, WIDTH)


def cluster_view(workers: Sequence[Finding], language: Language) -> RenderableType:
    """Show the workers of a cluster, and finally how many of them can be used."""
    states = [worker.state for worker in workers]
    usable = states.count("ok")
    sentence = word("doctor-workers", language, usable=usable, count=len(states))
    style = "bold red"
    if usable:
        style = "bold green"
    grid = _grid(workers)
    conclusion = safe(sentence, style)
    view = Group(grid, Text(""), conclusion)
    return Constrain(view, WIDTH)


def _grid(findings: Sequence[Finding]) -> Table:
    """Lay out findings, one below the other."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        sign, colour = MARKS[finding.state]
        mark = Text().append(sign, colour)
        name = safe(finding.name)
        grid.add_row(mark, name, _explanation(finding))
    return grid


def _explanation(finding: Finding) -> Text:
    lines = [safe(finding.text)]
    for advice in finding.advice:
        line = safe(f"→ {advice}", "dim")
        lines.append(line)
    return Text("\n").join(lines)


def _conclusion(diagnosis: Diagnosis, language: Language) -> Text:
    if diagnosis.sealed:
        sentence = word("doctor-sealed", language)
        return safe(sentence, "bold green")

    sentence = word("doctor-not-sealed", language)
    return safe(sentence, "bold red")
