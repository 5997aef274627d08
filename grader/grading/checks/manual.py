"""The check `manual`: a section of the notebook that a person looks at. Pure.

Its code and texts are laid before the reviewer; outputs and pictures stand in the notebook beside.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.exercise import Exercise
from grader.grading.checks.base import Notebooks, ReviewedCheck
from grader.grading.checks.outcome import message
from grader.notebook.alignment import Alignment, Section
from grader.notebook.folding import fold, fold_words
from grader.report import CheckResult, Evidence, ExerciseStatus, Where

MAX_WORK = 10_000
"""Most characters of a section that the report keeps."""


class ManualCheck(ReviewedCheck):
    """Find what a student did in a section."""

    name = "manual"

    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the student's cells in the section: `pending` if there are some, else `missing`.

        Where the section cannot be found, all of the student's cells are laid before the reviewer.
        """
        own_cells = list(_own_cells(notebooks))
        section = _section_of(exercise, notebooks)
        alignment = Alignment(notebooks.submission, notebooks.handout)
        if section in alignment.present:
            own_cells = [cell for cell in own_cells if alignment.section(cell) == section]
            message_id = "manual.to-look-at"
        else:
            message_id = "manual.section-not-found"
        if not own_cells:
            return "missing", CheckResult(check=self.name, message=message("manual.blank"))

        sources = [notebooks.submission[cell].source for cell in own_cells]
        work = "\n\n".join(sources)
        evidence = Evidence(where=Where(cell=own_cells[0]), value=work[:MAX_WORK])
        why = message(message_id, cells=len(own_cells))
        return "pending", CheckResult(check=self.name, message=why, found=evidence)


def _section_of(exercise: Exercise, notebooks: Notebooks) -> Section | None:
    """Return the section of the handout that has the words of the exercise; None if none has."""
    phrase = fold_words(exercise.question)
    alignment = Alignment(notebooks.handout, notebooks.handout)
    for index, cell in enumerate(notebooks.handout):
        if cell.kind == "markdown" and phrase in fold_words(cell.source):
            return alignment.section(index)
    return None


def _own_cells(notebooks: Notebooks) -> Iterator[int]:
    """Give the indices of the cells that are not the handout's own, nor blank."""
    given = {fold(cell.source) for cell in notebooks.handout}
    for index, cell in enumerate(notebooks.submission):
        source = fold(cell.source)
        if source and source not in given:
            yield index
