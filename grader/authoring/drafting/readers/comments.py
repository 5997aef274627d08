"""Find the comments of a code cell, but not text in strings: only comments contain marks. Pure."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.syntax import leading_space
from grader.notebook.code import parse_cell

_DECORATION = " \t#*=~-_<>|+:'\""
_TRIES = re.compile(
    r"(run|rerun|execute|check|verify|test|try|uncomment|example|do not|don't|rode|execute|confira"
    r"|verifique|teste|exemplo|n[ãa]o altere|ejecut[ea]|comprueb[ea]|prueba|ejemplo|no modifi"
    r"|ex[ée]cutez|v[ée]rifiez|testez|exemple|ne pas)\b",
    re.IGNORECASE,
)
"""First words of the comment in cells that only try out an answer."""
_FORM = re.compile(r"^@(?:title|markdown)\s*|\s*\{[^}]*\}$")
"""Markup around the title and the texts of a form of Colab."""
_MAGIC = re.compile(r"^\s*[%!]")


@dataclass(frozen=True)
class CodeComment:
    """A comment, or a string that is a statement."""

    line: int
    """Counted from 1."""
    last: int
    """Its last line: a string may have several."""
    text: str
    """Without the marks and boxes around it."""
    indent: str
    is_alone: bool
    """Whether its line contains no code."""


def comments_in(source: str) -> list[CodeComment]:
    """Find the comments of a code cell, and the strings that serve as comments."""
    texts = source.split("\n")
    comments = []
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            before = texts[line - 1][: token.start[1]]
            text = _bare(token.string)
            indent = leading_space(texts[line - 1])
            comments.append(CodeComment(line, line, text, indent, is_alone=not before.strip()))
    comments += _string_statements(source)
    return sorted(comments, key=lambda comment: comment.line)


def lines_in_strings(source: str) -> frozenset[int]:
    """Collect the lines (from 1) that begin inside a string: nothing on them is a comment."""
    lines: set[int] = set()
    for token in _tokens(source):
        if token.type == tokenize.STRING:
            lines.update(range(token.start[0] + 1, token.end[0] + 1))
    return frozenset(lines)


def strings_alone(source: str) -> frozenset[int]:
    """Collect the lines (from 1) of unindented string statements, which serve as text."""
    lines: set[int] = set()
    for comment in _string_statements(source):
        if not comment.indent:
            lines.update(range(comment.line, comment.last + 1))
    return frozenset(lines)


def opening_words(source: str) -> str:
    """Join the comment lines that a code cell begins with."""
    return words_below("", source.split("\n"))


def words_below(first: str, texts: Sequence[str]) -> str:
    """Join the first line of a comment with those right below it."""
    words = [first]
    for line in texts:
        if not line.startswith("#"):
            break
        bare = line.strip("# ")
        words.append(_FORM.sub("", bare))
    return " ".join(words).strip()


def is_blank_or_comment(text: str) -> bool:
    """Return whether a line is blank or a comment."""
    bare = text.strip()
    return not bare or bare.startswith("#")


def tries_answer(source: str) -> bool:
    """Return whether the first line of a cell says that it only tries or shows an answer."""
    first, _, _ = source.lstrip().partition("\n")
    return first.startswith("#") and bool(_TRIES.match(_bare(first)))


def _bare(comment: str) -> str:
    return comment.strip(_DECORATION)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Split a cell into tokens, as far as it is Python; lines of magics are none."""
    lines = [_blank_magic(line) for line in source.split("\n")]
    readline = io.StringIO("\n".join(lines)).readline
    try:
        yield from tokenize.generate_tokens(readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _blank_magic(line: str) -> str:
    if not _MAGIC.match(line):
        return line
    return ""


def _string_statements(source: str) -> Iterator[CodeComment]:
    texts = source.split("\n")
    for node in ast.walk(parse_cell(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                indent = leading_space(texts[node.lineno - 1])
                last = node.end_lineno or node.lineno
                yield CodeComment(node.lineno, last, text.strip(), indent, is_alone=True)
