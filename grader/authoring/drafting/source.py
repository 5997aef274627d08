"""Reads the instructor's file: its cells with what other graders wrote into them, and the language of its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.authoring.drafting.solved import SolvedCell
from grader.errors import AssignmentError, SubmissionUnreadable
from grader.messages import Language, say
from grader.notebook.format import parse, raw_cells, read_cell, table

_WORD = re.compile(r"[^\W\d_]+")
_COMMENT = re.compile(r"#(.*)")
_PORTUGUESE = (
    "o os um uma de da dos das em na nos nas e é que não para por com ao mais como seu sua este esta "
    "calcule faça mostre célula perda gradiente dados exercício questão onde entre cada até já são"
)
_ENGLISH = (
    "the of and to in is that it for with this be are on by an or not from at we you your which use compute "
    "what how cell loss data exercise where each between after before using"
)
_OF_LANGUAGE: dict[Language, frozenset[str]] = {
    "pt": frozenset(_PORTUGUESE.split()),
    "en": frozenset(_ENGLISH.split()),
}
"""Frequent words of each language; words that both have stand in neither."""


def read_file(path: Path) -> dict[str, Any]:
    """The JSON of a solved notebook.

    Raises:
        AssignmentError: there is no such file, or it is no notebook in Python.
    """
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check the path.", where=path
        ) from None
    except SubmissionUnreadable as error:
        told = say(error.reason, error.params, language="en", reader="instructor")
        raise AssignmentError(
            told.replace(" Ask for a new file.", ""), "Give a solved notebook.", where=path
        ) from None


def cells_of(notebook: Mapping[str, Any]) -> list[SolvedCell]:
    """The cells of a notebook of any format that can be read; those without any text are left out."""
    found = []
    for place, cell in enumerate(map(table, raw_cells(notebook))):
        read = read_cell(cell)
        if read.source.strip():
            more = (table(cell.get("metadata")), table(cell.get("attachments")))
            found.append(SolvedCell(read.kind, read.source, *more, place))
    return found


def language_of(cells: Iterable[SolvedCell]) -> Language:
    """The language of a notebook's words: of its text and its comments. English where nothing tells."""
    said = " ".join(_words(cell) for cell in cells).casefold()
    words = _WORD.findall(said)
    counts = {
        language: sum(word in known for word in words) for language, known in _OF_LANGUAGE.items()
    }
    return "pt" if counts["pt"] > counts["en"] else "en"


def _words(cell: SolvedCell) -> str:
    return " ".join(_COMMENT.findall(cell.source)) if cell.kind == "code" else cell.source
