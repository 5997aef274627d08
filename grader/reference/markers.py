"""Parse the marks of a reference: comments that say where answers and mistakes are.

`# grade: …` and `# tell: …` become statements of the code that runs, `# wrong(…): …` become edits.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
    """An answer: the value of this expression after a line of a cell."""

    exercise: str
    """Id of the exercise that it answers."""
    value: str
    """A Python expression."""
    credit: float
    """The share of the points that it earns, above 0 and at most 1."""
    each: bool
    """Whether the values of all passes of a loop are the answer, as a list."""
    after: int
    """Number of code lines before it."""
    indent: str
    """White space that its statement begins with."""
    label: str = ""
    """Label of a value that is shown to the instructor and earns nothing; empty for an answer."""

    @property
    def key(self) -> str:
        """The name under which its value is recorded."""
        if self.label:
            return f"tell:{self.exercise}:{self.label}"
        return self.exercise

    def statements(self, number: int, given: str) -> Iterator[str]:
        """Yield the statements that record its value.

        Args:
            number: of the alternative that it is.
            given: a name with another value from here on; empty if there is none.
        """
        arguments = f"{self.key!r}, {number}, {self.credit}, ({self.value})"
        yield f"{self.indent}{MARK_FUNCTION}({arguments})"

        is_given = given == self.value and not self.label
        if is_given:
            yield f"{self.indent}{given} = {GIVEN_FUNCTION}({given})"


@dataclass(frozen=True)
class MarkedCell:
    """A cell of the reference: its code without marks, and its marks."""

    cell: int
    """Index of the cell in the notebook."""
    code: str
    """Its source without marks."""
    marks: tuple[Mark, ...] = ()
    """The marks, in their order in the notebook."""

    def source(self, numbers: Sequence[int], given: str = "") -> str:
        """Return the code with each mark as a statement.

        Args:
            numbers: for each mark, the number of its alternative.
            given: a name with another value from its mark on.
        """
        code_lines = self.code.split("\n")
        lines: list[str] = []
        for count in range(len(code_lines) + 1):
            for mark, number in zip(self.marks, numbers, strict=True):
                if mark.after == count:
                    lines.extend(mark.statements(number, given))
            next_line = code_lines[count : count + 1]
            lines.extend(next_line)
        return "\n".join(lines)


@dataclass(frozen=True)
class LineEdit:
    """A replacement for a line, from `# wrong(id):`."""

    mistake: str
    """Id of the mistake."""
    cell: int
    """Index of the cell."""
    line: int
    """Index of the code line, from 0."""
    instead: str
    """The line that takes its place."""


@dataclass
class Reference:
    """The parsed code cells of a reference."""

    cells: list[MarkedCell] = field(default_factory=list)
    """The cells without marks, and the marks."""
    edits: list[LineEdit] = field(default_factory=list)
    """The mistakes that `# wrong(id):` lines make."""


def read_reference(sources: Iterable[tuple[int, str]]) -> Reference:
    """Parse the code cells of a reference.

    Args:
        sources: index and source of each code cell.

    Raises:
        AssignmentError: a mark is malformed.
    """
    reference = Reference()
    for cell, source in sources:
        _read_cell(reference, cell, source)
    return reference


def _read_cell(reference: Reference, cell: int, source: str) -> None:
    code: list[str] = []
    marks: list[Mark] = []
    for line in source.split("\n"):
        match = MARKER.match(line)
        if match is None:
            code.append(line)
            continue

        _check_form(match, line)
        code_before = match["code"].rstrip()
        if code_before:
            code.append(code_before)
        if match["wrong"]:
            edit = _read_edit(reference, match, cell, code)
            reference.edits.append(edit)
        else:
            mark = _read_mark(match, line, len(code))
            marks.append(mark)

    marked = MarkedCell(cell, "\n".join(code), tuple(marks))
    reference.cells.append(marked)


def _check_form(match: re.Match[str], line: str) -> None:
    if match["broken"]:
        raise AssignmentError(
            f"The marker {line.strip()!r} does not parse.",
            "Write '# grade: ID = VALUE', '# tell: ID LABEL = VALUE' or '# wrong(ID): LINE'.",
        )
    text = match["value"] or match["what"] or match["instead"]
    if ANOTHER.search(text):
        raise AssignmentError(
            f"There are two markers in {line.strip()!r}.",
            "Give each a line of its own.",
        )


def _read_mark(match: re.Match[str], line: str, after: int) -> Mark:
    if match["tell"]:
        return Mark(
            exercise=match["told"],
            value=_expression(match["what"], line),
            credit=1.0,
            each=False,
            after=after,
            indent=_indent(match["code"]),
            label=match["label"],
        )
    return Mark(
        exercise=match["id"],
        value=_expression(match["value"], line),
        credit=_credit(match["credit"], line),
        each=bool(match["each"]),
        after=after,
        indent=_indent(match["code"]),
    )


def _expression(text: str, line: str) -> str:
    """Return the expression of a mark without a trailing comment: it will be parenthesised."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise AssignmentError(
            f"The marker {line.strip()!r} gives no Python expression.",
            "Write '# grade: w-grad = w.grad', say.",
        ) from None
    return ast.unparse(tree)


