"""Reads the marks of a reference: `# grade: …` and `# tell: …` become statements, `# wrong(…): …` become edits."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from grader.errors import AssignmentError

MARK_FUNCTION = "_grader_mark"
GIVEN_FUNCTION = "_grader_given"

MARKER = re.compile(
    r"""^(?P<code>.*?)\#\s*(?:
    (?P<grade>grade)(?P<each>\s+each)?(?:\((?P<credit>[^)]*)\))?\s*:\s*(?P<id>[\w-]+)\s*=\s*(?P<value>.+)
    |(?P<tell>tell)\s*:\s*(?P<told>[\w-]+)\s+(?P<label>[^=]+?)\s*=\s*(?P<what>.+)
    |wrong\((?P<wrong>[\w-]+)\)\s*:\s*(?P<instead>.+)
    |(?P<broken>(?:grade|tell|wrong)\b\s*[(:].*|(?i:grade(?:\s+each)?)(?:\([^)]*\))?[\s:]+[\w-]+\s*=.*)
    )$""",
    re.VERBOSE,
)
ANOTHER = re.compile(r"#\s*(?:grade|tell|wrong)\b\s*[(:]")
"""A second marker on a line."""


@dataclass(frozen=True)
class Mark:
    """An answer: after a line of a cell, this expression is the exercise's value."""

    exercise: str
    value: str
    credit: float
    each: bool
    after: int
    """Number of code lines before it."""
    indent: str
    label: str = ""
    """What an instructor calls a value that is told and earns nothing; empty for an answer."""

    @property
    def key(self) -> str:
        """The name its value is recorded under."""
        return f"tell:{self.exercise}:{self.label}" if self.label else self.exercise


@dataclass(frozen=True)
class MarkedCell:
    """A reference's cell: its code without markers, and the marks in it."""

    cell: int
    code: str
    marks: tuple[Mark, ...] = ()

    def source(self, first: Sequence[int], given: str = "") -> str:
        """The code with each mark as a statement.

        Args:
            first: per mark, the number of its alternative.
            given: a name that holds another value from its mark on.
        """
        lines = self.code.split("\n")
        out: list[str] = []
        for count in range(len(lines) + 1):
            for mark, number in zip(self.marks, first, strict=True):
                if mark.after == count:
                    out.append(
                        f"{mark.indent}{MARK_FUNCTION}({mark.key!r}, {number}, {mark.credit}, ({mark.value}))"
                    )
                    if given == mark.value and not mark.label:
                        out.append(f"{mark.indent}{given} = {GIVEN_FUNCTION}({given})")
            out.extend(lines[count : count + 1])
        return "\n".join(out)


@dataclass(frozen=True)
class LineEdit:
    """Another line in place of one: what `# wrong(id):` says."""

    mistake: str
    cell: int
    line: int
    """Index of the code line, from 0."""
    instead: str


@dataclass
class Reference:
    """A reference's code cells, read."""

    cells: list[MarkedCell] = field(default_factory=list)
    edits: list[LineEdit] = field(default_factory=list)


def read_reference(sources: Iterable[tuple[int, str]]) -> Reference:
    """Read the code cells of a reference.

    Args:
        sources: index and source of each code cell.

    Raises:
        AssignmentError: a marker does not say what it should.
    """
    reference = Reference()
    for cell, source in sources:
        _read_cell(reference, cell, source)
    return reference


def _read_cell(reference: Reference, cell: int, source: str) -> None:
    code: list[str] = []
    marks: list[Mark] = []
    for line in source.split("\n"):
        found = MARKER.match(line)
        if not found:
            code.append(line)
            continue
        _check_form(found, line)
        if found["code"].strip():
            code.append(found["code"].rstrip())
        if found["wrong"]:
            reference.edits.append(_edit(reference, found, cell, code))
        else:
            marks.append(_mark(found, line, len(code)))
    reference.cells.append(MarkedCell(cell, "\n".join(code), tuple(marks)))


def _check_form(found: re.Match[str], line: str) -> None:
    if found["broken"]:
        raise AssignmentError(
            f"The marker {line.strip()!r} does not parse.",
            "Write '# grade: ID = VALUE', '# tell: ID LABEL = VALUE' or '# wrong(ID): LINE'.",
        )
    if ANOTHER.search(found["value"] or found["what"] or found["instead"]):
        raise AssignmentError(
            f"There are two markers in {line.strip()!r}.", "Give each a line of its own."
        )


