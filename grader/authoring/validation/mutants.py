"""Make mutants of a reference: one small thing changed in a cell that holds an answer. Pure.

A mutant is made in the cell's text, at the columns of a node of its tree, and keeps the number of
lines: what is not changed stays as it was written, and marks stay at their lines. Nothing is
changed in imports, in what only shows something, in text and in the names of variables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.authoring.validation.mutant_edits import EditFinder, MutantEdit, MutantKind
from grader.notebook.code import parse_cell
from grader.reference.markers import MarkedCell


@dataclass(frozen=True)
class Mutant:
    """The reference with one small thing changed in it."""

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
        """Cell (from 1), line, kind and number: the same as long as the reference is."""
        return f"{self.cell + 1}.{self.line}.{self.kind}.{self.number}"

    def within(self, cells: Sequence[MarkedCell]) -> list[MarkedCell]:
        """Put the mutant into the reference's cells."""
        changed = []
        for cell in cells:
            code = self.code if cell.cell == self.cell else cell.code
            changed.append(replace(cell, code=code))
        return changed


def make_mutants(cells: Iterable[MarkedCell], also: Collection[int] = ()) -> tuple[Mutant, ...]:
    """Make the mutants of the cells that hold an answer, in the order of the changed code.

    Args:
        cells: the reference's.
        also: indices of cells that hold an answer which is asked for at the end.
    """
    mutants: list[Mutant] = []
    for cell in cells:
        is_marked = any(not mark.label for mark in cell.marks)
        if is_marked or cell.cell in also:
            mutants.extend(_mutants_of(cell))
    return tuple(mutants)


def _mutants_of(cell: MarkedCell) -> Iterator[Mutant]:
    counts: Counter[tuple[int, MutantKind]] = Counter()
    known = {cell.code}
    code = cell.code.encode()
    for edit in EditFinder(cell.code).find():
        changed = edit.apply(code).decode()
        if changed in known or not parse_cell(changed).body:
            continue
        known.add(changed)
        line = code.count(b"\n", 0, edit.start) + 1
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


def _line_before(
    source: str,
    number: int,
    edit: MutantEdit,
) -> str:
    """Give the line that an edit changes, with an ellipsis if it changes several."""
    line = _line(source, number)
    changes_several = b"\n" in source.encode()[edit.start : edit.end]
    return f"{line} …" if changes_several else line


def _line(source: str, number: int) -> str:
    return source.split("\n")[number - 1].strip()
