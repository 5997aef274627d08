"""Read a notebook made for otter: raw cells around blocks, and marks in cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from grader.authoring.drafting.code import take_out
from grader.authoring.drafting.names import split_points
from grader.authoring.drafting.readers.base import SolvedReader
from grader.authoring.drafting.readers.headings import (
    filled_lines,
    heading_above,
    question_in,
    title_of,
)
from grader.authoring.drafting.readers.nbgrader import remove_text
from grader.authoring.drafting.readers.regions import has_marks, read_regions
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
    keep_whole,
)

_BLOCK = re.compile(
    r"^#\s*(?P<edge>BEGIN|END|ASSIGNMENT)\s+"
    r"(?P<block>QUESTION|SOLUTION|PROMPT|TESTS|CONFIG)\b"
)
_FENCED = re.compile(
    r"^```\w*\s*\n#?\s*BEGIN (?P<block>QUESTION|ASSIGNMENT)\n(?P<settings>.*?)```\s*",
    re.DOTALL | re.MULTILINE,
)
_COMMENTED = re.compile(r"^<!--\s*(BEGIN|END) QUESTION\s*-->\s*$\n?", re.MULTILINE)
_SETTING = re.compile(r"^\s*(?P<key>\w+)\s*:\s*(?P<value>.*?)\s*(?:#.*)?$", re.MULTILINE)
_TEST_CONFIG = re.compile(
    r"^[\"'#\s]*BEGIN TEST CONFIG\s*\n(?P<settings>.*?)^[\"'#\s]*END TEST CONFIG[\"' #]*$\n?",
    re.DOTALL | re.MULTILINE,
)
_TEST_HEAD = re.compile(r"^\s*#+\s*(HIDDEN\s*)?(TEST\b.*)?$\n?", re.MULTILINE | re.IGNORECASE)
_LIST_ITEM = re.compile(r"^\s*-\s*(?P<value>\S+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TEST = re.compile(r"\s*(\"\"\"|\'\'\')?\s*#+\s*(HIDDEN\s+)?TEST\b", re.IGNORECASE)
_CALL = re.compile(
    r"^\s*(import otter\b|from otter\b|\w+\s*=\s*otter\.|grader\.(check|check_all|export)\()"
)
"""A line that calls otter itself."""


def is_otter(cells: Iterable[SolvedCell]) -> bool:
    """Return whether a notebook was made for otter."""
    return any(map(_opens_block, cells))


def _opens_block(cell: SolvedCell) -> bool:
    if cell.kind == "raw":
        return bool(_BLOCK.match(cell.source))
    if cell.kind != "markdown":
        return False
    return bool(_FENCED.search(cell.source))


def read(
    cells: Sequence[SolvedCell], placeholders: Placeholders, modules: Collection[str]
) -> SolvedNotebook:
    """Read the cells and exercises of a notebook made for otter.

    Tests are left out, and so are the calls of otter itself.

    Args:
        cells: the notebook's.
        placeholders: texts in an answer's place.
        modules: names that it imports.
    """
    return _OtterReader(cells, placeholders, modules).read("otter")


@dataclass
class _OtterReader(SolvedReader):
    _question: Task | None = None
    """The exercise that is open."""
    _asked: str = ""
    """The last text in it that is no answer."""
    _block: str = ""
    """`SOLUTION`, `PROMPT` or `TESTS` while such a block is open."""
    _question_points: list[float] = field(default_factory=list)
    """Points of the open exercise, or of each of its tests."""
    _test_points: float = 0
    """Points of its tests, if it has none itself."""
    _prompt: list[SolvedCell] = field(default_factory=list)
    """The cells that students get in place of the next solution."""

    def take(self, index: int) -> None:
        """Take the next cell."""
        cell = self.solved_cells[index]
        match = _BLOCK.match(cell.source) if cell.kind == "raw" else None
        if match is not None:
            self._take_boundary(index, match)
        elif self._block == "TESTS" or _is_test(cell):
            self._take_test(cell)
        elif self._block == "PROMPT":
            self._prompt.append(cell)
        else:
            self._take_content(index, cell)

    def _take_test(self, cell: SolvedCell) -> None:
        """Leave a test out of both notebooks, and note its code and its points."""
        if _only_calls_otter(cell):
            return
        self.dropped_tests += 1
        if self._question is None or cell.kind != "code":
            return
        config = _TEST_CONFIG.search(cell.source)
        settings = _settings(config["settings"]) if config else {}
        numbers = _NUMBER.findall(settings.get("points", ""))
        if numbers and not self._question_points:
            self._test_points += float(numbers[0])
        test = _TEST_CONFIG.sub("", cell.source)
        code = _TEST_HEAD.sub("", test).strip("\n")
        self._question = replace(self._question, tests=(*self._question.tests, code))

    def _take_boundary(self, index: int, match: re.Match[str]) -> None:
        """Open or close a block."""
        begins = match["edge"] == "BEGIN"
        if match["block"] == "QUESTION":
            self.end()
            if begins:
                self._begin_question(index, match.string)
        elif match["block"] != "CONFIG":
            self._block = match["block"] if begins else ""

    def _begin_question(self, index: int, settings: str) -> None:
        values = _settings(settings)
        numbers = _NUMBER.findall(values.get("points", ""))
        self._question_points = [float(number) for number in numbers]
        self._test_points = 0.0

        below = self.solved_cells[index + 1 : index + 2]
        title = _title(below[0]) if below else ""
        title, said = split_points(title or heading_above(self.solved_cells, index))
        points = said
        if self._question_points:
            points = sum(self._question_points)
        self._question = Task(
            title=title,
            points=points,
            name=values.get("name", ""),
            is_manual=values.get("manual", "").lower() == "true",
        )

    def _take_content(self, index: int, cell: SolvedCell) -> None:
        settings = _fenced_question(cell)
        cell = _strip_otter(cell)
        if settings is not None:
            self.end()
            self._begin_question(index, settings)
        if not cell.source.strip():
            return

        drafted = self._draft(cell)
        is_answer = bool(drafted.removed_lines) and self._question is not None
        if is_answer and cell.kind != "raw":
            self._add_answer(cell)
        elif cell.kind == "markdown":
            self._take_words(cell.source)
        self.cells.append(drafted)

    def _take_words(self, text: str) -> None:
        self._asked = text
        if self._question is not None:
            words = f"{self._question.words}\n\n{text}".strip()
            self._question = replace(self._question, words=words)

    def _add_answer(self, cell: SolvedCell) -> None:
        """Add the next cell to the exercise that is open."""
        if self._question is None:
            return
        if cell.kind == "code":
            cells = (*self._question.cells, len(self.cells))
            self._question = replace(self._question, cells=cells)
        else:
            asked = self._asked or self._question.title
            question = question_in(asked) or title_of(asked)
            self._question = replace(self._question, question=question)

    def _draft(self, cell: SolvedCell) -> DraftCell:
        if self._block != "SOLUTION" or has_marks(cell):
            return read_regions(cell, self.placeholders)

        if cell.kind == "code":
            drafted = take_out(cell, self.placeholders, self.modules, keep_given=False)
        else:
            drafted = remove_text(cell, self.placeholders)
        prompt = [part.source for part in self._prompt]
        self._prompt = []
        if not prompt:
            return drafted
        return _with_prompt(drafted, prompt)

    def end(self) -> None:
        """Close the exercise that is open, if there is one."""
        question = self._question
        if self._prompt:
            self.cells += [keep_whole(cell) for cell in self._prompt]
            self._prompt = []
        if question is not None and question.tests and question.cells:
            question = replace(question, question="")
        if question is not None and not question.cells and not question.question:
            asked = self._asked or question.title
            question = replace(question, question=question_in(asked) or title_of(asked))
        if question is not None and self._test_points:
            question = replace(question, points=self._test_points)
        self._question = None
        self._asked = ""
        self._block = ""
        if question is not None and (question.cells or question.question):
            self.tasks.append(question)


def _settings(text: str) -> dict[str, str]:
    """Read the settings of a question or a test, a line each."""
    values: dict[str, str] = {}
    key = ""
    for line in text.split("\n"):
        item = _LIST_ITEM.match(line)
        setting = _SETTING.match(line)
        if item and key:
            values[key] = f"{values[key]} {item['value']}".strip()
        elif setting:
            key = setting["key"]
            values[key] = setting["value"].strip("\"'")
    return values


def _with_prompt(cell: DraftCell, prompt: Sequence[str]) -> DraftCell:
    """Give students the sources of some cells in place of a solution."""
    lines = []
    for line in cell.lines:
        if line.in_reference:
            lines.append(replace(line, in_handout=False))
    for text in "\n".join(prompt).split("\n"):
        lines.append(DraftLine(text, in_reference=False))
    return replace(cell, lines=tuple(lines))


def _title(cell: SolvedCell) -> str:
    if cell.kind != "markdown":
        return ""
    return heading_above([cell], 0) or title_of(cell.source)


def _is_test(cell: SolvedCell) -> bool:
    """Return whether a cell contains tests, or only calls of otter."""
    if cell.kind != "code":
        return False
    if _TEST.match(cell.source):
        return True
    return _only_calls_otter(cell)


def _only_calls_otter(cell: SolvedCell) -> bool:
    """Return whether a cell contains only calls of otter and comments."""
    has_calls = False
    for line in filled_lines(cell.source):
        if _CALL.match(line):
            has_calls = True
        elif not line.lstrip().startswith("#"):
            return False
    return has_calls


def _fenced_question(cell: SolvedCell) -> str | None:
    """Return the settings of a question that an older otter wrote into a text, if it did."""
    if cell.kind != "markdown":
        return None
    match = _FENCED.search(cell.source)
    if match is None or match["block"] != "QUESTION":
        return None
    return match["settings"]


def _strip_otter(cell: SolvedCell) -> SolvedCell:
    """Remove an older otter's additions from a text, and its calls from other cells."""
    if cell.kind == "markdown":
        unfenced = _FENCED.sub("", cell.source)
        source = _COMMENTED.sub("", unfenced)
    else:
        lines = []
        for line in cell.text_lines:
            if not _CALL.match(line):
                lines.append(line)
        source = "\n".join(lines)
    return replace(cell, source=source)
