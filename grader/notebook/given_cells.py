"""Find cells of the handout that a student removed and that their code relies on. Pure.

Only names that no cell of the student's defines count: if a given cell was copied into another one,
split or rewritten, its names exist, and nothing is restored.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.notebook.imports import IMPORT
from grader.notebook.name_flow import NameFlow, Names, flow_of, name_flow

Cells = Sequence[NotebookCell]

Chosen = dict[int, set[str]]
"""Per cell of the handout, by index: the names that are needed of it."""

_TO_BE_FILLED_IN = re.compile(
    r"#.*(your (code|answer|solution)|to ?do\b|fix ?me|fill (in|out)|complete|seu c[oó]digo"
    r"|sua (resposta|solu[cç][aã]o)|escreva|preencha|implement|tu c[oó]digo"
    r"|tu (respuesta|soluci[oó]n)|escrib[ae]|rellen[ae]|completa"
    r"|(insert|enter|student) code|codice|tw[óo]j kod|wpisz|dein code|code (hier )?einf[üu]gen"
    r"|compl[ée]te[rz]|votre (code|r[ée]ponse)|erg[äa]nzen|ihr code"
    r"|(此处|此處|这里|這裡).*(代码|代碼)|(补全|補全|完成).*(代码|代碼)|你的(代码|答案)|ここにコード"
    r"|여기에 코드|اكتب الكود|ваш код|напишите код|kodunuz|il tuo codice|jouw code)",
    re.IGNORECASE,
)
"""A comment that asks for code: the given cell was never complete."""


@dataclass(frozen=True)
class GivenCell:
    """A cell of the handout that is put back."""

    source: str
    """Its code, without statements that would reassign names of the student's."""
    before: int
    """Index of the student's cell that it goes before; the number of cells for the end."""
    names: tuple[str, ...]
    """Names that the student's code needs of it."""


def given_cells_to_restore(cells: Cells, handout: Cells) -> list[GivenCell]:
    """List the given cells to put back, in their order.

    Args:
        cells: all cells of the submission.
        handout: all cells of the handout.
    """
    missing = _missing_cells(cells, handout)
    if not missing:
        return []
    if not _shares_any(cells, handout):
        return []

    notebook = _Notebook(cells, handout, missing)
    chosen = notebook.chosen()
    restored: list[GivenCell] = []
    least = 0
    for index in sorted(chosen):
        names = chosen[index]
        place = notebook.place_of(index, names)
        before = max(least, place)
        cell = handout[index]
        source = notebook.without_undoing(cell.source, before, names)
        names_in_order = tuple(sorted(names))
        given = GivenCell(source, before, names_in_order)
        restored.append(given)
        least = before
    return restored


def _shares_any(cells: Cells, handout: Cells) -> bool:
    """Return whether a notebook has any cell of the handout: another one is not completed."""
    given = _folded_sources(handout)
    own = _folded_sources(cells)
    own.discard("")
    return not given.isdisjoint(own)


def _folded_sources(cells: Cells, kind: str = "") -> set[str]:
    """List the sources of cells, white space folded; those of one kind, if one is given."""
    sources: set[str] = set()
    for cell in cells:
        if not kind or cell.kind == kind:
            source = fold(cell.source)
            sources.add(source)
    return sources


def _missing_cells(cells: Cells, handout: Cells) -> list[int]:
    """List the code cells of the handout that no code cell of the submission contains."""
    sources: list[str] = []
    for cell in cells:
        if cell.kind == "code":
            source = fold(cell.source)
            sources.append(source)
    joined = "\n".join(sources)
    text = f"\n{joined}\n"

    missing: list[int] = []
    for index, cell in enumerate(handout):
        if cell.kind != "code":
            continue
        source = fold(cell.source)
        is_there = f"\n{source}\n" in text
        if is_there:
            continue
        if not _is_to_be_filled_in(cell.source):
            missing.append(index)
    return missing


def _is_to_be_filled_in(source: str) -> bool:
    """Return whether a cell leaves something for students to write: they have to change it."""
    if _TO_BE_FILLED_IN.search(source):
        return True
    tree = parse_cell(source)
    nodes = ast.walk(tree)
    return any(map(_is_blank, nodes))


def _is_blank(node: ast.AST) -> bool:
    match node:
        case ast.Raise():
            return "NotImplemented" in ast.dump(node)
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.Return(value=value):
            return _is_ellipsis(value)
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            return all(map(_does_nothing, body))
        case _:
            return False


def _is_ellipsis(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Constant):
        return False
    return value.value is ...


