"""Solved notebooks in which right rewrites are made, from source strings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from grader.authoring.validation.rewrites import Answered, SolvedNotebook
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold


def solved_reference(
    cells: Sequence[str],
    answers: Mapping[str, int],
    *,
    handout: Sequence[str] = (),
    probed: Collection[str] = (),
    numbers: Mapping[str, float] | None = None,
) -> SolvedNotebook:
    """Make a solved notebook of code cells.

    Args:
        cells: their sources.
        answers: per name of an answer, the index of its cell; the exercise has the same name.
        handout: sources of the handout's cells, code and text alike.
        probed: names that are asked for at the end.
        numbers: the answers that are numbers.
    """
    known = numbers or {}
    given = {fold(source) for source in handout}
    lines = {fold(line) for source in handout for line in source.split("\n")}
    answered = [
        Answered(name, frozenset({cell}), frozenset(), (name,), True, known.get(name))
        for name, cell in answers.items()
    ]
    return SolvedNotebook(
        cells=tuple(NotebookCell(kind="code", source=source) for source in cells),
        own=frozenset(index for index, source in enumerate(cells) if fold(source) not in given),
        given_lines=frozenset(lines - {""}),
        handout_text=frozenset(handout),
        handout_words=frozenset(re.findall(r"[^\W\d]\w*", " ".join(handout))),
        probed=frozenset(probed),
        answers=tuple(answered),
    )


def code_in(notebook: Sequence[NotebookCell]) -> list[str]:
    """Return the sources of a notebook's cells."""
    return [cell.source for cell in notebook]
