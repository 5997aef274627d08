"""The check `manual`: show a section of the notebook to a person. Pure.

The reviewer sees its code, texts, outputs and pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.base import Notebooks, ReviewedCheck
from grader.grading.checks.outcome import message
from grader.notebook.alignment import Alignment, Section
from grader.notebook.folding import fold, fold_words
from grader.report import CheckResult, Evidence, ExerciseStatus, Where

MAX_WORK = 10_000
"""Most characters of a section that the report keeps."""


@dataclass(frozen=True)
class Work:
    """The student's cells for an exercise that a person grades."""

    cells: tuple[int, ...]
    """Indices of the student's own cells in the section; of all, if there is no such section."""
    section_found: bool


class ManualCheck(ReviewedCheck):
    """Find the student's cells in a section."""

    name = "manual"

    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the student's cells in the section: `pending` if there are any, else `missing`.

        Where the section cannot be found, all of the student's cells are laid before the reviewer.
        """
        work = work_in(exercise, notebooks)
        cells = work.cells
        if not cells:
            blank = message("manual.blank")
            return "missing", CheckResult(check=self.name, message=blank)

        sources = [notebooks.submission[cell].source for cell in cells]
        text = "\n\n".join(sources)
        where = Where(cell=cells[0])
        evidence = Evidence(where=where, value=text[:MAX_WORK])
        message_id = "manual.to-look-at" if work.section_found else "manual.section-not-found"
        why = message(message_id, count=len(cells))
        return "pending", CheckResult(check=self.name, message=why, found=evidence)


def work_in(exercise: Exercise, notebooks: Notebooks) -> Work:
    """Find the student's cells in the exercise's section; all of their cells without a section."""
    own_cells = tuple(_own_cells(notebooks))
    section = _section_of(exercise, notebooks)
    alignment = Alignment(notebooks.submission, notebooks.handout)
    if section not in alignment.present:
        return Work(own_cells, section_found=False)
    in_section = [cell for cell in own_cells if alignment.section(cell) == section]
    return Work(tuple(in_section), section_found=True)


def _section_of(exercise: Exercise, notebooks: Notebooks) -> Section | None:
    """Return the section of the handout that contains the words of the exercise; None without."""
    phrase = fold_words(exercise.question)
    alignment = Alignment(notebooks.handout, notebooks.handout)
    for index, cell in enumerate(notebooks.handout):
        if cell.kind == "markdown" and phrase in fold_words(cell.source):
            return alignment.section(index)
    return None


def _own_cells(notebooks: Notebooks) -> Iterator[int]:
    """Yield the indices of cells that are neither the handout's nor blank."""
    given = {fold(cell.source) for cell in notebooks.handout}
    for index, cell in enumerate(notebooks.submission):
        source = fold(cell.source)
        if source and source not in given:
            yield index
