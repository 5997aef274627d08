"""Reads a notebook made for otter: raw cells that open and close its blocks, and marks in the cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from grader.authoring.drafting.code import take_out
from grader.authoring.drafting.readers.base import Reader
from grader.authoring.drafting.readers.headings import heading_above, question_in, title_of
from grader.authoring.drafting.readers.nbgrader import answered
from grader.authoring.drafting.readers.regions import has_marks, read_regions
from grader.authoring.drafting.solved import Line, Piece, Placeholders, Reading, SolvedCell, Task

_BLOCK = re.compile(
    r"^#\s*(?P<what>BEGIN|END|ASSIGNMENT)\s+(?P<block>QUESTION|SOLUTION|PROMPT|TESTS|CONFIG)\b"
)
_FENCED = re.compile(
    r"^```\s*\nBEGIN (?P<block>QUESTION|ASSIGNMENT)\n(?P<settings>.*?)```\s*",
    re.DOTALL | re.MULTILINE,
)
_COMMENTED = re.compile(r"^<!--\s*(BEGIN|END) QUESTION\s*-->\s*$\n?", re.MULTILINE)
_SETTING = re.compile(r"^(?P<key>\w+)\s*:\s*(?P<value>.*?)\s*(?:#.*)?$", re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TEST = re.compile(r"\s*(\"\"\"|\'\'\')?\s*#+\s*(HIDDEN\s+)?TEST\b", re.IGNORECASE)
_CALLS = re.compile(
    r"^\s*(import otter\b|from otter\b|\w+\s*=\s*otter\.|grader\.(check|check_all|export)\()"
)


def is_otter(cells: Sequence[SolvedCell]) -> bool:
    """Whether a notebook was made for otter."""
    return any(
        (cell.kind == "raw" and _BLOCK.match(cell.source))
        or (cell.kind == "markdown" and _FENCED.search(cell.source))
        for cell in cells
    )


def read(
    cells: Sequence[SolvedCell], placeholders: Placeholders, modules: Collection[str]
) -> Reading:
    """The pieces and exercises of such a notebook. Tests are left out, and so are the calls of otter itself.

    Args:
        cells: the notebook's.
        placeholders: what stands in an answer's place.
        modules: names that it imports.
    """
    return _Reader(cells, placeholders, modules).read("otter")


@dataclass
class _Reader(Reader):
    _question: Task | None = None
    _manual: bool = False
    _asked: str = ""
    _block: str = ""
    """`SOLUTION`, `PROMPT` or `TESTS` while such a block is open."""
    _prompt: list[str] = field(default_factory=list)

    def take(self, place: int) -> None:
        """Take the next cell."""
        cell = self.cells[place]
        block = _BLOCK.match(cell.source) if cell.kind == "raw" else None
        if block is not None:
            self._boundary(place, block["what"], block["block"], cell.source)
        elif self._block == "TESTS" or _is_test(cell):
            self.left_out += not _only_calls(cell)
        elif self._block == "PROMPT":
            self._prompt.append(cell.source)
        else:
            self._content(place, cell)

    def _boundary(self, place: int, what: str, block: str, settings: str) -> None:
        if block == "QUESTION":
            self.end()
            if what == "BEGIN":
                self._begin_question(place, settings)
        elif block != "CONFIG":
            self._block = block if what == "BEGIN" else ""

    def _begin_question(self, place: int, settings: str) -> None:
        said = {found["key"]: found["value"].strip("\"'") for found in _SETTING.finditer(settings)}
        numbers = [float(number) for number in _NUMBER.findall(said.get("points", ""))]
        title = next(
            (heading for cell in self.cells[place + 1 : place + 2] if (heading := _title(cell))), ""
        )
        title = title or heading_above(self.cells, place)
        self._question = Task(title, (), sum(numbers) if numbers else None, said.get("name", ""))
        self._manual = said.get("manual", "").lower() in ("true", "yes")

    def _content(self, place: int, cell: SolvedCell) -> None:
        cell, fenced = _without_fences(cell)
        if fenced is not None:
            self.end()
            self._begin_question(place, fenced)
        if not cell.source.strip():
            return
        piece = self._piece(cell)
        if piece.taken and cell.kind == "code" and self._question:
            self._question = replace(
                self._question, cells=(*self._question.cells, len(self.pieces))
            )
        elif piece.taken and cell.kind == "markdown" and self._question:
            asked = self._asked or self._question.title
            self._question = replace(self._question, question=question_in(asked) or title_of(asked))
        elif cell.kind == "markdown":
            self._asked = cell.source
        self.pieces.append(piece)

    def _piece(self, cell: SolvedCell) -> Piece:
        if self._block != "SOLUTION" or has_marks(cell):
            return read_regions(cell, self.placeholders)
        prompt, self._prompt = self._prompt, []
        if cell.kind == "code":
            piece = take_out(cell, self.placeholders, self.modules, keep_given=False)
        else:
            piece = answered(cell, self.placeholders)
        if not prompt:
            return piece
        handed = [Line(text, solved=False) for text in "\n".join(prompt).split("\n")]
        return replace(
            piece,
            lines=(*(replace(line, handed=False) for line in piece.lines if line.solved), *handed),
        )

    def end(self) -> None:
        """An exercise has been read."""
        question, self._question, self._asked, self._block = self._question, None, "", ""
        if question is not None and (question.cells or question.question):
            self.tasks.append(question)


def _title(cell: SolvedCell) -> str:
    return (heading_above([cell], 0) or title_of(cell.source)) if cell.kind == "markdown" else ""


def _is_test(cell: SolvedCell) -> bool:
    """Whether a cell holds tests, or nothing but calls of otter."""
    return cell.kind == "code" and (bool(_TEST.match(cell.source)) or _only_calls(cell))


def _only_calls(cell: SolvedCell) -> bool:
    lines = [line for line in cell.source.split("\n") if line.strip()]
    return any(map(_CALLS.match, lines)) and all(
        _CALLS.match(line) or line.lstrip().startswith("#") for line in lines
    )


def _without_fences(cell: SolvedCell) -> tuple[SolvedCell, str | None]:
    """A text cell without what an older otter wrote into it, and that; None if it wrote no question."""
    if cell.kind != "markdown":
        source = "\n".join(line for line in cell.source.split("\n") if not _CALLS.match(line))
        return replace(cell, source=source), None
    found = _FENCED.search(cell.source)
    source = _COMMENTED.sub("", _FENCED.sub("", cell.source))
    settings = found["settings"] if found is not None and found["block"] == "QUESTION" else None
    return replace(cell, source=source), settings
