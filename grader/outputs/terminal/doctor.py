"""Shows what `grade doctor` found: a line for each thing, and how to get more below it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.running.doctor import Diagnosis, Finding

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "red")}
"""Per state its mark and colour."""
WIDTH = 110
"""Lines are not set wider than this, however wide the terminal."""


def diagnosis_view(diagnosis: Diagnosis, language: Language) -> RenderableType:
    """What was found on this machine, and in the last line what it comes to, in the language of what was found."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in diagnosis.findings:
        grid.add_row(Text().append(*MARKS[finding.state]), safe(finding.name), _told(finding))
    verdict = word("doctor-sealed" if diagnosis.sealed else "doctor-not-sealed", language)
    style = "bold green" if diagnosis.sealed else "bold red"
    return Constrain(Group(grid, Text(""), safe(verdict, style)), WIDTH)


def _told(finding: Finding) -> Text:
    lines = [safe(finding.text), *(safe(f"→ {advice}", "dim") for advice in finding.advice)]
    return Text("\n").join(lines)
