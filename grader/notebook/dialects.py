"""Read cells as other tools write them: markdown in code cells, or many cells in one. Pure."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from grader.notebook.cells import NotebookCell

_MARKDOWN_MAGIC = re.compile(r"\s*%%?(?:md(?:-sandbox)?|markdown)(?![\w-])[ \t]*\n?")
"""The first line of a cell of Databricks or IPython that contains markdown."""

_MARKER = re.compile(r"^# ?%%(?P<title>.*)$|^# COMMAND -{3,}[ \t]*$|^# <(?:markdown|code)cell>.*$")
"""A line that begins a cell in a script of Jupytext, VS Code, PyCharm, Databricks or nbconvert."""

_MARKDOWN_TITLE = re.compile(r"\[(?:markdown|md)\]|[ \t](?:markdown|md)[ \t]*$")
_DATABRICKS_LINE = re.compile(r"^# MAGIC ?")
_DATABRICKS_FIRST = "# Databricks notebook source"
_QUOTES = ('"""', "'''")

Lines = Sequence[str]
Cells = tuple[NotebookCell, ...]


def split_cell(cell: NotebookCell) -> Cells:
    """Return the cells that a cell represents: usually itself, or as markdown if it is marked so.

    A whole script in one cell becomes its cells if some of them are markdown. Code is never cut
    where that would leave a part that does not parse.
    """
    if cell.kind != "code":
        return (cell,)

    markdown = _MARKDOWN_MAGIC.match(cell.source)
    if markdown:
        text = cell.source[markdown.end() :]
        return (NotebookCell(kind="markdown", source=text),)

    parts = tuple(_parts(cell.source))
    has_markdown = any(part.kind == "markdown" for part in parts)
    if has_markdown and _keeps_its_code(cell, parts):
        return parts
    return (cell,)


def _parts(source: str) -> Iterator[NotebookCell]:
    """Yield the cells between the markers of a script, except blank ones."""
    marker = ""
    lines: list[str] = []
    for line in source.split("\n"):
        if _MARKER.match(line):
            yield from _part(marker, lines)
            marker = line
            lines = []
        elif line != _DATABRICKS_FIRST:
            lines.append(line)
    yield from _part(marker, lines)


def _part(marker: str, lines: Lines) -> Iterator[NotebookCell]:
    text = "\n".join(lines).strip("\n")
    if not text.strip():
        return

    if _is_markdown(marker):
        yield NotebookCell(kind="markdown", source=_without_comment_marks(text))
        return

    uncommented = [_DATABRICKS_LINE.sub("", line) for line in lines]
    magic = "\n".join(uncommented).strip("\n")
    if magic != text and _MARKDOWN_MAGIC.match(magic):
        markdown = _MARKDOWN_MAGIC.sub("", magic, count=1)
        yield NotebookCell(kind="markdown", source=markdown)
    else:
        yield NotebookCell(kind="code", source=text)


def _is_markdown(marker: str) -> bool:
    if "<markdowncell>" in marker:
        return True
    match = _MARKER.match(marker)
    title = match["title"] if match else None
    if title is None:
        return False
    return _MARKDOWN_TITLE.search(title) is not None


def _without_comment_marks(text: str) -> str:
    """Return the markdown of a part, which is written as comments or as a string."""
    stripped = text.strip()
    for quotes in _QUOTES:
        if stripped.startswith(quotes) and stripped.endswith(quotes):
            return stripped.removeprefix(quotes).removesuffix(quotes).strip("\n")

    lines = [re.sub(r"^# ?", "", line) for line in text.split("\n")]
    return "\n".join(lines)


def _keeps_its_code(cell: NotebookCell, parts: Cells) -> bool:
    """Return whether a script can be split: not inside a string, for instance."""
    if not _parses(cell.source):
        return True  # with magics it never does
    code = [part.source for part in parts if part.kind == "code"]
    return all(map(_parses, code))


def _parses(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
