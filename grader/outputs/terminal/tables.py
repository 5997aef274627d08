"""Shows a class, a student or a validation: on a terminal, or as plain text elsewhere.

Renders what it is given and decides nothing. Nothing is parsed as markup: every text becomes a
`rich.text.Text` through `safe`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import broken, safe
from grader.outputs.terminal import similarity
from grader.outputs.terminal import submissions as handed_in
from grader.report import ExerciseInfo, Report, SubmissionResult

PLAIN_WIDTH = 100
"""Columns when the output is a file or a pipe."""
READING_WIDTH = 100
"""Sentences are not set wider than this, however wide the terminal."""
ROOM_FOR_WHAT = 20
"""Columns the last column of the class table must keep; other columns are narrowed until it has them."""

_LAYOUTS = ("whole", "stacked", "numbered", "marks")
"""Headings of exercises, widest first: id, id on two lines, number; number, and marks without points."""


def make_console(file: IO[str]) -> Console:
    """A console on a stream: coloured on a terminal (rich respects NO_COLOR), plain elsewhere."""
    return Console(
        file=file, width=None if file.isatty() else PLAIN_WIDTH, markup=False, highlight=False
    )


def indented(text: str, style: str = "", columns: int = 4) -> RenderableType:
    """Text, moved to the right by some columns."""
    return Padding(safe(text, style), (0, 0, 0, columns))


def unsealed_line(language: Language) -> RenderableType:
    """Says that notebooks ran with the rights of the person at the terminal: red where there are colours."""
    return safe(word("unsealed", language), "bold red")


def unsealed(sandbox: str, language: Language) -> list[RenderableType]:
    """The warning that stands above what ran unsealed; nothing above what did not."""
    return [unsealed_line(language), Text("")] if sandbox == "none" else []


# The class


def class_table(report: Report, language: Language) -> RenderableType:
    """A class on one screen: a row per student, the class in numbers, who needs a look, notes on exercises.

    Args:
        report: the report of a run.
        language: language of the words around it.

    Returns:
        What rich can print; the table fits itself to the width it is printed at.
    """
    parts: list[RenderableType] = [*unsealed(report.grader.sandbox, language)]
    for place, (title, rows) in enumerate(_tables(report, language)):
        parts += [*([Text("")] if place else []), safe(title, "bold"), rows]
    parts += [Text(""), safe(wording.summary_line(report, language), "bold")]
    parts += section(word("look", language), wording.looks(report.submissions, language))
    parts += similarity.pairs(report, language)
    parts += section(word("sameness", language), similarity.sameness(report, language))
    parts += section(word("mail", language), handed_in.mails(report))
    parts += section(word("superseded", language), handed_in.superseded(report, language))
    parts += section(word("absent", language), handed_in.absent(report.absent))
    parts += section(word("about", language), wording.exercise_notes(report.assignments, language))
    return Group(*parts)


def _tables(report: Report, language: Language) -> Iterator[tuple[str, _ClassRows]]:
    """One table per assignment; with a single one, also those of no assignment stand in it."""
    single = len(report.assignments) == 1
    for info in report.assignments:
        own = [s for s in report.submissions if single or s.assignment == info.name]
        if own:
            yield info.title, _ClassRows(info.exercises, own, language)
    names = {info.name for info in report.assignments}
    rest = [] if single else [s for s in report.submissions if s.assignment not in names]
    if rest:
        yield word("no-assignment", language), _ClassRows((), rest, language)


@dataclass(frozen=True)
class _ClassRows:
    """The table of one assignment; picks the widest layout that leaves room for its last column."""

    exercises: Sequence[ExerciseInfo]
    submissions: Sequence[SubmissionResult]
    language: Language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        fitting = (layout for layout in _LAYOUTS if self._fits(layout, console, options))
        layout = next(fitting, _LAYOUTS[-1])
        yield self._table(layout, last=True)
        if layout in ("numbered", "marks"):
            yield safe(" · ".join(f"{n} {e.id}" for n, e in enumerate(self._automatic, 1)), "dim")

    @property
    def _automatic(self) -> list[ExerciseInfo]:
        return [exercise for exercise in self.exercises if exercise.automatic]

    def _fits(self, layout: str, console: Console, options: ConsoleOptions) -> bool:
        unbounded = options.update(max_width=10_000)
        used = Measurement.get(console, unbounded, self._table(layout, last=False)).maximum
        return options.max_width - used >= ROOM_FOR_WHAT

    def _table(self, layout: str, *, last: bool) -> Table:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        table.header_style = "dim"
        table.add_column(word("student", self.language), overflow="fold")
        table.add_column(word("points", self.language), no_wrap=True)
        for position, exercise in enumerate(self._automatic, 1):
            table.add_column(_heading(exercise.id, position, layout), no_wrap=True)
        if len(self._automatic) < len(self.exercises):
            table.add_column(word("questions", self.language), no_wrap=True)
        if last:
            table.add_column(word("what", self.language), overflow="fold")
        for submission in self.submissions:
            table.add_row(
                *self._cells(submission, layout), *([self._what(submission)] if last else [])
            )
        return table

    def _cells(self, submission: SubmissionResult, layout: str) -> Iterator[Text]:
        yield broken(submission.student or submission.file)
        yield Text(wording.earned(submission, self.language))
        results = {result.id: result for result in submission.exercises}
        for exercise in self._automatic:
            result = results.get(exercise.id)
            yield wording.outcome(result, self.language, with_points=layout != "marks")
        if len(self._automatic) < len(self.exercises):
            yield wording.questions([r for r in results.values() if not r.automatic], self.language)

    def _what(self, submission: SubmissionResult) -> Text:
        # A limit that was met comes first: it may be why what follows was not found.
        limits = (wording.in_few_words(note, self.language) for note in submission.execution.notes)
        told = (*limits, *wording.main_things(submission, self.language))
        found = list(dict.fromkeys(filter(None, told)))
        return safe("; ".join(found[:2]) + (f" +{len(found) - 2}" if len(found) > 2 else ""))


def _heading(exercise_id: str, position: int, layout: str) -> Text:
    if layout in ("numbered", "marks"):
        return Text(str(position))
    first, hyphen, rest = exercise_id.partition("-")
    stacked = layout == "stacked" and hyphen and len(exercise_id) > 8
    return Text(f"{first}-\n{rest}" if stacked else exercise_id)


def section(title: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    """A titled list of names and sentences; nothing at all if it would be empty."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column()
    for name, sentence in rows:
        grid.add_row(broken(name), safe(sentence))
    return [Text(""), safe(title, "bold"), Constrain(grid, READING_WIDTH)] if grid.row_count else []


# One student


# A validation, and what a regrade changed
