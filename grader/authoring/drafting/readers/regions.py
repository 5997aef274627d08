"""Reads, line by line, the marks that other graders put around answers. Pure.

Regions (`### BEGIN SOLUTION` … `### END SOLUTION`) are nbgrader's and otter's. `# SOLUTION` and `# SOLUTION NO PROMPT`
behind a line, and `# BEGIN PROMPT` … `# END PROMPT` (also as a string) are otter's; `HIDDEN TESTS` and `MARK SCHEME`
are nbgrader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from grader.authoring.drafting.code import parsing
from grader.authoring.drafting.solved import Line, Piece, Placeholders, SolvedCell

BEGIN = re.compile(r"^(?P<indent>\s*)[^\w\n]*BEGIN SOLUTION(?P<silent> NO PROMPT)?\b")
END = re.compile(r"^[^\w\n]*END SOLUTION\b")
_DROPPED = re.compile(r"^[^\w\n]*BEGIN (HIDDEN TESTS|MARK SCHEME)\b")
_DROPPED_END = re.compile(r"^[^\w\n]*END (HIDDEN TESTS|MARK SCHEME)\b")
_PROMPT = re.compile(r"^[^\w\n]*BEGIN PROMPT\b")
_PROMPT_END = re.compile(r"^[^\w\n]*END PROMPT\b")
_LINE = re.compile(r"^(?P<code>.*\S)\s*#+\s*SOLUTION(?P<silent> NO PROMPT)?\s*$")
_TARGET = re.compile(r"^(?P<before>\s*[^=()#]+?=)(?!=)")
_RETURN = re.compile(r"^(?P<before>\s*return)\b")
YOURS = re.compile(r"^(?P<indent>\s*)#+\s*YOUR CODE HERE\b")
"""What stands in place of an answer in what nbgrader releases; a notebook solved below it keeps it."""
_DETAILS = re.compile(r"<details\b[^>]*>(?P<inside>.*?)</details>\s*", re.DOTALL | re.IGNORECASE)
_HINT = re.compile(r"\b(dica|hint|ajuda|help|aviso|note|nota)\b", re.IGNORECASE)


def has_marks(cell: SolvedCell) -> bool:
    """Whether a cell has marks around answers."""
    marks = (BEGIN, _LINE, YOURS) if cell.kind == "code" else (BEGIN,)
    return any(mark.match(line) for line in cell.source.split("\n") for mark in marks)


def read_regions(cell: SolvedCell, placeholders: Placeholders) -> Piece:
    """A cell with its marked answers taken out of what students get.

    Args:
        cell: a cell of code or text; one without marks stays as it is.
        placeholders: what stands in an answer's place.
    """
    placeholder = placeholders.code if cell.kind == "code" else placeholders.text
    piece = Piece(
        cell.kind, tuple(_Reader(placeholder, cell.source).lines()), cell.attachments, cell.place
    )
    return parsing(piece) if cell.kind == "code" else piece


class _Reader:
    """Reads the lines of one cell."""

    def __init__(self, placeholder: str, source: str) -> None:
        self._placeholder = placeholder
        self._texts = source.split("\n")
        self._has_regions = any(map(BEGIN.match, self._texts))
        self._inside = ""
        """What the lines read now stand in: `solution`, `yours`, `dropped`, `prompt`, or nothing."""
        self._indent = ""

    def lines(self) -> Iterator[Line]:
        """The lines of the cell."""
        for text in self._texts:
            yield from self._line(text)

    def _line(self, text: str) -> Iterator[Line]:
        if self._inside == "yours" and text.strip() and not text.startswith(self._indent):
            self._inside = (
                ""  # what stands less deep comes after the function that was to be written
            )
        if begun := BEGIN.match(text):
            self._inside = "solution"
            if not begun["silent"]:
                yield self._instead(begun["indent"])
        elif yours := YOURS.match(text):
            if not self._has_regions:  # else a region says where the answer is
                self._inside, self._indent = "yours", yours["indent"]
                yield self._instead(yours["indent"])
        elif _DROPPED.match(text) or _PROMPT.match(text):
            self._inside = "dropped" if _DROPPED.match(text) else "prompt"
        elif any(mark.match(text) for mark in (END, _DROPPED_END, _PROMPT_END)):
            self._inside = ""
        elif self._inside:
            yield from _inside(self._inside, text)
        else:
            yield from _marked_line(text)

    def _instead(self, indent: str) -> Line:
        return Line(indent + self._placeholder, solved=False)


def _inside(what: str, text: str) -> Iterator[Line]:
    if what != "dropped":
        yield Line(text, solved=what != "prompt", handed=what == "prompt")


def _marked_line(text: str) -> Iterator[Line]:
    found = _LINE.match(text)
    if found is None:
        yield Line(text)
        return
    code = found["code"]
    yield Line(code, handed=False)
    if not found["silent"]:
        kept = _TARGET.match(code) or _RETURN.match(code)
        indent = code[: len(code) - len(code.lstrip())]
        yield Line(f"{kept['before']} ..." if kept else f"{indent}...", solved=False)


def without_details(piece: Piece) -> Piece:
    """A piece of text without what it hides to be unfolded, but for hints: that is where solutions are put."""
    handout = piece.handout
    if piece.kind != "markdown" or handout is None:
        return piece
    kept = _DETAILS.sub(
        lambda found: found[0] if _HINT.search(found["inside"][:200]) else "", handout
    )
    if kept == handout:
        return piece
    handed = [Line(text, solved=False) for text in kept.split("\n")] if kept.strip() else []
    solved = [replace(line, handed=False) for line in piece.lines if line.solved]
    return replace(piece, lines=(*solved, *handed))
