"""Define right rewrites: the reference's notebook, written in another right way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.assignment import Assignment
from grader.job import Question
from grader.notebook.cell_names import read_names
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.slicing import names_bound_by
from grader.reference.files import ReferenceFiles

RewriteKind = Literal[
    "renamed",
    "asked-name",
    "function",
    "seed",
    "shuffled",
    "split",
    "joined",
    "printed",
    "reordered",
    "torch-function",
    "matmul",
    "item",
    "numpy",
    "accumulator",
    "loop",
]
"""How a notebook is written down in another way; the most telling first."""

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class CellChange:
    """Replacements for one cell."""

    cell: int
    """Index of the cell in the reference."""
    sources: tuple[str, ...]
    """Sources of the cells in its place; none: it is left out."""
    before: str
    """The first line that differs, as the reference has it."""
    after: str
    """That line in its place."""


@dataclass(frozen=True)
class Rewrite:
    """A notebook as right as the reference, written differently."""

    kind: RewriteKind
    changes: tuple[CellChange, ...]
    """Differences from the reference, in the order of its cells; not empty."""
    separable: bool = True
    """Whether each change is right by itself, too."""

    @property
    def id(self) -> str:
        """The kind, and the numbers (from 1) of the cells that differ."""
        numbers = [str(change.cell + 1) for change in self.changes]
        return "-".join([self.kind, *numbers])

    def singles(self) -> list[Rewrite]:
        """Return a rewrite for each of the changes; none for a single or an inseparable one."""
        if not self.separable or len(self.changes) == 1:
            return []
        return [replace(self, changes=(change,)) for change in self.changes]

    def applied(self, cells: Sequence[NotebookCell]) -> tuple[NotebookCell, ...]:
        """Apply the rewrite to the notebook."""
        changed = {change.cell: change for change in self.changes}
        notebook: list[NotebookCell] = []
        for index, cell in enumerate(cells):
            change = changed.get(index)
            if change is None:
                notebook.append(cell)
                continue
            for source in change.sources:
                copy = cell.model_copy(update={"source": source})
                notebook.append(copy)
        return tuple(notebook)

    def change_in(self, cells: Collection[int]) -> CellChange:
        """Return the first change in some cells; the first of all if there is none."""
        for change in self.changes:
            if change.cell in cells:
                return change
        return self.changes[0]


def changed_cell(cell: int, before: str, sources: Sequence[str]) -> CellChange:
    """Describe the change of a cell by its first line that differs.

    Args:
        cell: its index.
        before: its source.
        sources: those of the cells in its place.
    """
    after = "\n".join(sources)
    old_lines = _stripped_lines(before)
    new_lines = _stripped_lines(after)
    pairs = zip(old_lines, new_lines, strict=False)
    for old, new in pairs:
        if old != new:
            return CellChange(cell, tuple(sources), old, new)
    first = old_lines[0]
    return CellChange(cell, tuple(sources), first, first)


def _stripped_lines(source: str) -> list[str]:
    """Return the nonblank lines of a cell, without indentation."""
    text = source.strip()
    return [line.strip() for line in text.split("\n")]


def code_of(notebook: Sequence[NotebookCell]) -> list[tuple[int, str]]:
    """Return index and source of the nonblank code cells of a notebook."""
    code: list[tuple[int, str]] = []
    for index, cell in enumerate(notebook):
        if cell.kind != "code":
            continue
        source = cell.source
        if source.strip():
            code.append((index, source))
    return code


@dataclass(frozen=True)
class Answered:
    """Where and how the reference answers one exercise."""

    exercise: str
    cells: frozenset[int]
    """Indices of its cells, but for those that the handout gives."""
    made_in: frozenset[int]
    """For marks in cells of the handout: the own cells that assign names which these read."""
    names: tuple[str, ...]
    """Expressions of its marks, such as names."""
    looks_at_shown: bool
    """Whether a value that is only shown may be the answer, under no name."""
    number: float | None
    """Value of its first mark, if that is a single number of any type."""


@dataclass(frozen=True)
class SolvedNotebook:
    """The reference as a notebook without marks, with everything that rewrites need."""

    cells: tuple[NotebookCell, ...]
    own: frozenset[int]
    """Indices of the code cells that the handout does not give as they are."""
    given_lines: frozenset[str]
    """Lines of the handout's code: a right notebook has them, too."""
    handout_text: frozenset[str]
    """The text of each of the handout's cells."""
    handout_words: frozenset[str]
    """All words of the handout: names among them are given or asked for."""
    probed: frozenset[str]
    """Names that questions at the end read."""
    answers: tuple[Answered, ...]

    @property
    def answer_cells(self) -> list[int]:
        """Indices of the cells with an answer, in their order."""
        cells: set[int] = set()
        for answered in self.answers:
            cells |= answered.cells
        return sorted(cells)

    def source(self, cell: int) -> str:
        """Return the source of a cell."""
        return self.cells[cell].source

    def own_sources(self) -> Iterator[tuple[int, str]]:
        """Yield index and source of the code cells that are not given."""
        for cell in sorted(self.own):
            yield cell, self.source(cell)

    def is_given(self, line: str) -> bool:
        """Return whether the handout has a line of code."""
        return fold(line) in self.given_lines

    def protected(self, name: str) -> bool:
        """Return whether a right notebook has a name, since it is given or asked for."""
        return name in self.handout_words or name in self.probed


