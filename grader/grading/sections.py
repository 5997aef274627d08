"""Find a student's try at an exercise: the code below the exercise's heading. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.grading.knowledge import Headings
from grader.notebook.cell_names import root_name
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold_words
from grader.trace import CodeCell, Trace

_BARE = (ast.Import, ast.ImportFrom, ast.Pass)
"""Statements that try no exercise."""


@dataclass(frozen=True)
class _OwnCell:
    """A code cell of the student's own that does something."""

    cell: int
    section: str
    """The folded heading above it."""
    statements: int


class Sections:
    """Which cells of a submission are a try at which exercise."""

    def __init__(
        self,
        trace: Trace,
        sections: Mapping[str, str],
        headings: Headings,
        missing_packages: Collection[str] = (),
        handout: Iterable[CodeCell] = (),
    ) -> None:
        """Take the notebook.

        Args:
            trace: the run, with the cells.
            sections: per exercise, the heading above its answer in the reference.
            headings: gives the heading above a cell of the submission.
            missing_packages: packages that were not installed: who only calls them tries nothing.
            handout: the code cells of the handout: a given statement tries nothing, either.
        """
        self._sections = {exercise: fold_words(heading) for exercise, heading in sections.items()}
        trees = {cell.cell: parse_cell(cell.source) for cell in trace.cells if not cell.handout}
        given = _given_statements(handout)
        for tree in trees.values():
            tree.body = [each for each in tree.body if ast.dump(each) not in given]
        idle_names = _names_of_packages(trees.values(), missing_packages)
        self._own = list(_own_cells(trees, headings, idle_names))
        self._headings = {fold_words(headings(cell.cell)) for cell in trace.cells}

    def cells_of(self, exercise: str) -> list[int]:
        """List the student's cells that are their try at an exercise.

        They stand in its section. Where the section has none of theirs, all of their code may be:
        if it is not there at all, or if they wrote for several exercises in one place.
        """
        section = self._sections.get(exercise)
        in_section = [own.cell for own in self._own if own.section == section]
        if in_section:
            return in_section
        if section in self._headings and not self._is_written_in_one_place():
            return []
        return [own.cell for own in self._own]

    def _is_written_in_one_place(self) -> bool:
        """Tell whether code that may answer several exercises stands below one heading."""
        sections = {own.section for own in self._own}
        statements = sum(own.statements for own in self._own)
        return len(sections) == 1 and statements >= 2 * len(self._sections)


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
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                modules = {alias.asname or alias.name: node.module or "" for alias in node.names}
            elif isinstance(node, ast.Import):
                modules = {alias.asname or alias.name: alias.name for alias in node.names}
            else:
                continue
            for name, module in modules.items():
                if module.partition(".")[0] in packages:
                    names.add(name.partition(".")[0])
    return names


def _own_cells(
    trees: Mapping[int, ast.Module], headings: Headings, idle_names: Collection[str]
) -> Iterator[_OwnCell]:
    for cell, tree in trees.items():
        doing = [statement for statement in tree.body if _does_something(statement, idle_names)]
        if doing:
            statements = sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
            yield _OwnCell(cell, fold_words(headings(cell)), statements)


def _does_something(statement: ast.stmt, idle_names: Collection[str]) -> bool:
    if isinstance(statement, _BARE):
        return False
    if not isinstance(statement, ast.Expr | ast.Assign):
        return True
    value = statement.value
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Constant):
        return False
    return root_name(value) not in idle_names
