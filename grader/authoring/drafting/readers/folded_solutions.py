"""Put code that a text hides, to be unfolded as the solution, into the code cell above. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.code import parses
from grader.authoring.drafting.readers.comments import is_blank_or_comment
from grader.authoring.drafting.readers.regions import DETAILS, is_hint
from grader.authoring.drafting.readers.solution_cells import is_unsolved
from grader.authoring.drafting.solved import SolvedCell

_BLOCK = re.compile(
    r"^[ \t]*```[ \t]*(?:python3?|py|\{code-cell\}.*)?[ \t]*\n(?P<code>.*?)^[ \t]*```[ \t]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
"""A block of Python code in markdown."""
_SUMMARY = re.compile(r"<summary\b[^>]*>(?P<text>.*?)</summary>", re.DOTALL | re.IGNORECASE)
_SOLUTION = re.compile(
    r"\b(solu[çct]|soluzion|lösung|answer|respost|respuest|réponse|corrig|gabarito|reveal|spoiler)"
    r"|答案|解答",
    re.IGNORECASE,
)


def unfold_solutions(cells: Sequence[SolvedCell]) -> list[SolvedCell]:
    """Move solutions out of texts: into an empty code cell beside them, or into one of their own.

    A solution beside code that is already there stays: it is another copy of that code.
    """
    unfolded: list[SolvedCell] = []
    waiting = ""  # code for the empty cell below
    for index, cell in enumerate(cells):
        if waiting:
            unfolded.append(replace(cell, source=waiting))
            waiting = ""
            continue
        above = unfolded[-1] if unfolded else None
        below = cells[index + 1] if index + 1 < len(cells) else None
        is_awaited = above is not None and _awaits_code(above)
        solutions = list(_solutions_in(cell, awaits=is_awaited))
        rest = cell.source
        for details in solutions:
            rest = rest.replace(details[0], "")
        is_alone = not rest.strip()
        code = "\n\n".join(block for details in solutions for block in _code_in(details))
        if solutions and is_alone and is_awaited:
            unfolded[-1] = replace(unfolded[-1], source=code)
            continue
        is_copy = _is_code(below) or (is_alone and _is_code(above))
        if not solutions or is_copy:
            unfolded.append(cell)
            continue
        if not is_alone:
            unfolded.append(replace(cell, source=rest.strip()))
        if below is not None and _awaits_code(below):
            waiting = code
        else:
            unfolded.append(SolvedCell("code", code, index=cell.index))
    return unfolded


def _solutions_in(cell: SolvedCell, *, awaits: bool) -> Iterator[re.Match[str]]:
    """Yield the folded parts of a text that have the code of a solution.

    Args:
        cell: the text.
        awaits: whether an empty place for code is above it; then each folded code is one.
    """
    if cell.kind != "markdown":
        return
    for details in DETAILS.finditer(cell.source):
        summary = _SUMMARY.search(details[0])
        is_named = summary is None or _SOLUTION.search(summary["text"]) is not None
        is_folded_code = not is_hint(details) and any(_code_in(details))
        if is_folded_code and (is_named or awaits):
            yield details


def _code_in(details: re.Match[str]) -> Iterator[str]:
    for block in _BLOCK.finditer(details["inside"]):
        code = block["code"].strip("\n")
        lines = code.split("\n")
        if parses(code) and not all(map(is_blank_or_comment, lines)):
            yield code


def _is_code(cell: SolvedCell | None) -> bool:
    """Return whether a cell has code already."""
    return cell is not None and cell.kind == "code" and not _awaits_code(cell)


def _awaits_code(cell: SolvedCell) -> bool:
    """Return whether a cell is an empty place for code."""
    if cell.kind != "code":
        return False
    lines = cell.text_lines
    if is_unsolved(cell.source):
        return True
    return all(map(is_blank_or_comment, lines))
