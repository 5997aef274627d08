"""Find the parts of a solved notebook that its handout does not have: nobody is asked for them.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from grader.authoring.drafting.readers.headings import Heading, headings_in
from grader.authoring.drafting.solved import SolvedCell

_SOLVED = re.compile(
    r"\b(solu[çct]|respost|respuest|réponse|answer|gabarito|corrig|lösung|soluzion)|答案|解答",
    re.IGNORECASE,
)
"""Words by which the heading of an exercise announces its solution."""


def cells_of_own_parts(cells: Sequence[SolvedCell], shared: Collection[int]) -> set[int]:
    """Find the code cells below headings beside or above the handout's own.

    Args:
        cells: those of the solved notebook.
        shared: indices of the cells that have lines of the handout, or places for them.
    """
    own = set()
    is_own = False
    level = 0  # of the handout's last heading
    for index, cell in enumerate(cells):
        headings = headings_in(cell)
        if index in shared:
            is_own = False
            for heading in headings:
                level = heading.level
        elif cell.kind == "code":
            if is_own:
                own.add(index)
        else:
            is_own = is_own or _begins_other(headings, level)
    return own


def _begins_other(headings: Sequence[Heading], level: int) -> bool:
    """Return whether headings begin a part that is not below one of the handout.

    Args:
        headings: of a text that only the solved notebook has.
        level: that of the handout's heading above; 0: there is none.
    """
    for heading in headings:
        if heading.is_solution or _SOLVED.search(heading.text):
            return False
        if heading.is_exercise or heading.level <= level:
            return True
    return False
