"""Read a notebook file of format 3 or 4.

nbformat is not used, because it refuses a whole notebook for one malformed cell. A test compares
format 3 with nbformat's own upgrade.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
import warnings
from collections.abc import Mapping
from typing import Any

from grader.errors import SubmissionUnreadable
from grader.kernel.portability.newer_python import as_older_python
from grader.notebook.bounds import check_count, check_parts, check_text, without_pictures
from grader.notebook.cells import NotebookCell

JsonObject = Mapping[str, Any]
"""A JSON object of a notebook file; anybody may have written it."""

MAX_SAVED_OUTPUT = 4_000
"""Characters kept of the saved outputs of one cell."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SHELL_LINE = re.compile(r"\s*[!%]")
_PYTHON = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
_CONFLICT = re.compile(r"^<{7}(?: |\r?$)", re.MULTILINE)

_JOINERS = "\u200c\u200d"
"""Invisible, but they belong to the spelling of Persian and Indic names."""

_UNSAFE_CATEGORIES = ("Cc", "Cf", "Zl", "Zp")
"""Unicode categories of controls, format marks, and line and paragraph separators."""


def parse(data: bytes) -> dict[str, Any]:
    """Parse the JSON of a Python notebook of format 3 or 4 that has cells.

    Raises:
        SubmissionUnreadable: it is not such a notebook.
    """
    check_parts(data)
    try:
        # The way `json.loads` finds the encoding of bytes; it knows byte order marks too.
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise SubmissionUnreadable("unreadable.not-text") from None

    if not text.strip("\ufeff \t\r\n"):
        raise SubmissionUnreadable("unreadable.empty")

    notebook = _parse_json(text)
    if not isinstance(notebook, dict):
        raise SubmissionUnreadable("wrong-file.not-a-notebook")
    if not {"nbformat", "cells", "worksheets"} & notebook.keys():
        raise SubmissionUnreadable("wrong-file.not-a-notebook")

    _check_format(notebook)
    _check_language(notebook)
    return notebook


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise SubmissionUnreadable("unreadable.not-json", line=1) from None
    except ValueError as error:
        conflict = _CONFLICT.search(text)
        if conflict:
            line = text.count("\n", 0, conflict.start()) + 1
            raise SubmissionUnreadable("unreadable.git-conflict", line=line) from None

        line = getattr(error, "lineno", 1)
        raise SubmissionUnreadable("unreadable.not-json", line=line) from None


def _check_format(notebook: JsonObject) -> None:
    version = notebook.get("nbformat", 4)
    if isinstance(version, int) and version not in (3, 4):
        shown = str(version)[:20]
        raise SubmissionUnreadable("unreadable.format", version=shown)

    cells = raw_cells(notebook)
    if not cells:
        raise SubmissionUnreadable("wrong-file.no-cells")
    check_count(len(cells))


def _check_language(notebook: JsonObject) -> None:
    """Refuse notebooks in other languages; one that names no language counts as Python."""
    languages = _languages(notebook)
    if not languages:
        return

    is_python = any("python" in name.lower() for name in languages)
    if not is_python and not _reads_as_python(notebook):
        shown = safe_name(languages[0])[:40]
        raise SubmissionUnreadable("wrong-file.language", language=shown)


def _reads_as_python(notebook: JsonObject) -> bool:
    """Return whether all code is Python, although the notebook was saved with another kernel.

    Short code parses in several languages, so that something has to be imported or defined, too.
    """
    cells = [read_cell(table(cell)) for cell in raw_cells(notebook)]
    check_text(cells)
    shows_python = False
    for cell in cells:
        if cell.kind != "code":
            continue

        statements = _python_statements(cell.source)
        if statements is None:
            return False
        for statement in statements:
            if isinstance(statement, _PYTHON):
                shows_python = True
    return shows_python


