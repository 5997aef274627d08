"""Remove the answer from an unmarked code cell. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.readers.asking_words import opens_exercise
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    Placeholders,
    SolvedCell,
    draft_cell,
)
from grader.authoring.drafting.syntax import (
    DEFINITION,
    leading_space,
    names_read,
    root_name,
)
from grader.notebook.cell_names import STATEFUL
from grader.notebook.code import DRAWING, SHOWING, parse_cell

_MAGIC = re.compile(r"\s*[%!]")
_TELLING = re.compile(r"\b(answer|solution|solução|solucao|resposta|gabarito)\b", re.IGNORECASE)
"""Words of a comment that is not for students."""


_TENSORS = ("Tensor", "Generator")


def is_given(statement: ast.stmt, modules: Collection[str]) -> bool:
    """Return whether a statement only prepares: it is no answer.

    That is an import, a seed, or data and numbers that are computed from no other name.

    Args:
        statement: one at top level.
        modules: names that the notebook imports.
    """
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=value):
            return isinstance(value, ast.Constant) or _is_seed(value)
        case ast.Assign(targets=targets, value=value):
            return _are_names(targets) and _is_data(value, modules)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return _are_names([target]) and _is_data(value, modules)
    return False


def only_imports(source: str) -> bool:
    """Return whether a cell only imports, seeds and shows, and computes nothing."""
    for statement in parse_cell(source).body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            return False
        if not is_given(statement, ()) and not _only_shows(statement):
            return False
    return True


def _is_data(value: ast.expr, modules: Collection[str]) -> bool:
    """Return whether an expression is data: it reads no other name, and builds or draws nothing.

    A network, an optimizer, a parameter or a random tensor is something that an exercise asks for.
    """
    if not _reads_only(value, modules):
        return False
    return not any(_builds(node) for node in ast.walk(value))


def _builds(node: ast.AST) -> bool:
    """Return whether a call builds a parameter or object, or draws a random tensor."""
    match node:
        case ast.keyword(arg="requires_grad", value=ast.Constant(value=True)):
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            builds = name[:1].isupper() and not name.endswith(_TENSORS)
            return builds or name.startswith("rand")
    return False


def _are_names(targets: Sequence[ast.expr]) -> bool:
    return all(isinstance(target, (ast.Name, ast.Tuple)) for target in targets)


def _reads_only(value: ast.expr, modules: Collection[str]) -> bool:
    """Return whether an expression reads only modules and builtins."""
    unknown = []
    for name in names_read(value):
        if name not in modules:
            unknown.append(name)
    return all(hasattr(builtins, name) for name in unknown)


def _is_seed(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name.startswith(STATEFUL)
    return False


def computes(source: str, modules: Collection[str]) -> bool:
    """Return whether a cell does more than prepare and show names."""
    for statement in parse_cell(source).body:
        if not is_given(statement, modules) and not _only_shows(statement):
            return True
    return False


def _only_shows(statement: ast.stmt) -> bool:
    """Return whether a statement shows names, or draws, and computes nothing worth asking for."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return _call_only_shows(call)
        case ast.Expr(value=value):
            return _is_plain(value)
    return False


def _call_only_shows(call: ast.Call) -> bool:
    name = root_name(call.func)
    if name in DRAWING:
        return True
    if name not in SHOWING:
        return False
    return all(map(_is_plain, call.args))


def _is_plain(node: ast.expr) -> bool:
    if not isinstance(node, ast.JoinedStr):
        return isinstance(node, (ast.Name, ast.Attribute, ast.Constant))
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and not _is_plain(part.value):
            return False
    return True


def take_out(
    cell: SolvedCell,
    placeholders: Placeholders,
    modules: Collection[str],
    *,
    keep_given: bool = True,
) -> DraftCell:
    """Remove the answer from the students' version of a code cell.

    Set-up lines before the answer stay, so that students have the data. A function keeps its first
    line and its docstring.

    Args:
        cell: a code cell in which nobody marked the answer.
        placeholders: what stands in the answer's place.
        modules: names that the notebook imports.
        keep_given: whether what sets the scene stays. False if it is the answer itself.
    """
    texts = cell.text_lines
    body = parse_cell(cell.source).body
    answer = _first_answer(body, modules, keep_given=keep_given)
    cut = len(texts) + 1
    if answer is not None:
        cut = _first_line(answer)
    last_given = _last_given_line(body, answer, cut)

    kept = set(range(1, last_given + 1))
    kept.update(_opening_lines(texts))
    for header, _ in headers_in(body):
        kept.update(number for number in header if number >= cut)

    lines = []
    for number, text in enumerate(texts, 1):
        lines.append(DraftLine(text, in_handout=number in kept))
    with_placeholders = _insert_placeholders(lines, cut, body, placeholders.code)
    return make_parsable(draft_cell(cell, with_placeholders))