def read_solved(solution: ReferenceFiles, numbers: Mapping[str, float]) -> SolvedNotebook:
    """Read a reference as a notebook without marks.

    Args:
        solution: the reference.
        numbers: per exercise with one number as its answer, that number.
    """
    assignment = solution.assignment
    cells = _without_marks(solution)
    handout = assignment.handout_sources()
    own: set[int] = set()
    for cell, source in code_of(cells):
        if fold(source) not in handout:
            own.add(cell)
    probed: set[str] = set()
    for question in solution.questions:
        probed |= _names_asked(question)
    texts = [cell.source for cell in assignment.handout]
    notebook = SolvedNotebook(
        cells=cells,
        own=frozenset(own),
        given_lines=_given_lines(assignment),
        handout_text=frozenset(texts),
        handout_words=_words(assignment),
        probed=frozenset(probed),
        answers=(),
    )
    answers = tuple(_answers(solution, notebook, numbers))
    return replace(notebook, answers=answers)


def _without_marks(solution: ReferenceFiles) -> tuple[NotebookCell, ...]:
    cells = list(solution.cells)
    for marked in solution.reference.cells:
        index = marked.cell
        update = {"source": marked.code}
        cells[index] = cells[index].model_copy(update=update)
    return tuple(cells)


def _given_lines(assignment: Assignment) -> frozenset[str]:
    lines: set[str] = set()
    for cell in assignment.handout:
        if cell.kind == "code":
            lines.update(map(fold, cell.source.split("\n")))
    return frozenset(lines - {""})


def _words(assignment: Assignment) -> frozenset[str]:
    words: set[str] = set()
    for cell in assignment.handout:
        words.update(_NAME.findall(cell.source))
    return frozenset(words)


def _answers(
    solution: ReferenceFiles, notebook: SolvedNotebook, numbers: Mapping[str, float]
) -> Iterator[Answered]:
    asked = _asked_names(solution)
    for exercise in solution.assignment.exercises:
        if not exercise.automatic:
            continue
        marks = _marks_of(solution, exercise.id)
        marked = {cell for cell, _ in marks}
        names = asked.get(exercise.id, set())
        cells = marked | _cells_binding(names, notebook)
        is_value = exercise.check == "value"
        asks_for_name = exercise.where == "name"
        takes_shown = is_value and not asks_for_name
        takes_any_type = is_value and not exercise.strict
        number = numbers.get(exercise.id)
        yield Answered(
            exercise=exercise.id,
            cells=frozenset(cells) & notebook.own,
            made_in=_made_in(cells - notebook.own, notebook),
            names=tuple(value for _, value in marks),
            looks_at_shown=takes_shown and "shown" in exercise.look_in,
            number=number if takes_any_type else None,
        )


def _asked_names(solution: ReferenceFiles) -> dict[str, set[str]]:
    """Return, by exercise, the names that questions at the end read."""
    asked: dict[str, set[str]] = {}
    for question in solution.questions:
        names = asked.setdefault(question.exercise, set())
        names |= _names_asked(question)
    return asked


def _cells_binding(names: Collection[str], notebook: SolvedNotebook) -> set[int]:
    """Find the student's cells that bind some names."""
    cells: set[int] = set()
    for cell, source in notebook.own_sources():
        bound = names_bound_by(source)
        if not bound.isdisjoint(names):
            cells.add(cell)
    return cells


def _made_in(given: Collection[int], notebook: SolvedNotebook) -> frozenset[int]:
    """Find the student's cells that assign names which some given cells read."""
    reads: set[str] = set()
    for cell in given:
        reads |= read_names(notebook.source(cell)).reads
    making: set[int] = set()
    for cell, source in notebook.own_sources():
        if not reads.isdisjoint(names_bound_by(source)):
            making.add(cell)
    return frozenset(making)


def _names_asked(question: Question) -> set[str]:
    named = {question.function, question.module, question.model} - {""}
    return named.union(question.names)


def _marks_of(solution: ReferenceFiles, exercise: str) -> list[tuple[int, str]]:
    """List cell and expression of each mark with full points of an exercise."""
    marks: list[tuple[int, str]] = []
    for cell in solution.reference.cells:
        for mark in cell.marks:
            if mark.exercise != exercise or mark.label:
                continue
            if mark.credit >= 1:
                marks.append((cell.cell, mark.value))
    return marks
