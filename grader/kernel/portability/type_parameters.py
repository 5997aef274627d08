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
from token import COMMENT, DEDENT, ENDMARKER, INDENT, NAME, NEWLINE, NL
from tokenize import TokenInfo
from typing import TypeVar

OPENING = ("(", "[", "{")
CLOSING = (")", "]", "}")

NO_CODE = (NL, COMMENT, INDENT, DEDENT)
"""Types of tokens that are no part of a statement."""

Place = tuple[int, int]
"""Line, from 1, and column, from 0, as `tokenize` counts them."""


@dataclass(frozen=True)
class OlderCode:
    """Code without type parameters."""

    code: str
    parameters: tuple[str, ...] = ()
    """The names of those it had."""


@dataclass(frozen=True)
class _Edit:
    """A part of some code, and what replaces it."""

    begin: Place
    end: Place
    text: str


@dataclass(frozen=True)
class _Word:
    """A word or sign of a statement."""

    text: str
    begin: Place
    end: Place
    depth: int
    """In how many brackets it is; a bracket itself is outside of its own."""
    is_name: bool


_Statement = Sequence[_Word]


def without_type_parameters(code: str) -> OlderCode:
    """Rewrite what is Python in newer releases only; lines stay where they are."""
    try:
        lines = io.StringIO(code)
        tokens = list(tokenize.generate_tokens(lines.readline))
    except (tokenize.TokenError, SyntaxError):
        return OlderCode(code)

    edits: list[_Edit] = []
    parameters: list[str] = []
    for statement in _statements(tokens):
        match statement[0].text:
            case "def" | "class" | "async":
                brackets = _type_brackets(statement)
                edits += _drop(brackets)
                parameters += _names_in(brackets)
            case "type":
                edits += _plain_alias(statement)
            case "except":
                edits += _with_parentheses(statement)
    return OlderCode(_edited(code, edits), tuple(parameters))


def define(parameters: Sequence[str]) -> None:
    """Make type parameters builtins, where no name of Python's is in their place."""
    for name in parameters:
        if not hasattr(builtins, name):
            variable = TypeVar(name)  # type: ignore[misc]
            setattr(builtins, name, variable)


def _statements(tokens: Sequence[TokenInfo]) -> Iterator[_Statement]:
    """Split code into logical lines without comments."""
    words: list[_Word] = []
    depth = 0
    for token in tokens:
        text = token.string
        if token.type in NO_CODE:
            continue
        if token.type in (NEWLINE, ENDMARKER):
            if words:
                yield words
            words = []
            depth = 0
            continue
        if text in CLOSING:
            depth -= 1
        word = _Word(text, token.start, token.end, depth, token.type == NAME)
        words.append(word)
        if text in OPENING:
            depth += 1


def _type_brackets(statement: _Statement) -> _Statement:
    """Return the brackets behind the name of a function or class; empty if there are none."""
    words = list(statement)
    if words[0].text == "async":
        del words[0]
    rest = words[2:]
    if not rest or rest[0].text != "[":
        return ()
    return _up_to(rest, "]")


def _up_to(words: _Statement, end: str) -> _Statement:
    """Return words up to the first one outside of brackets with a text; empty if it is missing."""
    for index, word in enumerate(words):
        if word.depth == 0 and word.text == end:
            return words[: index + 1]
    return ()


def _names_in(brackets: _Statement) -> Iterator[str]:
    """Yield the names of type parameters, without their bounds and defaults."""
    begins = True
    for word in brackets[1:]:
        if begins and word.is_name:
            yield word.text
        begins = word.depth == 1 and word.text in (",", "*", "**")


def _drop(brackets: _Statement) -> Iterator[_Edit]:
    """Drop brackets; where they have several lines, the next bracket keeps those together."""
    if brackets:
        first = brackets[0].begin
        last = brackets[-1].end
        yield _Edit(first, last, "\\\n" * _lines_between(first, last))


def _plain_alias(statement: _Statement) -> Iterator[_Edit]:
    """Write an alias of a type as an assignment."""
    head = _up_to(statement, "=")
    has_value = len(head) < len(statement)
    if not has_value or len(head) < 3 or head[2].text not in ("[", "="):
        return
    name = head[1]
    first = statement[0].begin
    last = statement[-1].end
    lines = "\n" * _lines_between(first, last)
    yield _Edit(first, last, f"{name.text} = (list{lines})")


def _with_parentheses(statement: _Statement) -> Iterator[_Edit]:
    """Put the exceptions of an `except` into parentheses, where they are several."""
    head = _up_to(statement, ":")
    kinds = [word for word in head[1:-1] if word.text != "*" or word.depth]
    separators = [word for word in kinds if word.text == "," and word.depth == 0]
    if separators:
        first = kinds[0].begin
        last = kinds[-1].end
        yield _Edit(first, first, "(")
        yield _Edit(last, last, ")")


def _lines_between(first: Place, last: Place) -> int:
    return last[0] - first[0]


def _edited(code: str, edits: Sequence[_Edit]) -> str:
    starts = [0]
    for line in code.splitlines(keepends=True):
        end = starts[-1] + len(line)
        starts.append(end)

    def offset(place: Place) -> int:
        line, column = place
        return starts[line - 1] + column

    for edit in sorted(edits, key=_beginning, reverse=True):
        before = code[: offset(edit.begin)]
        after = code[offset(edit.end) :]
        code = before + edit.text + after
    return code


def _beginning(edit: _Edit) -> Place:
    return edit.begin
