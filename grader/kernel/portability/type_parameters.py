"""Write type parameters of Python 3.12 as older releases read them.

Imports the standard library alone. `def first[T](items: list[T]) -> T:` (PEP 695) loses its
brackets, and `T` becomes a builtin. `type Pair = tuple[int, int]` becomes `Pair = list`, which
takes `|` and brackets in annotations, as the alias does. `except ValueError, KeyError:` (PEP 758,
Python 3.14) gets its parentheses.
"""

from __future__ import annotations

import builtins
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from token import COMMENT, DEDENT, ENDMARKER, INDENT, NAME, NEWLINE, NL, OP
from tokenize import TokenInfo
from typing import TypeVar

OPENING, CLOSING = "([{", ")]}"

Place = tuple[int, int]
"""Line, from 1, and column, from 0, as `tokenize` counts them."""


@dataclass(frozen=True)
class _Edit:
    """A part of some code, and what replaces it."""

    begin: Place
    end: Place
    text: str


@dataclass(frozen=True)
class OlderCode:
    """Code without type parameters."""

    code: str
    parameters: tuple[str, ...] = ()
    """The names of those it had."""


def without_type_parameters(code: str) -> OlderCode:
    """Rewrite what is Python in newer releases only; lines stay where they are."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return OlderCode(code)

    edits: list[_Edit] = []
    parameters: list[str] = []
    for statement in _statements(tokens):
        head = statement[0].string
        if head in ("def", "class", "async"):
            edits += _without_brackets(statement, parameters)
        elif head == "type":
            edits += _plain_alias(statement)
        elif head == "except":
            edits += _with_parentheses(statement)
    return OlderCode(_edited(code, edits), tuple(parameters))


def define(parameters: Sequence[str]) -> None:
    """Make type parameters builtins, where no name of Python's is in their place."""
    for name in parameters:
        if not hasattr(builtins, name):
            setattr(builtins, name, TypeVar(name))


def _statements(tokens: Sequence[TokenInfo]) -> Iterator[list[TokenInfo]]:
    """Split code into logical lines without comments."""
    statement: list[TokenInfo] = []
    for token in tokens:
        if token.type in (NEWLINE, ENDMARKER):
            if statement:
                yield statement
            statement = []
        elif token.type not in (NL, COMMENT, INDENT, DEDENT):
            statement.append(token)


def _without_brackets(statement: Sequence[TokenInfo], parameters: list[str]) -> list[_Edit]:
    """Drop the type parameters of a function or class, and add their names to a list."""
    words = [token.string for token in statement]
    opening = 3 if words[:2] == ["async", "def"] else 2
    if len(words) <= opening or words[opening] != "[":
        return []
    closing = _closing(statement, opening)
    if closing is None:
        return []

    depth = 0
    for index in range(opening, closing):
        text = statement[index].string
        following = statement[index + 1]
        depth += (text in OPENING) - (text in CLOSING)
        begins = text in ("[", ",", "*", "**")
        if begins and depth == 1 and following.type == NAME:
            parameters.append(following.string)
    return [_blank(statement[opening], statement[closing])]


def _plain_alias(statement: Sequence[TokenInfo]) -> list[_Edit]:
    """Write an alias of a type as an assignment."""
    if len(statement) < 4 or statement[1].type != NAME:
        return []
    after_name = 2
    if statement[after_name].string == "[":
        closing = _closing(statement, after_name)
        if closing is None:
            return []
        after_name = closing + 1
    if after_name + 1 >= len(statement) or statement[after_name].string != "=":
        return []

    name = statement[1].string
    first, last = statement[0], statement[-1]
    lines = last.end[0] - first.start[0]
    text = f"{name} = (list" + "\n" * lines + ")"
    return [_Edit(first.start, last.end, text)]


def _with_parentheses(statement: Sequence[TokenInfo]) -> list[_Edit]:
    """Put the exceptions of an `except` into parentheses, where they are several."""
    first = 1
    if len(statement) > 1 and statement[1].string == "*":
        first = 2
    depth = 0
    commas = 0
    for index, token in enumerate(statement):
        if token.type != OP:
            continue
        if token.string in OPENING:
            depth += 1
        elif token.string in CLOSING:
            depth -= 1
        elif depth == 0 and token.string == ",":
            commas += 1
        elif depth == 0 and token.string == ":":
            if not commas or index <= first:
                return []
            begin = statement[first].start
            end = statement[index - 1].end
            return [_Edit(begin, begin, "("), _Edit(end, end, ")")]
    return []


def _closing(statement: Sequence[TokenInfo], opening: int) -> int | None:
    """Return the index of the bracket that closes another; None if there is none."""
    depth = 0
    for index in range(opening, len(statement)):
        text = statement[index].string
        if statement[index].type != OP:
            continue
        if text in OPENING:
            depth += 1
        elif text in CLOSING:
            depth -= 1
            if depth == 0:
                return index
    return None


def _blank(first: TokenInfo, last: TokenInfo) -> _Edit:
    """Drop a part of a line; where it has several, the next bracket keeps them together."""
    lines = last.end[0] - first.start[0]
    return _Edit(first.start, last.end, "\\\n" * lines)


def _edited(code: str, edits: Sequence[_Edit]) -> str:
    lines = code.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
        begin = starts[edit.begin[0] - 1] + edit.begin[1]
        end = starts[edit.end[0] - 1] + edit.end[1]
        code = code[:begin] + edit.text + code[end:]
    return code
