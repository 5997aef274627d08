"""Leave an exercise to a person, with the words that ask for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.free_choice import is_free_choice
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.proposals.own_design import is_own_design
from grader.authoring.drafting.solved import DraftCell
from grader.notebook.folding import fold_words

MAX_QUESTION = 12
"""Most words of a question that is taken from a notebook's text."""


def propose(task: TaskCode, why: str) -> Iterator[Proposal]:
    """Propose that a person decides.

    Args:
        task: the exercise.
        why: the reason, as the end of a message id.
    """
    yield Proposal("manual", {"question": question_of(task)}, why=why)


def why_not_decided(task: TaskCode, observed: Observed) -> str:
    """Return why the grader cannot decide an exercise, as the suffix of a message id."""
    cells = {placed.cell for placed in task.statements}
    if not observed.failed.isdisjoint(cells):
        return "failed"
    if task.task.is_manual:
        return "asked"
    if not task.statements:
        return "no-code"
    if task.trains:
        return "trains"
    if task.draws:
        return "figure"
    if is_own_design(task):
        return "own-design"
    if task.classes:
        return "class"
    if task.functions:
        return "function"
    if is_free_choice(task):
        return "free-choice"
    drawn = []
    for request in observed.samples:
        if request.cell in cells and observed.stability(request) != "fixed":
            drawn.append(request.expression)
    if any(map(task.names, drawn)):
        return "drawn"
    return "unnamed" if drawn else "no-value"


def question_of(task: TaskCode) -> str:
    """Find words of the handout that ask for an exercise: its heading, or else nearby text.

    Words of only one cell take precedence over those that others repeat, such as "Practice".
    """
    handout = []
    for cell in task.code.cells:
        if cell.handout:
            handout.append(fold_words(cell.handout))
    repeated = ""
    for text in _texts(task):
        words = fold_words(text)
        count = sum(words in cell for cell in handout)
        if not words.strip() or not count:
            continue
        if count == 1:
            return text
        repeated = repeated or text
    return repeated


def _texts(task: TaskCode) -> Iterator[str]:
    """List the texts that may ask for an exercise, those that identify its section first."""
    yield task.task.question
    yield task.task.title
    yield from _lines(task.task.words)
    first = min(task.task.cells, default=len(task.code.cells))
    for cell in reversed(task.code.cells[:first]):
        yield from _lines_of(cell)
    for cell in task.code.cells:
        yield from _lines_of(cell)


def _lines_of(cell: DraftCell) -> Iterator[str]:
    if cell.kind == "markdown":
        yield from _lines(cell.handout or "")


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        words = line.strip(" #*>_-`").split()
        if words:
            yield " ".join(words[:MAX_QUESTION])
