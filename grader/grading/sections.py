"""Find which cells attempt an exercise: the code below the exercise's heading. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from grader.grading.knowledge import Headings
from grader.notebook.cell_names import root_name
from grader.notebook.cells import NotebookCell
from grader.notebook.code import is_broken, parse_cell
from grader.notebook.folding import fold_words
from grader.notebook.headings import headings as headings_in
from grader.notebook.imports import imports_in
from grader.trace import CodeCell, Trace


@dataclass(frozen=True)
class _OwnCell:
    """A code cell of the student's that does something."""

    cell: int
    section: str
    """The folded heading above it."""
    statements: int


class Sections:
    """Which cells of a submission attempt which exercise."""

    def __init__(
        self,
        trace: Trace,
        sections: Mapping[str, str],
        headings: Headings,
        missing_packages: Collection[str] = (),
        handout: Iterable[CodeCell] = (),
        *,
        notebook: Iterable[NotebookCell] = (),
    ) -> None:
        """Initialise with the notebook.

        Args:
            trace: the run, with the cells.
            sections: per exercise, the heading above its answer in the reference.
            headings: returns the heading above a cell of the submission.
            missing_packages: packages that were not installed: cells that only call them attempt
                nothing.
            handout: the code cells of the handout: a given statement tries nothing, either.
            notebook: all cells of the submission: a section may be left without code.
        """
        self._sections: dict[str, str] = {}
        for exercise, heading in sections.items():
            self._sections[exercise] = fold_words(heading)
        self._headings: dict[int, str] = {}
        for cell in trace.cells:
            heading = headings(cell.cell)
            self._headings[cell.cell] = fold_words(heading)

        given = _given_statements(handout)
        trees = {}
        for cell in trace.cells:
            if not cell.handout:
                tree = parse_cell(cell.source)
                if is_broken(cell.source):
                    tree.body = [ast.Raise()]  # it is an attempt, and raises a SyntaxError
                tree.body = [each for each in tree.body if ast.dump(each) not in given]
                trees[cell.cell] = tree
        idle_names = _names_of_packages(trees.values(), missing_packages)
        self._own: list[_OwnCell] = []
        for index, tree in trees.items():
            if any(_does_something(statement, idle_names) for statement in tree.body):
                own = _OwnCell(index, self._headings[index], _count_statements(tree))
                self._own.append(own)
        self._blank = self._left_blank(notebook)

    def _left_blank(self, notebook: Iterable[NotebookCell]) -> set[str]:
        """Find the exercises' sections without code of the student's.

        One ends where another exercise's begins: its solution may have a heading of its own.
        """
        exercises = set(self._sections.values())
        own = {each.cell for each in self._own}
        present: set[str] = set()
        tried: set[str] = set()
        section = ""
        for index, cell in enumerate(notebook):
            for heading in map(fold_words, headings_in(cell)):
                if heading in exercises:
                    section = heading
                    present.add(section)
            if index in own:
                tried.add(section)
        return present - tried

    def cells_of(self, exercise: str) -> list[int]:
        """List the student's cells that attempt an exercise.

        These are the cells in its section. If the section has none of theirs, all of their code
        counts if the section is missing, or if they wrote for several exercises in one place.
        """
        section = self._sections.get(exercise)
        everywhere = []
        in_section = []
        for own in self._own:
            everywhere.append(own.cell)
            if own.section == section:
                in_section.append(own.cell)
        if in_section:
            return in_section
        if self._is_there(section) and not self._is_written_in_one_place():
            return []
        return everywhere

    def is_blank(self, exercise: str) -> bool:
        """Return whether an exercise's section is there, without code of the student's."""
        section = self._sections.get(exercise)
        return self._is_there(section) and not self.cells_of(exercise)

    def _is_there(self, section: str | None) -> bool:
        return section in self._headings.values() or section in self._blank

    def elsewhere(self, exercise: str, cell: int) -> set[int]:
        """List the cells below other headings, if a cell is in the exercise's section."""
        section = self._sections.get(exercise)
        if not section or self._headings.get(cell) != section:
            return set()
        others = set()
        for other, heading in self._headings.items():
            if heading != section:
                others.add(other)
        return others

    def _is_written_in_one_place(self) -> bool:
        """Return whether code that may answer several exercises is below one heading."""
        sections = {own.section for own in self._own}
        if len(sections) != 1:
            return False
        statements = sum(own.statements for own in self._own)
        return statements >= 2 * len(self._sections)


def _given_statements(handout: Iterable[CodeCell]) -> set[str]:
    """Return the statements of the handout, without their places."""
    statements: set[str] = set()
    for cell in handout:
        tree = parse_cell(cell.source)
        statements.update(map(ast.dump, tree.body))
    return statements


def _names_of_packages(trees: Iterable[ast.Module], packages: Collection[str]) -> set[str]:
    """List the names by which a notebook imports some packages, or parts of them."""
    names: set[str] = set()
    for tree in trees:
        for imported in imports_in(tree):
            if imported.package in packages:
                names.add(imported.name)
    return names


def _count_statements(tree: ast.Module) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(tree))


def _does_something(statement: ast.stmt, idle_names: Collection[str]) -> bool:
    """Return whether a statement may be an attempt at an exercise."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return False
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr(value=value) | ast.Assign(value=value):
            return root_name(value) not in idle_names
    return True
