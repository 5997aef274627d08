"""Show a class as tables and lists, on a terminal or as plain text elsewhere.

Nothing is parsed as markup: every text becomes a `rich.text.Text` through `safe`.
"""

from __future__ import annotations

import io
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Literal

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import attention, wording
from grader.outputs.class_summary import summary_line, waiting_lines
from grader.outputs.safe_text import safe, wrapped_name
from grader.outputs.terminal import similarity, submissions
from grader.outputs.terminal.joined_columns import GAP, JoinedColumns, widest
from grader.outputs.terminal.lined_table import LinedTable
from grader.report import ExerciseInfo, Report, SubmissionResult

PLAIN_WIDTH = 100
"""Columns when the output is a file or a pipe."""
READING_WIDTH = 100
"""Sentences are not set wider than this, however wide the terminal."""
ROOM_FOR_WHAT = 20
"""Columns that the last column of the class table must keep; the others are narrowed until then."""
LEAST_ROOM = 14
"""With fewer columns for the last one in the narrowest layout, rows become several lines."""
MAX_MAIN_THINGS = 2
"""Things said about a submission in the class table; the others are counted."""
LONG_ID = 8
"""A longer id of an exercise may be broken behind its first hyphen."""

ColumnLayout = Literal["whole", "stacked", "numbered", "marks"]
"""How the columns of exercises are headed: by the id, by the id on two lines, or by a number.

In the layout `marks` they are numbered, and contain no points.
"""

_LAYOUTS: tuple[ColumnLayout, ...] = (
    "whole",
    "stacked",
    "numbered",
    "marks",
)
"""Widest first."""


def make_console(file: IO[str]) -> Console:
    """Create a console for a stream: coloured on a terminal (unless NO_COLOR), else plain."""
    width, height = _size(file)
    return Console(
        file=file,
        width=width,
        height=height,
        markup=False,
        highlight=False,
    )


def _size(file: IO[str]) -> tuple[int | None, int | None]:
    """Return columns and lines of a stream; None for what rich finds itself."""
    if not file.isatty():
        return PLAIN_WIDTH, None
    # rich takes a terminal that says it is dumb, such as a shell in Emacs, for one of 80 columns.
    if os.environ.get("TERM") == "dumb":
        size = shutil.get_terminal_size()
        return size.columns, size.lines
    return None, None


def as_plain_text(*renderables: RenderableType) -> str:
    """Render for a file, a table cell or a notebook: text without colours or markup."""
    stream = io.StringIO()
    # `force_jupyter`: in Jupyter, rich would display HTML and write nothing to the stream.
    console = Console(
        file=stream,
        width=PLAIN_WIDTH,
        markup=False,
        highlight=False,
        force_jupyter=False,
        color_system=None,
    )
    for renderable in renderables:
        console.print(renderable)
    return stream.getvalue()


def indented(
    text: str,
    style: str = "",
    columns: int = 4,
) -> RenderableType:
    """Indent a text by some columns."""
    content = safe(text, style)
    return Padding(content, (0, 0, 0, columns))


