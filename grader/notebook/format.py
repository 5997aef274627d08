"""Reads a notebook file of format 3 or 4.

Not by nbformat, which refuses the whole notebook for one malformed cell. A test holds format 3 to nbformat's own
upgrade.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from grader.errors import SubmissionUnreadable
from grader.notebook.cells import NotebookCell

MAX_SAVED_OUTPUT = 4_000
"""Characters kept of the saved outputs of one cell."""


_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = "\u200c\u200d"  # they belong to the spelling of Persian and Indic names
_CONFLICT = re.compile(r"^<{7}(?: |\r?$)", re.MULTILINE)
HEADING = re.compile(r" {0,3}#{1,6}(?!#)")
FENCE = re.compile(r"\s*(```|~~~)")


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object of a notebook of format 3 or 4 that has cells and is in Python.

    Raises:
        SubmissionUnreadable: it is not such a notebook.
    """
    try:
        # The way `json.loads` finds the encoding of bytes; it knows byte order marks too.
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise SubmissionUnreadable("unreadable.not-text") from None
    if not text.strip("\ufeff \t\r\n"):
        raise SubmissionUnreadable("unreadable.empty")
    notebook = _parse_json(text)
    if not isinstance(notebook, dict) or not {"nbformat", "cells", "worksheets"} & notebook.keys():
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
        if conflict := _CONFLICT.search(text):
            line = text.count("\n", 0, conflict.start()) + 1
            raise SubmissionUnreadable("unreadable.git-conflict", line=line) from None
        raise SubmissionUnreadable(
            "unreadable.not-json", line=getattr(error, "lineno", 1)
        ) from None


def _check_format(notebook: Mapping[str, Any]) -> None:
    version = notebook.get("nbformat", 4)
    if isinstance(version, int) and version not in (3, 4):
        raise SubmissionUnreadable("unreadable.format", version=str(version)[:20])
    if not raw_cells(notebook):
        raise SubmissionUnreadable("wrong-file.no-cells")


def _check_language(notebook: Mapping[str, Any]) -> None:
    """Refuse another language's notebook; one that names no language is taken for Python."""
    metadata = table(notebook.get("metadata"))
    said = (
        table(metadata.get("language_info")).get("name"),
        table(metadata.get("kernelspec")).get("language"),
        metadata.get("language"),  # format 3
    )
    languages = [name for name in said if isinstance(name, str) and name]
    if languages and not any("python" in name.lower() for name in languages):
        raise SubmissionUnreadable("wrong-file.language", language=safe_name(languages[0])[:40])


def raw_cells(notebook: Mapping[str, Any]) -> list[Any]:
    """The cells of a notebook, as they stand in the file."""
    if "cells" in notebook:
        return _list(notebook["cells"])
    sheets = _list(notebook.get("worksheets"))
    return [cell for sheet in sheets for cell in _list(table(sheet).get("cells"))]


def read_cell(cell: Mapping[str, Any]) -> NotebookCell:
    """A cell; one that is malformed becomes an empty raw cell, so that the others keep their index."""
    source = _text(cell.get("source", cell.get("input")))
    match cell.get("cell_type"):
        case "code":
            return NotebookCell(kind="code", source=source)
        case "markdown" | "html":
            return NotebookCell(kind="markdown", source=source)
        case "heading":
            level = cell.get("level")
            marks = "#" * min(level if isinstance(level, int) else 1, 6)
            return NotebookCell(kind="markdown", source=f"{marks} {' '.join(source.splitlines())}")
        case _:
            return NotebookCell(kind="raw", source=source)


def saved_output(cell: Mapping[str, Any]) -> str:
    """The plain text of a cell's saved outputs."""
    texts = (_output_text(table(output)) for output in _list(cell.get("outputs")))
    return "\n".join(text for text in texts if text)[:MAX_SAVED_OUTPUT]


def _output_text(output: Mapping[str, Any]) -> str:
    """The plain text of one output; of an exception, its type and message."""
    if "ename" in output:
        text = f"{_text(output['ename'])}: {_text(output.get('evalue'))}"
    else:
        text = _text(output.get("text", table(output.get("data")).get("text/plain")))
    return _ANSI.sub("", text[: 2 * MAX_SAVED_OUTPUT]).rstrip("\n")


def execution_count(cell: Mapping[str, Any]) -> int | None:
    """The execution count a cell was saved with."""
    count = cell.get("execution_count", cell.get("prompt_number"))
    return count if isinstance(count, int) else None


def table(value: object) -> Mapping[str, Any]:
    """The JSON object that should stand somewhere; an empty one if another thing does."""
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text, also one kept as lines; without lone surrogates, which cannot be written to a file."""
    parts = [
        part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)
    ]
    # Some writers of format 3 left out the line ends; nbformat puts them back too.
    text = ("" if any(part.endswith(("\n", "\r")) for part in parts[:-1]) else "\n").join(parts)
    return _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def safe_name(text: str) -> str:
    """A name that does nothing to the terminal or page that shows it: no escapes, controls or bidi marks."""
    text = _SURROGATES.sub("\ufffd", unicodedata.normalize("NFC", _ANSI.sub("", text)))
    unsafe = ("Cc", "Cf", "Zl", "Zp")
    return "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in unsafe)
