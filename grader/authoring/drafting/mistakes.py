"""Propose known mistakes: common errors, made in the lines of the answers. Pure.

Whether a proposed mistake changes an answer, and breaks nothing, is found by running it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.mistake_rules import RULES, Rule, Site
from grader.authoring.drafting.replacements import CellSource, Replacement
from grader.authoring.drafting.solved import DraftCell
from grader.notebook.code import parse_cell
from grader.reference.markers import MARKER

MISTAKES_S = 120.0
"""Time for mistakes, in seconds."""
RUNS = 2
"""How often the notebook runs for each: to try it, and to grade it."""
SHORTEST_S = 0.1
"""A run takes this long at least."""


@dataclass(frozen=True)
class ProposedEdit:
    """A replacement for a line."""

    cell: int
    line: int
    """From 1."""
    instead: str


@dataclass(frozen=True)
class ProposedMistake:
    """A proposed mistake: one kind of change, wherever it applies in the answers."""

    kind: str
    edits: tuple[ProposedEdit, ...]


def propose_mistakes(cells: Sequence[DraftCell], indices: Sequence[int]) -> list[ProposedMistake]:
    """Propose the mistakes to try, the most telling kind first.

    Args:
        cells: the notebook's.
        indices: those of the cells with answers.
    """
    mistakes = []
    for kind, rule in RULES.items():
        edits: list[ProposedEdit] = []
        for index in indices:
            edits.extend(_edits(cells[index], index, rule))
        if edits:
            mistakes.append(ProposedMistake(kind, tuple(edits)))
    return mistakes


def mistakes_in_time(
    proposed: Sequence[ProposedMistake], run_s: float
) -> Sequence[ProposedMistake]:
    """Return the most telling mistakes, as many as there is time to try.

    Args:
        proposed: the most telling first.
        run_s: how long the notebook takes, in seconds.
    """
    each_s = RUNS * max(run_s, SHORTEST_S)
    count = int(MISTAKES_S / each_s)
    return proposed[:count]


def _edits(
    cell: DraftCell,
    index: int,
    rule: Rule,
) -> Iterator[ProposedEdit]:
    """Make a mistake in every line of a cell that students do not get."""
    source = CellSource(cell.source)
    by_line: dict[int, list[Replacement]] = {}
    for site in _sites(parse_cell(cell.source), source, in_loop=False):
        for replacement in rule(site):
            if replacement.line in cell.removed_lines:
                on_line = by_line.setdefault(replacement.line, [])
                _add_unless_overlapping(on_line, replacement)

    for line, replacements in sorted(by_line.items()):
        if _can_be_marked(source.line(line)):
            instead = source.apply(replacements).strip()
            yield ProposedEdit(index, line, instead)


def _sites(
    node: ast.AST,
    source: CellSource,
    *,
    in_loop: bool,
) -> Iterator[Site]:
    """List every node below one, outer ones first."""
    for child in ast.iter_child_nodes(node):
        yield Site(child, source, in_loop)
        loops = isinstance(child, (ast.For, ast.While))
        yield from _sites(child, source, in_loop=in_loop or loops)


def _add_unless_overlapping(replacements: list[Replacement], replacement: Replacement) -> None:
    if not any(replacement.overlaps(other) for other in replacements):
        replacements.append(replacement)


def _can_be_marked(line: str) -> bool:
    """Return whether a mark may follow a line.

    It cannot follow a line that goes on behind a backslash, nor another mark.
    """
    if line.rstrip().endswith("\\"):
        return False
    return MARKER.match(line) is None
