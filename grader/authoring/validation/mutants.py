"""Create mutants of a reference: one small change in a cell with an answer. Pure.

A mutant edits the cell's text, at the columns of a node of its tree, and keeps the number of lines:
everything else stays as written, and marks stay on their lines. Imports, code that only shows
something, texts and names of variables are not changed.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.authoring.validation.mutant_edits import EditFinder, MutantEdit, MutantKind
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.reference.markers import MarkedCell

COMPARED = ("expected", "correct", "esperad", "corret", "gabarito", "true_", "target_", "ref_")
"""Beginnings of the names of values that answers are compared with."""

MODULES = frozenset({"torch", "np", "numpy", "math", "float", "int"})


@dataclass(frozen=True)
class Given:
    """Code of a handout, with white space folded."""

    cells: frozenset[str]
    lines: frozenset[str]


NOTHING_GIVEN = Given(frozenset(), frozenset())


@dataclass(frozen=True)
class Mutant:
    """The reference with one small change."""

    cell: int
    line: int
    """First line (from 1) of the cell's code where it differs."""
    kind: MutantKind
    number: int
    """Number (from 1) among those of its kind on that line."""
    before: str
    """The line in the reference."""
    after: str
    """The line in the mutant."""
    code: str
    """The cell's code in the mutant."""

    @property
    def id(self) -> str:
        """Cell (from 1), line, kind and number: stable while the reference is unchanged."""
        return f"{self.cell + 1}.{self.line}.{self.kind}.{self.number}"

    def within(self, cells: Sequence[MarkedCell]) -> list[MarkedCell]:
        """Put the mutant into the reference's cells."""
        changed = []
        for cell in cells:
            code = cell.code
            if cell.cell == self.cell:
                code = self.code
            changed.append(replace(cell, code=code))
        return changed


def make_mutants(
    cells: Iterable[MarkedCell], also: Collection[int] = (), given: Given = NOTHING_GIVEN
) -> tuple[Mutant, ...]:
    """Create the mutants of the cells with answers, in the order of the changed code.

    Args:
        cells: the reference's.
        also: indices of further cells with an answer.
        given: code of the handout, which is no part of an answer.
    """
    mutants: list[Mutant] = []
    for cell in cells:
        answers = []
        for mark in cell.marks:
            if not mark.label:
                answers.append(mark)
        if answers or cell.cell in also:
            of_cell = _mutants_of(cell, given)
            mutants.extend(of_cell)
    return tuple(mutants)


def _mutants_of(cell: MarkedCell, given: Given) -> Iterator[Mutant]:
    if fold(cell.code) in given.cells:
        return
    counts: Counter[tuple[int, MutantKind]] = Counter()
    known = {cell.code}
    code = cell.code.encode()
    left_alone = compared_lines(cell.code)
    for edit in EditFinder(cell.code).find():
        changed = edit.apply(code).decode()
        if changed in known or not parse_cell(changed).body:
            continue
        line = code.count(b"\n", 0, edit.start) + 1
        text = _line(cell.code, line)
        if line in left_alone or fold(text) in given.lines:
            continue
        known.add(changed)
        counts[line, edit.kind] += 1
        yield Mutant(
            cell=cell.cell,
            line=line,
            kind=edit.kind,
            number=counts[line, edit.kind],
            before=_line_before(cell.code, line, edit),
            after=_line(changed, line),
            code=changed,
        )


def given_in(handout: Iterable[NotebookCell]) -> Given:
    """Read the code of a handout."""
    cells: set[str] = set()
    lines: set[str] = set()
    for cell in handout:
        if cell.kind != "code":
            continue
        folded = fold(cell.source)
        cells.add(folded)
        lines.update(folded.split("\n"))
    return Given(frozenset(cells), frozenset(lines))


def compared_lines(source: str) -> set[int]:
    """List the lines (from 1) that only contain values to compare an answer with.

    Such as `expected = torch.tensor([[0, 1], [2, 3]])`: to change it changes no answer.
    """
    lines: set[int] = set()
    for statement in parse_cell(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if not name.lower().startswith(COMPARED) or not _is_typed_in(value):
                    continue
                end = statement.end_lineno or statement.lineno
                of_statement = range(statement.lineno, end + 1)
                lines.update(of_statement)
    return lines


def _is_typed_in(value: ast.expr) -> bool:
    """Return whether a value reads only modules: numbers, and calls that collect them."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return names <= MODULES


def _line_before(
    source: str,
    number: int,
    edit: MutantEdit,
) -> str:
    """Return the line that an edit changes, with an ellipsis if it changes several."""
    line = _line(source, number)
    changes_several = b"\n" in source.encode()[edit.start : edit.end]
    if not changes_several:
        return line
    return f"{line} …"


def _line(source: str, number: int) -> str:
    return source.split("\n")[number - 1].strip()
