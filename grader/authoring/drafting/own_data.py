"""Find data that scores are measured on, and that students make themselves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.authoring.drafting.plan import PlannedExercise
from grader.authoring.drafting.proposals.notebook_code import NotebookCode
from grader.authoring.drafting.syntax import names_read
from grader.notebook.code import parse_cell


def data_of_students(exercises: Iterable[PlannedExercise], code: NotebookCode) -> Iterator[str]:
    """List the names of such data: who makes it easier earns the points of the score."""
    made_by_answers = code.bound - code.given
    for planned in exercises:
        proposal = planned.proposal
        if proposal.check != "score":
            continue
        measure = parse_cell(str(proposal.fields["with"]))
        names = names_read(measure) & made_by_answers
        yield from sorted(names - {proposal.fields["of"]})