def _python_statements(source: str) -> list[ast.stmt] | None:
    """Parse a cell without its commands; None if it is not Python."""
    lines = source.split("\n")
    code = [line for line in lines if not _SHELL_LINE.match(line)]
    text = "\n".join(code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the terminal must not show a student's "\d"
            return ast.parse(as_older_python(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _languages(notebook: JsonObject) -> list[str]:
    """List the languages in the metadata of a notebook."""
    metadata = table(notebook.get("metadata"))
    language_info = table(metadata.get("language_info"))
    kernelspec = table(metadata.get("kernelspec"))
    named = (
        language_info.get("name"),
        kernelspec.get("language"),
        metadata.get("language"),  # format 3
    )
    return [name for name in named if isinstance(name, str) and name]


def raw_cells(notebook: JsonObject) -> list[Any]:
    """List the cells of a notebook as in the file."""
    if "cells" in notebook:
        return _list(notebook["cells"])

    cells: list[Any] = []
    sheets = _list(notebook.get("worksheets"))  # format 3
    for sheet in sheets:
        sheet_cells = table(sheet).get("cells")
        cells.extend(_list(sheet_cells))
    return cells


def read_cell(cell: JsonObject) -> NotebookCell:
    """Read a cell.

    One that is malformed becomes an empty raw cell, so that the others keep their index.
    """
    format_3_source = cell.get("input")
    source = _text(cell.get("source", format_3_source))
    match cell.get("cell_type"):
        case "code":
            return NotebookCell(kind="code", source=source)
        case "markdown" | "html":
            return without_pictures(NotebookCell(kind="markdown", source=source))
        case "heading":  # format 3
            return _read_heading(cell.get("level"), source)
        case _:
            return NotebookCell(kind="raw", source=source)


def _read_heading(level: object, source: str) -> NotebookCell:
    number = 1
    if isinstance(level, int):
        number = min(level, 6)

    marks = "#" * number
    text = " ".join(source.splitlines())
    return NotebookCell(kind="markdown", source=f"{marks} {text}")


def saved_output(cell: JsonObject) -> str:
    """Return the plain text of a cell's saved outputs."""
    texts: list[str] = []
    for output in _list(cell.get("outputs")):
        text = _output_text(table(output))
        if text:
            texts.append(text)

    joined = "\n".join(texts)
    return joined[:MAX_SAVED_OUTPUT]


def _output_text(output: JsonObject) -> str:
    """Return the plain text of one output; for an exception, its type and message."""
    if "ename" in output:
        kind = _text(output["ename"])
        message = _text(output.get("evalue"))
        text = f"{kind}: {message}"
    else:
        data = table(output.get("data"))
        plain_text = data.get("text/plain")
        text = _text(output.get("text", plain_text))

    # Cut first, so that the time for the escapes is bounded.
    beginning = text[: 2 * MAX_SAVED_OUTPUT]
    without_escapes = _ANSI.sub("", beginning)
    return without_escapes.rstrip("\n")


def execution_count(cell: JsonObject) -> int | None:
    """Return the saved execution count of a cell."""
    format_3_count = cell.get("prompt_number")
    count = cell.get("execution_count", format_3_count)
    if isinstance(count, int):
        return count
    return None


def table(value: object) -> JsonObject:
    """Return a JSON object; empty for any other value."""
    if isinstance(value, dict):
        return value
    return {}


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return []


def _text(value: object) -> str:
    """Return a text, which may be stored as a list of lines.

    Lone surrogates are replaced, since they cannot be written to a file.
    """
    values = value if isinstance(value, list) else [value]
    parts = [part for part in values if isinstance(part, str)]

    # Some writers of format 3 left out the line ends; nbformat puts them back too.
    separator = "\n"
    for part in parts[:-1]:
        if part.endswith(("\n", "\r")):
            separator = ""
    text = separator.join(parts)

    text = text.replace("\r\n", "\n")
    text = text.replace("\r", "\n")
    return _SURROGATES.sub("\ufffd", text)


def safe_name(text: str) -> str:
    """Remove control characters from a name.

    SECURITY: no escapes, controls or marks that turn the direction of writing.
    """
    without_escapes = _ANSI.sub("", text)
    composed = unicodedata.normalize("NFC", without_escapes)
    encodable = _SURROGATES.sub("\ufffd", composed)
    return "".join(character for character in encodable if _is_safe(character))


def _is_safe(character: str) -> bool:
    if character in _JOINERS:
        return True
    return unicodedata.category(character) not in _UNSAFE_CATEGORIES
