"""Read the instructor's file: its cells with their metadata, and its language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.authoring.drafting.solved import RAISES, SolvedCell
from grader.errors import AssignmentError, SubmissionUnreadable
from grader.messages import Language, say
from grader.notebook.cells import NotebookCell
from grader.notebook.format import parse, raw_cells, read_cell, table

_WORD = re.compile(r"[^\W\d_]+")
_COMMENT = re.compile(r"#(.*)")
_MEANT_TO_RAISE = re.compile(
    r"\b(this|it|that|below|following|next|cell|line|code)\b[^.]{0,40}"
    r"\b(raises?|throws?|fails?|gives? an error|errors out)\b"
    r"|\b(meant|supposed|expected|bound) to (raise|fail|throw|break)\b|\bwill (raise|fail|throw)\b"
    r"|\b(raises|throws) (an? )?\w*(Error|Exception)\b"
    r"|\b(gera|lança|levanta|produz|dá|causa|provoca)r? (um |uma )?(erro|exceção)\b"
    r"|\b(genera|lanza|produce|da|provoca) (un |una )?(error|excepción)\b"
    r"|\b(lève|produit|provoque|donne) une (erreur|exception)\b",
    re.IGNORECASE,
)
"""Words that announce an exception."""
_PORTUGUESE = (
    "o os um uma de da dos das em na nos nas e é que não para por com ao mais como seu sua este "
    "esta calcule faça mostre célula perda gradiente dados exercício questão onde entre cada até "
    "já são"
)
_ENGLISH = (
    "the of and to in is that it for with this be are on by an or not from at we you your which "
    "use compute what how cell loss data exercise where each between after before using"
)
_SPANISH = (
    "el los las es una un y en para que con por del al se su lo como más pero sus este esta "
    "de la le ya o fue ha sí porque entre cuando calcula qué cuál calcule muestra celda pérdida "
    "datos ejercicio pregunta donde cada hasta tu hay función gradiente no si sin son desde"
)
LAST_LATIN = "\u024f"
"""The last letter of Latin script that modern languages of Europe use."""

_NO_PROSE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$", re.DOTALL)
"""Code and formulas in a text."""
_FREQUENT_WORDS: dict[Language, frozenset[str]] = {
    "pt": frozenset(_PORTUGUESE.split()),
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
}
"""Frequent words of each language; those of English are in no other."""
_OTHER_LANGUAGES = tuple(
    frozenset(words.split())
    for words in (
        "le la les des du est une un et dans pour que qui sur avec par au aux ce cette vous nous "
        "de il elle ne pas plus ou où à en son sa ses sont donc puis calculez quelle quel",
        "il lo la gli le di è una un e in per che con del della dei delle al si su come più ma "
        "non questo questa sono da nel nella calcola quale perché anche",
        "der die das und ist ein eine in für mit von zu den dem des nicht auf im wie aus bei "
        "werden sie wir auch es an als nach berechne welche",
        "el la els les i és amb per que una un dels al als són més però aquest aquesta què com "
        "de en del o no se li seva seu entre",
        "și în de la cu pe care este o un să din nu pentru ce sau mai sunt se a al ale unui",
    )
)
"""Frequent words of French, Italian, German, Catalan and Romanian, which share some with others."""


@dataclass(frozen=True)
class CourseHandout:
    """The notebook that a course gives to students."""

    path: Path
    data: bytes
    """The file."""
    cells: tuple[SolvedCell, ...]
    """Its cells, but for blank ones."""


def read_handout(path: Path) -> CourseHandout:
    """Read the course's own handout.

    Raises:
        AssignmentError: there is no such file, or it is no notebook in Python of format 4.
    """
    content = read_file(path, advice="Give the notebook that students get.")
    if "cells" not in content:
        problem = "this is not a notebook of format 4."
        raise AssignmentError(problem, "Save it anew in Jupyter.", where=path)
    return CourseHandout(path, path.read_bytes(), tuple(solved_cells(content)))


def read_file(path: Path, advice: str = "Give a solved notebook.") -> dict[str, Any]:
    """Read the JSON of a notebook.

    Args:
        path: its path.
        advice: what to do if it is none.

    Raises:
        AssignmentError: there is no such file, or it is no notebook in Python.
    """
    try:
        return parse(path.read_bytes())
    except OSError as error:
        problem = f"this cannot be read: {error.strerror}."
        raise AssignmentError(problem, "Check the path.", where=path) from None
    except SubmissionUnreadable as error:
        message = say(error.reason, error.params, language="en", reader="instructor")
        problem = message.replace(" Ask for a new file.", "")
        raise AssignmentError(problem, advice, where=path) from None


def solved_cells(notebook: Mapping[str, Any]) -> list[SolvedCell]:
    """List the cells of a notebook of any readable format, except blank ones."""
    cells: list[SolvedCell] = []
    above = ""
    for index, raw_cell in enumerate(raw_cells(notebook)):
        content = table(raw_cell)
        cell = read_cell(content)
        if not cell.source.strip():
            continue
        metadata = table(content.get("metadata"))
        attachments = table(content.get("attachments"))
        may_raise = False
        if cell.kind == "code":
            may_raise = _may_raise(content) or _says_it_raises(above, cell)
        above = cell.source if cell.kind == "markdown" else ""
        cells.append(SolvedCell(cell.kind, cell.source, metadata, attachments, index, may_raise))
    return cells


def _says_it_raises(above: str, cell: NotebookCell) -> bool:
    """Return whether the text above a cell, or a comment in it, announces an exception."""
    last_lines = above.strip().split("\n")[-1:]
    comments = _COMMENT.findall(cell.source)
    return any(_MEANT_TO_RAISE.search(text) for text in [*last_lines, *comments])


def _may_raise(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is tagged as raising, or raised when it was saved."""
    tags = table(cell.get("metadata")).get("tags")
    if isinstance(tags, list) and RAISES in tags:
        return True
    outputs = cell.get("outputs")
    if not isinstance(outputs, list):
        return False
    kinds = []
    for output in outputs:
        kinds.append(table(output).get("output_type"))
    return "error" in kinds or "pyerr" in kinds


def detect_language(cells: Iterable[SolvedCell]) -> Language:
    """Detect the language of a notebook's text and comments.

    English if unknown, and for a language without a catalogue.
    """
    prose = map(_prose, cells)
    text = " ".join(prose)
    if _is_other_script(text):
        return "en"
    plain = text.casefold()
    words = _WORD.findall(plain)
    most = 0
    for frequent in _OTHER_LANGUAGES:
        count = _count_words(words, frequent)
        most = max(most, count)

    best: Language = "en"
    is_tie = False
    for language, frequent in _FREQUENT_WORDS.items():
        count = _count_words(words, frequent)
        if count > most:
            best = language
            most = count
            is_tie = False
        elif count == most:
            is_tie = True
    if is_tie:
        return "en"
    return best


def _count_words(words: Iterable[str], frequent: frozenset[str]) -> int:
    known = []
    for word in words:
        if word in frequent:
            known.append(word)
    return len(known)


def _is_other_script(text: str) -> bool:
    """Return whether most letters of a text are not Latin ones."""
    latin = 0
    others = 0
    for letter in filter(str.isalpha, text):
        if letter > LAST_LATIN:
            others += 1
        else:
            latin += 1
    return others > latin


def _prose(cell: SolvedCell) -> str:
    """Return the words of a cell; names in code and formulas, such as `y`, are none."""
    if cell.kind != "code":
        return _NO_PROSE.sub(" ", cell.source)
    comments = _COMMENT.findall(cell.source)
    return " ".join(comments)