def _first_answer(
    body: Sequence[ast.stmt],
    modules: Collection[str],
    *,
    keep_given: bool,
) -> ast.stmt | None:
    for statement in body:
        if not keep_given or not is_given(statement, modules):
            return statement
    return None


def _last_given_line(
    body: Sequence[ast.stmt],
    answer: ast.stmt | None,
    cut: int,
) -> int:
    """Return the last line of the statements that end before the answer; 0 if there are none."""
    last = 0
    for statement in body:
        end = statement.end_lineno or 0
        if statement is not answer and end < cut:
            last = max(last, end)
    return last


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    lines = [decorator.lineno for decorator in decorators]
    return min([statement.lineno, *lines])


def _opening_lines(texts: Sequence[str]) -> Iterator[int]:
    """Find the comment at the start of a cell, and its magics.

    If the comment calls itself an exercise, all of its lines are for students. Comments further
    down explain the answer.
    """
    asks = bool(texts) and opens_exercise(texts[0])
    is_opening = True
    for number, text in enumerate(texts, 1):
        is_magic = text.lstrip().startswith(("%", "!"))
        is_opening = is_opening and text.startswith("#")
        opens = is_opening and (number == 1 or asks)
        if is_magic or (opens and not _TELLING.search(text)):
            yield number


def _header(statement: ast.stmt) -> range:
    """Return the lines of a definition's head and docstring; empty for a one-line definition."""
    if not isinstance(statement, DEFINITION):
        return range(0)
    first = statement.body[0]
    if first.lineno == statement.lineno:
        return range(0)

    end = first.lineno - 1
    if ast.get_docstring(statement, clean=False) is not None:
        end = first.end_lineno or first.lineno
    return range(_first_line(statement), end + 1)


def headers_in(body: Sequence[ast.stmt]) -> Iterator[tuple[range, int]]:
    """Yield the heads of functions, classes and methods, each with the indentation of its body."""
    for statement in body:
        header = _header(statement)
        if not isinstance(statement, DEFINITION) or not header:
            continue
        yield header, statement.body[0].col_offset
        if isinstance(statement, ast.ClassDef):
            yield from headers_in(statement.body)


def _insert_placeholders(
    lines: Sequence[DraftLine],
    cut: int,
    body: Sequence[ast.stmt],
    text: str,
) -> Iterator[DraftLine]:
    """Insert a placeholder at the start of the answer, and one in each function."""
    inside = _function_indents(body)
    has_functions = any(cut <= number for number in inside)

    for number, line in enumerate(lines, 1):
        if number == cut and not (has_functions and line.in_handout):
            yield DraftLine(text, in_reference=False)
        yield line
        if number >= cut and number in inside and line.in_handout:
            yield DraftLine(inside[number] + text, in_reference=False)
    if cut > len(lines):
        yield DraftLine(text, in_reference=False)


def _function_indents(body: Sequence[ast.stmt]) -> dict[int, str]:
    """Return the indentation of each function's body, by the last line of its header.

    A class has methods with bodies of their own; else its body is that of a function.
    """
    indents = {}
    headers = list(headers_in(body))
    for index, (header, column) in enumerate(headers):
        below = headers[index + 1 :]
        is_class = bool(below) and below[0][1] > column
        if not is_class:
            indents[header[-1]] = " " * column
    return indents


def draws(source: str) -> bool:
    """Return whether a cell draws a picture."""
    for node in ast.walk(parse_cell(source)):
        if isinstance(node, ast.Call) and root_name(node.func) in DRAWING:
            return True
    return False


def make_parsable(cell: DraftCell) -> DraftCell:
    """Add `...` below placeholders if a handout's code cell would not parse without it."""
    handout = cell.handout or ""
    if parses(handout) or not parses(cell.source):
        return cell
    lines = []
    for line in cell.lines:
        lines.append(line)
        indent = leading_space(line.text)
        is_comment = line.text.lstrip().startswith("#")
        if indent and is_comment and not line.in_reference:
            lines.append(DraftLine(f"{indent}...", in_reference=False))
    return replace(cell, lines=tuple(lines))


def parses(source: str) -> bool:
    """Return whether a cell, except for its magics, is valid Python."""
    lines = []
    for line in source.split("\n"):
        lines.append("" if _MAGIC.match(line) else line)
    try:
        ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return False
    return True
