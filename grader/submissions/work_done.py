"""Measure how much of an assignment a notebook contains, by the student's own code and text. Pure.

The handout's prose does not count: deleting it is not less work, and an untouched copy has all of
it.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Assignment
from grader.grading.text_answers import find_answer
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.notebook.headings import headings
from grader.notebook.name_flow import has_code
from grader.submissions.submission import Submission

Part = int | str
"""A part of an assignment: the index of a handout's cell that begins it, or id of a question."""

Parts = frozenset[Part]

_NO_WORK = (ast.Import, ast.ImportFrom, ast.Pass)


@dataclass(frozen=True)
class WorkDone:
    """A student's work in one notebook."""

    parts: Parts
    """The parts that are done.

    Where the handout's own cells between several parts are gone, as many count as there are
    statements.
    """
    own: frozenset[str]
    """Folded sources of all own cells."""
    code_cells: int
    """How many own code cells compute anything."""
    first: int
    """Where the handout has the first of the parts."""


def work_done(submission: Submission, assignment: Assignment) -> WorkDone:
    """Find which parts of an assignment a notebook answers."""
    outline = _Outline(assignment.handout)
    located: set[int] = set()
    guessed: set[int] = set()
    count = 0
    for run in _runs(submission.cells, outline):
        count += run.cells
        parts = outline.between(run.after, run.before)
        if len(parts) > 1 and not run.is_prelude:
            likely = parts[: run.statements]
            guessed.update(likely)
        if len(parts) == 1 and run.cells:
            located.update(parts)

    answered = _answered(submission, assignment)
    coded = located | guessed
    places = [*coded, *answered.values()]
    parts_done = coded | answered.keys()
    return WorkDone(
        parts=frozenset(parts_done),
        own=_own_sources(submission, outline),
        code_cells=count,
        first=min(places, default=0),
    )


def _own_sources(submission: Submission, outline: _Outline) -> frozenset[str]:
    own: set[str] = set()
    for cell in submission.cells:
        source = fold(cell.source)
        if source and source not in outline.sources:
            own.add(source)
    return frozenset(own)


class _Outline:
    """The parts of a handout, and the cells by which notebooks are compared with it."""

    def __init__(self, handout: Sequence[NotebookCell]) -> None:
        sources = [fold(cell.source) for cell in handout]
        self.sources = frozenset(sources)
        self.length = len(handout)
        self._by_source: dict[str, int] = {}
        self._by_heading: dict[str, int] = {}
        for index, cell in enumerate(handout):
            source = sources[index]
            is_unique = sources.count(source) == 1
            if is_unique and not _is_placeholder(cell):
                self._by_source[source] = index
            for heading in headings(cell):
                folded_heading = heading.casefold()
                self._by_heading.setdefault(folded_heading, index)

        starts = _starts(handout)
        self._starts = tuple(starts)

    def position(self, cell: NotebookCell) -> int | None:
        """Return the index of the handout's cell that equals a cell, or has its heading."""
        source = fold(cell.source)
        position = self._by_source.get(source)
        if position is not None:
            return position

        for heading in headings(cell):
            key = heading.casefold()
            position = self._by_heading.get(key, position)
        return position

    def begins_part(self, position: int) -> bool:
        """Return whether a part begins with a cell of the handout."""
        return position in self._starts

    def between(self, after: int, before: int) -> list[int]:
        """Return the parts with code that may be between two cells of the handout."""
        _, *following = self._starts
        ends = [*following, self.length]
        parts: list[int] = []
        for start, end in zip(self._starts, ends, strict=True):
            if end <= after:
                continue
            if start < before or start <= after:
                parts.append(start)
        return parts


def _starts(handout: Sequence[NotebookCell]) -> Iterator[int]:
    """Yield the indices of the cells that begin a part: those with a blank to fill in.

    Cells before them are given to everyone. A part begins with a cell of text.
    """
    first = 0
    for index, cell in enumerate(handout):
        if _is_placeholder(cell):
            first = index
            break
    begun = first
    while begun > 0 and handout[begun].kind == "code":
        begun -= 1

    yield begun
    pairs = itertools.pairwise(handout)
    for index, (above, cell) in enumerate(pairs, start=1):
        if index <= begun:
            continue
        if above.kind == "code" and cell.kind == "markdown":
            yield index


def _is_placeholder(cell: NotebookCell) -> bool:
    """Return whether a code cell of a handout is to be filled in."""
    if cell.kind != "code":
        return False
    source = cell.source
    if "import " in source:
        return False
    return _count_statements(source) == 0


@dataclass
class _Run:
    """Student's code between two cells of the handout."""

    after: int
    """Index of the handout's cell above; -1 if there is none."""
    before: int = -1
    """Index of the handout's cell below.

    At the end of a notebook, that of the cell above; past the handout if no part has its text.
    """
    cells: int = 0
    """How many cells compute anything."""
    statements: int = 0
    """How many statements they have."""
    is_prelude: bool = False
    """Whether it repeats code that the first part with its own text needs."""


def _runs(cells: Sequence[NotebookCell], outline: _Outline) -> Iterator[_Run]:
    run = _Run(after=-1)
    has_part = False
    for cell in cells:
        position = outline.position(cell)
        if position is not None:
            run.before = position
            if not has_part:
                has_part = outline.begins_part(position)
                run.is_prelude = has_part
            yield run
            run = _Run(after=position)
            continue

        if cell.kind != "code":
            continue
        source = fold(cell.source)
        if source not in outline.sources:
            statements = _count_statements(cell.source)
            run.cells += bool(statements)
            run.statements += statements

    run.before = outline.length
    if has_part:
        run.before = run.after
    yield run


def _count_statements(source: str) -> int:
    """Count the statements without imports, strings, `pass` and `...`."""
    statements = parse_cell(source).body
    if not statements and has_code(source):
        return 1  # it is no Python
    working = [statement for statement in statements if not _is_idle(statement)]
    return len(working)


def _is_idle(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=value):
            return isinstance(value, ast.Constant)
        case ast.Raise():
            return "NotImplementedError" in ast.dump(statement)
        case ast.FunctionDef(body=body):
            return all(map(_is_idle, body))
        case _:
            return isinstance(statement, _NO_WORK)


def _answered(submission: Submission, assignment: Assignment) -> Mapping[str, int]:
    """Return the questions that are certainly answered, and their positions in the handout."""
    asked = [exercise for exercise in assignment.exercises if not exercise.automatic]
    questions = [exercise.question for exercise in asked]
    handout = assignment.handout
    end = len(handout)
    answered: dict[str, int] = {}
    for place, exercise in enumerate(asked, start=end):
        answer = find_answer(submission.cells, handout, exercise, questions)
        if answer.text and answer.certain:
            answered[exercise.id] = place
    return answered