def _does_nothing(statement: ast.stmt) -> bool:
    """Return whether a statement is `pass`, a docstring or another constant."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case _:
            return False


class _Notebook:
    """The code of a submission, beside the handout."""

    def __init__(self, cells: Cells, handout: Cells, missing: Sequence[int]) -> None:
        self._handout = handout
        self._missing = missing
        self._positions: dict[str, int] = {}
        """Position of each folded source in the submission."""
        self._flows: dict[int, NameFlow] = {}
        """Per code cell of the submission, its names."""
        given = _folded_sources(handout, "code")
        own: list[int] = []
        for index, cell in enumerate(cells):
            source = fold(cell.source)
            self._positions[source] = index
            if cell.kind != "code":
                continue
            self._flows[index] = name_flow(cell.source)
            if source not in given:
                own.append(index)
        self._first_giver = self._first_givers()
        self._relied_on = self._behind(own)

    def _first_givers(self) -> dict[str, int]:
        """Find the first cell of the submission that defines each name."""
        first: dict[str, int] = {}
        for index, flow in self._flows.items():
            for name in flow.gives:
                first.setdefault(name, index)
        return first

    def _behind(self, own: Sequence[int]) -> list[int]:
        """List the student's own cells, and the given ones that those read something of."""
        givers: dict[str, list[int]] = {}
        for index, flow in self._flows.items():
            for name in flow.gives:
                giving = givers.setdefault(name, [])
                giving.append(index)

        needed = set(own)
        remaining = list(own)
        for index in remaining:  # grows while it is walked
            flow = self._flows[index]
            for name in _all_needs(flow):
                giving = givers.pop(name, [])
                new = set(giving) - needed
                needed |= new
                remaining.extend(new)
        return sorted(needed)

    def chosen(self) -> Chosen:
        """Choose the missing cells, each with the names that are needed of it."""
        chosen: Chosen = {}
        for reader in self._relied_on:
            flow = self._flows[reader]
            for name in self._lacking(flow, reader):
                self._choose(name, reader, chosen)

        remaining = list(chosen)
        for index in remaining:  # grows while it is walked
            place = self._place_below(index)
            flow = self._flow_of_given(index)
            for name in self._lacking(flow, place):
                found = self._choose(name, place, chosen, above=index)
                if found is None:
                    continue
                if found not in remaining:
                    remaining.append(found)
        return chosen

    def _lacking(self, flow: NameFlow, place: int) -> list[str]:
        """List the names that code at a place needs and that no cell defines."""
        names = {name for name in flow.needs if not self._is_given_to(name, place)}
        names |= {name for name in flow.later if not self._is_given_to(name, None)}
        return sorted(names)

    def _is_given_to(self, name: str, place: int | None) -> bool:
        """Return whether a cell before a place defines a name; None: any cell."""
        first = self._first_giver.get(name)
        if first is None:
            return False
        return place is None or first < place

    def _choose(
        self, name: str, place: int, chosen: Chosen, above: int | None = None
    ) -> int | None:
        """Choose the missing cell that defines a name: the last one above a place.

        Args:
            name: the name.
            place: index of the cell that needs it.
            chosen: cells chosen so far; added to.
            above: index in the handout below which it may not be; None: of any place.
        """
        candidates: list[int] = []
        for index in self._missing:
            if above is not None and index >= above:
                break
            flow = self._flow_of_given(index)
            if name in flow.gives:
                candidates.append(index)
        if not candidates:
            return None

        found = candidates[0]
        for index in candidates:
            if self._place_below(index) <= place:
                found = index
        names = chosen.setdefault(found, set())
        names.add(name)
        return found

    def _flow_of_given(self, index: int) -> NameFlow:
        cell = self._handout[index]
        return name_flow(cell.source)

    def place_of(self, index: int, names: set[str]) -> int:
        """Find the index of the student's cell before which a given cell goes."""
        place = self._place_below(index)
        for reader in self._relied_on:
            if self._needs_earlier(reader, names):
                place = min(place, reader)
        return place

    def _needs_earlier(self, reader: int, names: set[str]) -> bool:
        """Return whether a cell needs one of some names, which no cell above it gives."""
        flow = self._flows[reader]
        lacking = self._lacking(flow, reader)
        return not names.isdisjoint(lacking)

    def _place_below(self, index: int) -> int:
        """Find the place below the nearest cell that stood above a given one and is still there."""
        until_there = self._handout[: index + 1]
        for cell in reversed(until_there):
            source = fold(cell.source)
            position = self._positions.get(source)
            if position is not None:
                return position + 1
        return 0

    def without_undoing(self, source: str, before: int, names: set[str]) -> str:
        """Remove statements of a given cell that would reassign names of student cells above."""
        bound: set[str] = set()
        for index, flow in self._flows.items():
            if index < before:
                bound |= flow.binds
        flow = name_flow(source)
        if bound.isdisjoint(flow.binds):
            return source

        lines = source.split("\n")
        kept: list[str] = []
        for statement in _statements_for(source, names, bound):
            first = statement.lineno - 1
            last = statement.end_lineno
            statement_lines = lines[first:last]
            kept.extend(statement_lines)
        return "\n".join(kept)


def _all_needs(flow: NameFlow) -> Names:
    return flow.needs | flow.later


def _statements_for(source: str, names: set[str], bound: set[str]) -> Iterator[ast.stmt]:
    """List the statements of a cell that define some names, with those that they build on."""
    needed = set(names)
    kept: list[ast.stmt] = []
    tree = parse_cell(source)
    for statement in reversed(tree.body):
        flow = flow_of([statement])
        binds = flow.binds
        is_needed = not binds.isdisjoint(needed)
        if binds.isdisjoint(names):
            is_new = binds.isdisjoint(bound)
            is_needed = is_needed and is_new
        if isinstance(statement, IMPORT) or is_needed:
            kept.append(statement)
            needed |= _all_needs(flow)
    return reversed(kept)