def _read_edit(
    reference: Reference, match: re.Match[str], cell: int, code: Sequence[str]
) -> LineEdit:
    mistake = match["wrong"]
    if not code or not code[-1].strip():
        raise AssignmentError(
            f"'# wrong({mistake})' has no line of code above it.",
            "Move it below the line it changes.",
        )
    line = len(code) - 1
    for edit in reference.edits:
        if (edit.mistake, edit.cell, edit.line) == (mistake, cell, line):
            raise AssignmentError(
                f"'# wrong({mistake})' changes the same line twice.",
                "Remove one of them.",
            )

    instead = _indent(code[-1]) + match["instead"].strip()
    return LineEdit(mistake, cell, line, instead)


def _indent(line: str) -> str:
    text = line.lstrip()
    return line[: len(line) - len(text)]


def _credit(text: str | None, line: str) -> float:
    if text is None:
        return 1.0
    try:
        credit = float(text)
    except ValueError:
        credit = -1.0
    if not 0 < credit <= 1:
        raise AssignmentError(
            f"The marker {line.strip()!r} gives no credit between 0 and 1.",
            "Write 0.75, say.",
        )
    return credit


def sources(cells: Sequence[MarkedCell], given: str = "") -> list[tuple[int, str]]:
    """Return index and source of each cell, with marks as statements; see `MarkedCell.source`."""
    counts: Counter[str] = Counter()
    indexed_sources: list[tuple[int, str]] = []
    for cell in cells:
        numbers: list[int] = []
        for mark in cell.marks:
            key = mark.key
            numbers.append(counts[key])
            counts[key] += 1
        source = cell.source(numbers, given)
        indexed_sources.append((cell.cell, source))
    return indexed_sources


def edit_lines(cells: Sequence[MarkedCell], edits: Iterable[LineEdit]) -> list[MarkedCell]:
    """Replace some lines.

    Raises:
        AssignmentError: two edits change the same line.
    """
    code = {cell.cell: cell.code.split("\n") for cell in cells}
    mistake_by_line: dict[tuple[int, int], str] = {}
    for edit in edits:
        line = (edit.cell, edit.line)
        other = mistake_by_line.setdefault(line, edit.mistake)
        if other != edit.mistake:
            raise AssignmentError(
                f"{other} and {edit.mistake} change the same line.",
                "Look for one of them.",
            )
        code[edit.cell][edit.line] = edit.instead

    edited: list[MarkedCell] = []
    for cell in cells:
        new_code = "\n".join(code[cell.cell])
        edited.append(replace(cell, code=new_code))
    return edited


def edit_text(
    cells: Sequence[MarkedCell], find: str, instead: str, subject: str
) -> list[MarkedCell]:
    """Replace a text that occurs once. Marks below move along.

    Args:
        cells: the reference's.
        find: the text.
        instead: its replacement.
        subject: the subject of error messages.

    Raises:
        AssignmentError: the text is not there, or more than once.
    """
    count = sum(cell.code.count(find) for cell in cells)
    if count != 1:
        raise AssignmentError(
            f"{subject}: {find!r} stands {count} times in the reference, not once.",
            "Make 'find' longer, or copy it anew.",
        )
    edited = []
    for cell in cells:
        if find in cell.code:
            changed = _edited(cell, find, instead)
            edited.append(changed)
        else:
            edited.append(cell)
    return edited


def _edited(cell: MarkedCell, find: str, instead: str) -> MarkedCell:
    start = cell.code.index(find)
    end = start + len(find)
    first_line = cell.code[:start].count("\n")
    last_line = cell.code[: end - 1].count("\n") + 1
    added_lines = instead.count("\n") - find.count("\n")

    marks: list[Mark] = []
    for mark in cell.marks:
        after = mark.after
        if after > first_line:
            after = max(after, last_line) + added_lines
        marks.append(replace(mark, after=after))

    new_code = cell.code.replace(find, instead)
    return replace(cell, code=new_code, marks=tuple(marks))


def tuple_of(names: Sequence[str]) -> str:
    """Format a tuple of names as Python source."""
    if not names:
        return "()"
    entries = ", ".join(names)
    return f"({entries},)"
