"""Looks at the code of a cell: what is given, what computes, and what to take out for the handout. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.solved import Line, Piece, Placeholders, SolvedCell
from grader.notebook.code import DRAWING, SHOWING, parse_cell
from grader.notebook.slicing import STATEFUL

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORT = (ast.Import, ast.ImportFrom)
_TELLS = re.compile(r"\b(answer|solution|solução|solucao|resposta|gabarito)\b", re.IGNORECASE)
"""What a comment says that is not for students."""


def imported(sources: Iterable[str]) -> frozenset[str]:
    """The names that cells import."""
    nodes = (
        node
        for source in sources
        for node in ast.walk(parse_cell(source))
        if isinstance(node, _IMPORT)
    )
    return frozenset(
        (name.asname or name.name).partition(".")[0] for node in nodes for name in node.names
    )


def names_read(node: ast.AST) -> set[str]:
    """The names that some code reads, also in functions in it."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def names_bound(node: ast.AST) -> list[str]:
    """The names that a statement assigns or writes into, in order: `w` of `w.data -= …` too."""
    targets: list[ast.AST] = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign):
            targets += inner.targets
        elif isinstance(inner, (ast.AugAssign, ast.AnnAssign)):
            targets.append(inner.target)
    found = sorted((target for target in targets if hasattr(target, "lineno")), key=_place)
    return list(dict.fromkeys(name for target in found for name in _roots(target)))


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _roots(target: ast.AST) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _roots(element)
        return
    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def is_given(statement: ast.stmt, modules: Collection[str]) -> bool:
    """Whether a statement only sets the scene: an import, a seed, data or a number from no other name.

    Args:
        statement: one at top level.
        modules: names that the notebook imports.
    """
    if isinstance(statement, _IMPORT):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) or _is_seed(statement.value)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    if not all(isinstance(target, (ast.Name, ast.Tuple)) for target in _targets(statement)):
        return False
    return all(name in modules or hasattr(builtins, name) for name in names_read(statement.value))


def _targets(statement: ast.Assign | ast.AnnAssign) -> Sequence[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _is_seed(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith(STATEFUL)
    )


def computes(source: str, modules: Collection[str]) -> bool:
    """Whether a cell does more than set the scene and show names."""
    return any(not is_given(s, modules) and not _only_shows(s) for s in parse_cell(source).body)


def _only_shows(statement: ast.stmt) -> bool:
    """Whether a statement shows names, or draws, and computes nothing that could be asked for."""
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if isinstance(value, ast.Call):
        root = value.func
        while isinstance(root, ast.Attribute):
            root = root.value
        name = getattr(root, "id", "")
        return name in DRAWING or (name in SHOWING and all(map(_is_plain, value.args)))
    return _is_plain(value)


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return all(
            _is_plain(part.value) for part in node.values if isinstance(part, ast.FormattedValue)
        )
    return isinstance(node, (ast.Name, ast.Attribute, ast.Constant))


def take_out(
    cell: SolvedCell,
    placeholders: Placeholders,
    modules: Collection[str],
    *,
    keep_given: bool = True,
) -> Piece:
    """A cell of code whose answer nobody marked, with the answer taken out.

    What only sets the scene before the answer stays, so that students have the data; of a function stay its first line
    and its docstring.

    Args:
        cell: the cell.
        placeholders: what stands in the answer's place.
        modules: names that the notebook imports.
        keep_given: whether what sets the scene stays; if the whole answer does no more, it is the answer.
    """
    lines = cell.source.split("\n")
    body = parse_cell(cell.source).body
    first = next((s for s in body if not (keep_given and is_given(s, modules))), None)
    cut = _first_line(first) if first is not None else len(lines) + 1
    before = [s for s in body if s is not first and (s.end_lineno or 0) < cut]
    kept = set(range(1, max((s.end_lineno or 0 for s in before), default=0) + 1))
    kept |= set(_head(lines))
    headers = {number for s in body for number in _header(s) if number >= cut}
    handed = [
        Line(text, handed=number in kept or number in headers)
        for number, text in enumerate(lines, 1)
    ]
    return parsing(
        Piece(
            "code",
            tuple(_with_placeholders(handed, cut, body, placeholders.code)),
            cell.attachments,
            cell.place,
        )
    )


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _head(lines: Sequence[str]) -> Iterator[int]:
    """A comment that opens a cell, and its magics: comments further down explain the answer."""
    for number, line in enumerate(lines, 1):
        opens = number == 1 and line.startswith("#") and not _TELLS.search(line)
        if opens or line.lstrip().startswith(("%", "!")):
            yield number


def _header(statement: ast.stmt) -> range:
    """The lines of a function's name and docstring; none of one that stands on a single line."""
    if not isinstance(statement, FUNCTION) or statement.body[0].lineno == statement.lineno:
        return range(0)
    first = statement.body[0]
    documented = ast.get_docstring(statement, clean=False) is not None
    end = (first.end_lineno or first.lineno) if documented else first.lineno - 1
    return range(_first_line(statement), end + 1)


def _with_placeholders(
    lines: Sequence[Line], cut: int, body: Sequence[ast.stmt], text: str
) -> Iterator[Line]:
    """The lines, with a placeholder where the answer begins, and one in each function."""
    functions = [s for s in body if isinstance(s, FUNCTION) and _header(s)]
    inside = {_header(function)[-1]: " " * function.body[0].col_offset for function in functions}
    headed = any(cut <= number for number in inside)
    for number, line in enumerate(lines, 1):
        if number == cut and not (headed and line.handed):
            yield Line(text, solved=False)
        yield line
        if number >= cut and number in inside and line.handed:
            yield Line(inside[number] + text, solved=False)
    if cut > len(lines):
        yield Line(text, solved=False)


def parsing(piece: Piece) -> Piece:
    """A piece of code with `...` behind a placeholder where the handout would not parse without it."""
    if not _parses(piece.source) or _parses(piece.handout or ""):
        return piece
    filled = [_with_ellipsis(line) for line in piece.lines]
    return replace(piece, lines=tuple(line for lines in filled for line in lines))


def _with_ellipsis(line: Line) -> Sequence[Line]:
    indent = line.text[: len(line.text) - len(line.text.lstrip())]
    placeholder = not line.solved and line.text.lstrip().startswith("#") and indent
    return (line, Line(f"{indent}...", solved=False)) if placeholder else (line,)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True
