"""Read, line by line, the marks that other graders put around answers. Pure.

Regions (`### BEGIN SOLUTION` … `### END SOLUTION`) are nbgrader's and otter's. `# SOLUTION` and
`# SOLUTION NO PROMPT` behind a line, and `# BEGIN PROMPT` … `# END PROMPT` (also as a string) are
otter's; `HIDDEN TESTS` and `MARK SCHEME` are nbgrader's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from grader.authoring.drafting.code import make_parsable
from grader.authoring.drafting.readers.comments import lines_in_strings
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    Placeholders,
    SolvedCell,
    draft_cell,
)
from grader.authoring.drafting.syntax import leading_space

_BEGIN = re.compile(r"^(?P<indent>\s*)[^\w\n]*BEGIN SOLUTION(?P<silent> NO PROMPT)?\b")
_END = re.compile(r"^[^\w\n]*END (SOLUTION|PROMPT|HIDDEN TESTS|MARK SCHEME)\b")
_BEGIN_DROPPED = re.compile(r"^[^\w\n]*BEGIN (HIDDEN TESTS|MARK SCHEME)\b")
_PROMPT = re.compile(r"^[^\w\n]*(BEGIN|END) PROMPT\b")
_BEGIN_PROMPT = re.compile(r"^[^\w\n]*BEGIN PROMPT\b")
_ANSWER_LINE = re.compile(r"^(?P<code>.*\S)\s*#+\s*SOLUTION(?P<silent> NO PROMPT)?\s*$")
_TARGET = re.compile(r"^(?P<before>\s*[^=()#]+?=)(?!=)")
_RETURN = re.compile(r"^(?P<before>\s*return)\b")
_YOUR_CODE = re.compile(r"^(?P<indent>\s*)#+\s*YOUR CODE HERE\b")
"""Nbgrader's text in place of an answer; a notebook solved below it keeps it."""
DETAILS = re.compile(
    r"(?:<details\b[^>]*>|^(?P<fence>`{3,}|:{3,})\s*\{(?:solution\}|(?:admonition|dropdown|toggle)\}"
    r"\s*(?:solution|answer)|[^}\n]*(?:#sol-|\.solution\b|title=\"(?:solution|answer)))[^\n]*\n)"
    r"(?P<inside>.*?)"
    r"(?(fence)^(?P=fence)[ \t]*$|</details>)\s*",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
"""Folded parts of a text, in HTML or as a block of a Jupyter Book or of Quarto."""
_HIDDEN_COMMENT = re.compile(r"<!--(?P<inside>.*?)-->\s*", re.DOTALL)
_OFFERS_SOLUTION = re.compile(
    r"^.*\b(double[- ]?click|click|doble clic|clique duas vezes)\b"
    r".*\b(solutions?|answers?|solu[çc][ãa]o|soluci[óo]n|resposta|respuesta)\b.*\n?",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that says how to unfold a hidden solution."""
_HINT = re.compile(r"\b(dica|hint|ajuda|help|aviso|note|nota)\b", re.IGNORECASE)

Region = Literal["", "solution", "your code", "dropped", "prompt"]


def has_marks(cell: SolvedCell) -> bool:
    """Return whether a cell has marks around answers."""
    return has_regions(cell) or _has_line(cell, [_YOUR_CODE])


def has_regions(cell: SolvedCell) -> bool:
    """Return whether a cell has marks that also say where an answer ends."""
    marks = [_BEGIN]
    if cell.kind == "code":
        marks.append(_ANSWER_LINE)
    return _has_line(cell, marks)


def _has_line(cell: SolvedCell, marks: Sequence[re.Pattern[str]]) -> bool:
    lines = cell.text_lines
    hidden = lines_in_strings(cell.source) if cell.kind == "code" else frozenset()
    shown = []
    for number, line in enumerate(lines, 1):
        if number not in hidden:
            shown.append(line)
    return any(mark.match(line) for mark in marks for line in shown)


def read_regions(cell: SolvedCell, placeholders: Placeholders) -> DraftCell:
    """Remove the marked answers of a cell from the students' version.

    Args:
        cell: a cell of code or text; one without marks stays unchanged.
        placeholders: texts in an answer's place.
    """
    is_code = cell.kind == "code"
    placeholder = placeholders.code if is_code else placeholders.text
    hidden = lines_in_strings(cell.source) if is_code else frozenset()
    lines = _RegionReader(placeholder, cell.source, hidden).lines()
    drafted = draft_cell(cell, lines)
    if not is_code:
        return drafted
    return make_parsable(drafted)


class _RegionReader:
    """Reads the lines of one cell."""

    def __init__(
        self,
        placeholder: str,
        source: str,
        hidden: Collection[int],
    ) -> None:
        self._placeholder = placeholder
        self._texts = source.split("\n")
        self._hidden = hidden
        """Lines inside strings, where only prompts are marks."""
        self._has_solutions = any(map(_BEGIN.match, self._texts))
        self._region: Region = ""
        self._indent = ""
        """Indentation of `YOUR CODE HERE`, while its answer is read."""

    def lines(self) -> Iterator[DraftLine]:
        """Read the lines of the cell."""
        for number, text in enumerate(self._texts, 1):
            self._leave_function(text)
            if number in self._hidden and not _PROMPT.match(text):
                yield from self._keep(text)
                continue
            if not self._is_boundary(text):
                yield from self._content(text)
                continue
            yield from self._placeholder_for(text)
            self._enter(text)

    def _leave_function(self, text: str) -> None:
        """End an answer below `YOUR CODE HERE` with the function that contains it.

        Less indented code comes after that function.
        """
        if self._region != "your code" or not text.strip():
            return
        if not text.startswith(self._indent):
            self._region = ""

    def _is_boundary(self, text: str) -> bool:
        marks = (_BEGIN, _YOUR_CODE, _BEGIN_DROPPED, _BEGIN_PROMPT, _END)
        return any(mark.match(text) for mark in marks)

    def _placeholder_for(self, text: str) -> Iterator[DraftLine]:
        """Put a placeholder where an answer begins."""
        begin = _BEGIN.match(text)
        your_code = _YOUR_CODE.match(text)
        if begin and not begin["silent"]:
            yield DraftLine(begin["indent"] + self._placeholder, in_reference=False)
        elif your_code and not begin and not self._has_solutions:
            yield DraftLine(your_code["indent"] + self._placeholder, in_reference=False)

    def _enter(self, text: str) -> None:
        """Enter the region that a boundary begins, or leave the one that it ends."""
        if _BEGIN.match(text):
            self._region = "solution"
        elif your_code := _YOUR_CODE.match(text):
            # Where there are regions, they say where the answer is.
            if not self._has_solutions:
                self._region = "your code"
                self._indent = your_code["indent"]
        elif _BEGIN_DROPPED.match(text):
            self._region = "dropped"
        elif _BEGIN_PROMPT.match(text):
            self._region = "prompt"
        else:
            self._region = ""

    def _content(self, text: str) -> Iterator[DraftLine]:
        if self._region:
            yield from self._keep(text)
        else:
            yield from _read_line(text)

    def _keep(self, text: str) -> Iterator[DraftLine]:
        """Keep a line unchanged, in the notebooks for which the region around it is."""
        if self._region == "prompt":
            yield DraftLine(text, in_reference=False)
        elif self._region != "dropped":
            yield DraftLine(text, in_handout=not self._region)


def _read_line(text: str) -> Iterator[DraftLine]:
    """Read a line outside all regions; a mark may call it an answer."""
    match = _ANSWER_LINE.match(text)
    if match is None:
        yield DraftLine(text)
        return
    code = match["code"]
    yield DraftLine(code, in_handout=False)
    if not match["silent"]:
        yield DraftLine(blank_out(code), in_reference=False)


def blank_out(code: str) -> str:
    """Replace the computation of a line by `...`."""
    match = _TARGET.match(code) or _RETURN.match(code)
    if match:
        return f"{match['before']} ..."
    return f"{leading_space(code)}..."


def strip_details(cell: DraftCell) -> DraftCell:
    """Remove folded parts of a text except hints, because they contain solutions."""
    handout = cell.handout
    if cell.kind != "markdown" or handout is None:
        return cell
    stripped = DETAILS.sub(_keep_hint, handout)
    uncommented = _HIDDEN_COMMENT.sub(_keep_hint, stripped)
    if uncommented != stripped:
        stripped = _OFFERS_SOLUTION.sub("", uncommented)
    if stripped == handout:
        return cell

    lines = []
    for line in cell.lines:
        if line.in_reference:
            lines.append(replace(line, in_handout=False))
    if stripped.strip():
        for text in stripped.split("\n"):
            lines.append(DraftLine(text, in_reference=False))
    return replace(cell, lines=tuple(lines))


def _keep_hint(match: re.Match[str]) -> str:
    if not is_hint(match):
        return ""
    return match[0]


def is_hint(match: re.Match[str]) -> bool:
    """Return whether a folded part is a hint, and no solution."""
    return bool(_HINT.search(match["inside"][:200]))
