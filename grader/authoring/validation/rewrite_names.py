"""Rename objects that a right notebook may name freely. Pure."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.authoring.validation.rewrites import (
    CellChange,
    Rewrite,
    RewriteKind,
    SolvedNotebook,
    changed_cell,
    code_of,
)
from grader.notebook.cell_names import UNCLEAR, read_names
from grader.notebook.code import parse_cell

PREFIX = "my_"
"""Prefix of new names."""

WORD = re.compile(r"\w+")

FORMATTED = ("f", "F", "rf", "fr", "Rf", "fR", "rF", "Fr", "RF", "FR")
"""Beginnings of a text with expressions."""


def renamed(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Rename the notebook's own names that the handout neither gives nor asks for."""
    names = []
    for name in _own_names(notebook):
        if not notebook.protected(name):
            names.append(name)
    yield from _renamed("renamed", notebook, names)


def asked_renamed(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Rename objects that questions at the end read and the handout does not name."""
    names: list[str] = []
    for name in _own_names(notebook):
        if name in notebook.probed and name not in notebook.handout_words:
            names.append(name)
    yield from _renamed("asked-name", notebook, names)


def _own_names(notebook: SolvedNotebook) -> list[str]:
    """List the names that the notebook's own cells bind, in their order."""
    names: dict[str, None] = {}
    for _, source in notebook.own_sources():
        bound = sorted(read_names(source).binds)
        names.update(dict.fromkeys(bound))
    return list(names)


def _renamed(
    kind: RewriteKind, notebook: SolvedNotebook, names: Iterable[str]
) -> Iterator[Rewrite]:
    sources = [source for _, source in code_of(notebook.cells)]
    fixed = _fixed_names(sources)
    new_names = {name: f"{PREFIX}{name}" for name in names if name not in fixed}
    if not new_names or fixed.intersection(UNCLEAR):
        return
    changes: list[CellChange] = []
    for cell, source in notebook.own_sources():
        new = with_names(source, new_names)
        if new is not None and new != source:
            change = changed_cell(cell, source, [new])
            changes.append(change)
    if changes:
        yield Rewrite(kind, tuple(changes), separable=False)


def _fixed_names(sources: Sequence[str]) -> set[str]:
    """List the names that cannot be distinguished from others of the same spelling.

    They are attributes, parameters and keywords, or are in a text with expressions, a magic, or a
    cell that is no Python; a cell may bind any name with those of `UNCLEAR`.
    """
    fixed: set[str] = set()
    for source in sources:
        tree = parse_cell(source)
        for node in ast.walk(tree):
            fixed.update(_spelled_elsewhere(node))
        words = _words_no_token_has(source)
        fixed.update(words)
    return fixed


def _spelled_elsewhere(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(attr=name):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.Name(id=name) if name in UNCLEAR:
            yield name
        case ast.alias():
            name = node.asname or node.name
            yield from name.split(".")
        case ast.ClassDef():
            for statement in node.body:
                yield from read_names(ast.unparse(statement)).binds


def _words_no_token_has(source: str) -> set[str]:
    """List the words in texts with expressions, in magics, and in cells that are not Python."""
    tokens = _tokens(source)
    if tokens is None:
        return _words(source)
    words: set[str] = set()
    for line in source.split("\n"):
        if _is_magic(line):
            words |= _words(line)
    for token in tokens:
        text = token.string
        if token.type == tokenize.STRING and text.startswith(FORMATTED):
            words |= _words(text)
    return words


def _is_magic(line: str) -> bool:
    text = line.lstrip()
    return text.startswith(("%", "!"))


def _words(text: str) -> set[str]:
    return set(WORD.findall(text))


def with_names(source: str, new_names: Mapping[str, str]) -> str | None:
    """Rename some names in a cell; None if it is not Python."""
    tokens = _tokens(source)
    if tokens is None:
        return None
    lines = source.split("\n")
    for token in reversed(tokens):
        new = new_names.get(token.string)
        if new is None or token.type != tokenize.NAME:
            continue
        row, start = token.start
        _, end = token.end
        line = lines[row - 1]
        before = line[:start]
        behind = line[end:]
        lines[row - 1] = f"{before}{new}{behind}"
    return "\n".join(lines)


def _tokens(source: str) -> list[tokenize.TokenInfo] | None:
    """Split a cell into tokens; None if it is not Python. Magic lines become comments."""
    lines: list[str] = []
    for line in source.split("\n"):
        code = line
        if _is_magic(line):
            code = f"#{line[1:]}"
        lines.append(code)
    text = "\n".join(lines)
    reader = io.StringIO(text)
    try:
        tokens = tokenize.generate_tokens(reader.readline)
        return list(tokens)
    except (tokenize.TokenError, SyntaxError):
        return None