def _mark(found: re.Match[str], line: str, after: int) -> Mark:
    value = _expression(found["value"] or found["what"], line)
    indent = _indent(found["code"])
    if found["tell"]:
        return Mark(found["told"], value, 1.0, False, after, indent, found["label"])
    return Mark(
        found["id"], value, _credit(found["credit"], line), bool(found["each"]), after, indent
    )


def _expression(text: str, line: str) -> str:
    """The expression a marker gives, without a comment behind it: it is going to stand in parentheses."""
    try:
        return ast.unparse(ast.parse(text.strip(), mode="eval"))
    except (SyntaxError, ValueError):
        raise AssignmentError(
            f"The marker {line.strip()!r} gives no Python expression.",
            "Write '# grade: w-grad = w.grad', say.",
        ) from None


def _edit(reference: Reference, found: re.Match[str], cell: int, code: Sequence[str]) -> LineEdit:
    mistake, line = found["wrong"], len(code) - 1
    if not code or not code[-1].strip():
        raise AssignmentError(
            f"'# wrong({mistake})' has no line of code above it.",
            "Move it below the line it changes.",
        )
    if any(
        (edit.mistake, edit.cell, edit.line) == (mistake, cell, line) for edit in reference.edits
    ):
        raise AssignmentError(
            f"'# wrong({mistake})' changes the same line twice.", "Remove one of them."
        )
    return LineEdit(mistake, cell, line, _indent(code[-1]) + found["instead"].strip())


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _credit(text: str | None, line: str) -> float:
    try:
        credit = float(text) if text is not None else 1.0
    except ValueError:
        credit = -1.0
    if not 0 < credit <= 1:
        raise AssignmentError(
            f"The marker {line.strip()!r} gives no credit between 0 and 1.", "Write 0.75, say."
        )
    return credit


def sources(cells: Sequence[MarkedCell], given: str = "") -> list[tuple[int, str]]:
    """Index and source of each cell, with every mark as a statement; see `MarkedCell.source`."""
    counts: Counter[str] = Counter()
    out = []
    for cell in cells:
        numbers = []
        for mark in cell.marks:
            numbers.append(counts[mark.key])
            counts[mark.key] += 1
        out.append((cell.cell, cell.source(numbers, given)))
    return out


def edit_lines(cells: Sequence[MarkedCell], edits: Iterable[LineEdit]) -> list[MarkedCell]:
    """The cells with other lines in place of some.

    Raises:
        AssignmentError: two edits change the same line.
    """
    code = {cell.cell: cell.code.split("\n") for cell in cells}
    changed: dict[tuple[int, int], str] = {}
    for edit in edits:
        other = changed.setdefault((edit.cell, edit.line), edit.mistake)
        if other != edit.mistake:
            raise AssignmentError(
                f"{other} and {edit.mistake} change the same line.", "Look for one of them."
            )
        code[edit.cell][edit.line] = edit.instead
    return [replace(cell, code="\n".join(code[cell.cell])) for cell in cells]


def edit_text(cells: Sequence[MarkedCell], find: str, instead: str, what: str) -> list[MarkedCell]:
    """The cells with another text in place of one that stands there once. Marks behind it move along.

    Raises:
        AssignmentError: the text is not there, or more than once.
    """
    places = [cell for cell in cells for _ in range(cell.code.count(find))]
    if len(places) != 1:
        raise AssignmentError(
            f"{what}: {find!r} stands {len(places)} times in the reference, not once.",
            "Make 'find' longer, or copy it anew.",
        )
    return [_edited(cell, find, instead) if cell is places[0] else cell for cell in cells]


def _edited(cell: MarkedCell, find: str, instead: str) -> MarkedCell:
    begin = cell.code[: cell.code.index(find)].count("\n")
    end = cell.code[: cell.code.index(find) + len(find) - 1].count("\n") + 1
    longer = instead.count("\n") - find.count("\n")
    marks = tuple(
        mark if mark.after <= begin else replace(mark, after=max(mark.after, end) + longer)
        for mark in cell.marks
    )
    return replace(cell, code=cell.code.replace(find, instead), marks=marks)