def section(title: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    """List names and sentences below a title; nothing if the list is empty."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column()
    for name, sentence in rows:
        grid.add_row(wrapped_name(name), safe(sentence))

    if not grid.row_count:
        return []

    heading = safe(title, "bold")
    rows_below = Constrain(grid, READING_WIDTH)
    return [Text(""), heading, rows_below]


def unsealed_line(language: Language) -> RenderableType:
    """Warn in red that notebooks ran with the user's rights."""
    return safe(word("unsealed", language), "bold red")


def unsealed_warning(sandbox: str, language: Language) -> list[RenderableType]:
    """Return the warning for results of an unsealed run; nothing for sealed ones."""
    if sandbox != "none":
        return []
    return [unsealed_line(language), Text("")]


def class_table(report: Report, language: Language) -> RenderableType:
    """Show a class: a row per student, a summary in numbers, and lists of notes.

    Args:
        report: the report of a run.
        language: language of the words around it.

    Returns:
        A renderable of rich; the table adapts to the width it is printed at.
    """
    summary = summary_line(report, language)
    return Group(
        *unsealed_warning(report.grader.sandbox, language),
        *_waiting(report, language),
        *_assignment_tables(report, language),
        Text(""),
        safe(summary, "bold"),
        *_class_sections(report, language),
    )


def _waiting(report: Report, language: Language) -> list[RenderableType]:
    """Show what this machine lacks, and how many submissions wait for it."""
    lines: list[RenderableType] = []
    for sentence in waiting_lines(report, language):
        lines.append(safe(sentence, "yellow"))
    if not lines:
        return []
    return [*lines, Text("")]


def _class_sections(report: Report, language: Language) -> Iterator[RenderableType]:
    """Show the lists below the table: what to look at, similar work, files, notes."""
    reasons = attention.reasons_to_look(report.submissions, language)
    yield from section(word("look", language), reasons)

    yield from similarity.similar_pairs(report, language)
    common = similarity.sameness(report, language)
    yield from section(word("sameness", language), common)

    mails = submissions.mails(report)
    yield from section(word("mail", language), mails)
    superseded = submissions.superseded(report, language)
    yield from section(word("superseded", language), superseded)
    absent = submissions.absent(report.absent)
    yield from section(word("absent", language), absent)

    notes = attention.exercise_notes(report.assignments, language)
    yield from section(word("about", language), notes)


def _assignment_tables(report: Report, language: Language) -> list[RenderableType]:
    """Show a titled table per assignment, separated by empty lines."""
    lines: list[RenderableType] = []
    for title, table in _titled_tables(report, language):
        if lines:
            lines.append(Text(""))
        lines += [safe(title, "bold"), table]
    return lines


def _titled_tables(report: Report, language: Language) -> Iterator[tuple[str, _ClassTable]]:
    """Create a table per assignment, and one for submissions that belong to none.

    If there is a single assignment, its table also contains those that belong to none.
    """
    if len(report.assignments) == 1:
        (info,) = report.assignments
        if report.submissions:
            table = _ClassTable(info.exercises, report.submissions, language)
            yield info.title, table
        return

    by_assignment = _results_by_assignment(report)
    for info in report.assignments:
        results = by_assignment.get(info.name)
        if results:
            table = _ClassTable(info.exercises, results, language)
            yield info.title, table

    names = {info.name for info in report.assignments}
    others = [result for result in report.submissions if result.assignment not in names]
    if others:
        title = word("no-assignment", language)
        yield title, _ClassTable((), others, language)


def _results_by_assignment(report: Report) -> dict[str, list[SubmissionResult]]:
    by_assignment = defaultdict(list)
    for result in report.submissions:
        by_assignment[result.assignment].append(result)
    return by_assignment


@dataclass(frozen=True)
class _ClassTable:
    """The table of one assignment, in the widest layout that leaves room for its last column."""

    exercises: Sequence[ExerciseInfo]
    results: Sequence[SubmissionResult]
    language: Language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names: list[Text] = []
        for result in self.results:
            shown = result.student or result.file
            name = wrapped_name(shown)
            names.append(name)

        rows = self._rows(with_points=True)
        for layout in _LAYOUTS:
            if layout == "marks":
                rows = self._rows(with_points=False)
            headings = self._headings(layout)
            columns = JoinedColumns(headings, rows)
            used = widest(names) + len(GAP) + columns.width
            if options.max_width - used >= ROOM_FOR_WHAT:
                break

        if options.max_width - used < LEAST_ROOM:
            yield from self._lines(columns)
        else:
            yield self._table(names, columns)
        if layout in ("numbered", "marks"):
            yield safe(self._legend(), "dim")

    @property
    def _automatic(self) -> list[ExerciseInfo]:
        return [exercise for exercise in self.exercises if exercise.automatic]

    @property
    def _has_questions(self) -> bool:
        return len(self._automatic) < len(self.exercises)

    def _legend(self) -> str:
        """Say which exercise has which number."""
        entries: list[str] = []
        for number, exercise in enumerate(self._automatic, 1):
            entry = f"{number} {exercise.id}"
            entries.append(entry)
        return " · ".join(entries)

    def _table(self, names: Iterable[Text], columns: JoinedColumns) -> LinedTable:
        rows: list[Sequence[Text]] = []
        for name, row, result in zip(names, columns.rows, self.results, strict=True):
            results = columns.joined(row)
            things = self._main_things(result)
            rows.append((name, results, things))
        first = Text(word("student", self.language))
        last = Text(word("what", self.language))
        return LinedTable((first, columns.heading(), last), rows)

    def _lines(self, columns: JoinedColumns) -> Iterator[RenderableType]:
        """Show results and notes below each name, where there is no room for columns."""
        heading = columns.heading()
        heading.stylize("dim")
        yield _below(heading)
        for row, result in zip(columns.rows, self.results, strict=True):
            yield safe(result.student or result.file)
            yield _below(columns.joined(row))
            things = self._main_things(result)
            if things:
                yield _below(things)

    def _headings(self, layout: ColumnLayout) -> list[Text]:
        points = word("points", self.language)
        headings = [Text(points)]
        for number, exercise in enumerate(self._automatic, 1):
            heading = _heading(exercise.id, number, layout)
            headings.append(heading)
        if self._has_questions:
            questions = word("questions", self.language)
            headings.append(Text(questions))
        return headings

    def _rows(self, *, with_points: bool) -> list[list[Text]]:
        rows: list[list[Text]] = []
        for result in self.results:
            cells = self._cells(result, with_points=with_points)
            rows.append(list(cells))
        return rows

    def _cells(self, result: SubmissionResult, *, with_points: bool) -> Iterator[Text]:
        earned = wording.earned(result, self.language, with_pending=False)
        yield Text(earned)

        by_id = {exercise.id: exercise for exercise in result.exercises}
        for info in self._automatic:
            exercise = by_id.get(info.id)
            yield wording.outcome(exercise, self.language, with_points=with_points)

        if self._has_questions:
            exercises = by_id.values()
            questions = [exercise for exercise in exercises if not exercise.automatic]
            yield wording.questions(questions, self.language)

    def _main_things(self, result: SubmissionResult) -> Text:
        # A limit that was met comes first: it may be why what follows was not found.
        things = []
        for note in result.execution.notes:
            limit = wording.in_few_words(note, self.language)
            things.append(limit)
        things += attention.main_things(result, self.language)
        named = filter(None, things)
        distinct = list(dict.fromkeys(named))

        text = "; ".join(distinct[:MAX_MAIN_THINGS])
        hidden = len(distinct) - MAX_MAIN_THINGS
        if hidden > 0:
            text += f" +{hidden}"
        return safe(text)


def _below(content: Text) -> Padding:
    return Padding(content, (0, 0, 0, len(GAP)))


def _heading(
    exercise_id: str,
    number: int,
    layout: ColumnLayout,
) -> Text:
    if layout in ("numbered", "marks"):
        return Text(str(number))

    first, hyphen, rest = exercise_id.partition("-")
    may_break = hyphen and len(exercise_id) > LONG_ID
    if layout == "stacked" and may_break:
        return Text(f"{first}-\n{rest}")
    return Text(exercise_id)
