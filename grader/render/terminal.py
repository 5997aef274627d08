"""Shows a class, a student or a validation: on a terminal, or as plain text elsewhere.

Renders what it is given and decides nothing. Nothing is parsed as markup: every text becomes a
`rich.text.Text` through `safe`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.findings import Finding, Margin
from grader.messages import Language, Reader, number, word
from grader.render import handed_in, similar, words
from grader.render.words import mark, plain, points, safe, said
from grader.report import CellProblem, Evidence, ExerciseInfo, ExerciseResult, Flag, Report, SubmissionResult

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
    return Console(file=file, width=None if file.isatty() else PLAIN_WIDTH, markup=False, highlight=False)


def _indented(text: str, style: str = "", columns: int = 4) -> RenderableType:
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
    parts += [Text(""), safe(words.summary_line(report, language), "bold")]
    parts += _section(word("look", language), words.looks(report.submissions, language))
    parts += similar.pairs(report, language)
    parts += _section(word("sameness", language), similar.sameness(report, language))
    parts += _section(word("mail", language), handed_in.mails(report))
    parts += _section(word("superseded", language), handed_in.superseded(report, language))
    parts += _section(word("absent", language), handed_in.absent(report.absent))
    parts += _section(word("about", language), words.exercise_notes(report.assignments, language))
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
            table.add_row(*self._cells(submission, layout), *([self._what(submission)] if last else []))
        return table

    def _cells(self, submission: SubmissionResult, layout: str) -> Iterator[Text]:
        yield words.broken(submission.student or submission.file)
        yield Text(words.earned(submission, self.language))
        results = {result.id: result for result in submission.exercises}
        for exercise in self._automatic:
            result = results.get(exercise.id)
            yield words.outcome(result, self.language, with_points=layout != "marks")
        if len(self._automatic) < len(self.exercises):
            yield words.questions([r for r in results.values() if not r.automatic], self.language)

    def _what(self, submission: SubmissionResult) -> Text:
        # A limit that was met comes first: it may be why what follows was not found.
        limits = (words.in_few_words(note, self.language) for note in submission.execution.notes)
        told = (*limits, *words.main_things(submission, self.language))
        found = list(dict.fromkeys(filter(None, told)))
        return safe("; ".join(found[:2]) + (f" +{len(found) - 2}" if len(found) > 2 else ""))


def _heading(exercise_id: str, position: int, layout: str) -> Text:
    if layout in ("numbered", "marks"):
        return Text(str(position))
    first, hyphen, rest = exercise_id.partition("-")
    stacked = layout == "stacked" and hyphen and len(exercise_id) > 8
    return Text(f"{first}-\n{rest}" if stacked else exercise_id)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    """A titled list of names and sentences; nothing at all if it would be empty."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column()
    for name, sentence in rows:
        grid.add_row(words.broken(name), safe(sentence))
    return [Text(""), safe(title, "bold"), Constrain(grid, READING_WIDTH)] if grid.row_count else []


# One student


def submission_view(
    result: SubmissionResult,
    language: Language,
    reader: Reader,
    *,
    title: str = "",
    notes: Mapping[str, str] | None = None,
    with_points: bool = True,
) -> RenderableType:
    """One submission in full, for its student or for the instructor.

    Args:
        result: how it was graded.
        language: language of the words.
        reader: a student sees their own lines, hints and points, never a value that was found nor a note for
            the instructor; only the instructor is told that it was not sealed.
        title: title of the assignment.
        notes: per exercise id, what this reader should know of it.
        with_points: show points.

    Returns:
        What rich can print, at most 100 columns wide.
    """
    parts = unsealed(result.execution.sandbox, language) if reader == "instructor" else []
    parts.append(head(result, language, title, with_points=with_points))
    if result.reason:
        parts += [_indented(said(result.reason, language, reader), columns=0)]
    if result.review and reader == "instructor":
        parts += [_indented(told, columns=0) for told in words.reviewed(result.review, language)]
    shown = [e for e in result.exercises if reader == "instructor" or not _merely_read(e)]
    for exercise in shown:
        note = (notes or {}).get(exercise.id, "")
        parts += [Text(""), _title(exercise, language, with_points=with_points)]
        parts += _exercise(exercise, language, reader, note)
    if read := len(result.exercises) - len(shown):
        line = mark("pending").append(f" {word('read-by-a-person', language, count=read)}")
        parts += [Text(""), line]
    parts += _execution(result, language, reader)
    return Constrain(Group(*parts), READING_WIDTH)


def _merely_read(exercise: ExerciseResult) -> bool:
    """Answered, and for a person to read: nothing to tell the student of each."""
    return not exercise.automatic and exercise.status == "pending"


def head(result: SubmissionResult, language: Language, title: str, *, with_points: bool = True) -> RenderableType:
    """What stands above one submission: the assignment, who handed it in, the file and the points."""
    lines = [safe(title, "dim")] if title else []
    facts = " · ".join(words.facts(result, language, with_points=with_points))
    return Group(*lines, safe(result.student or result.file, "bold"), safe(facts, "dim"))


def _exercise(exercise: ExerciseResult, language: Language, reader: Reader, note: str) -> Iterator[RenderableType]:
    for sentence in filter(None, dict.fromkeys(words.sentences(exercise, language, reader))):
        yield _indented(sentence)
    for evidence in [check.found for check in exercise.checks if check.found]:
        yield from _evidence(evidence, language, reader)
    if reader == "instructor" or not words.is_seen(exercise.review):
        yield from _flagged(exercise.flags, language, reader)
    shown = [check.found for check in exercise.checks]
    for evidence in [e for flag in exercise.flags for e in flag.evidence if e not in shown]:
        yield from _evidence(evidence, language, reader)
    if note:
        yield _indented(note, "italic")


def _title(exercise: ExerciseResult, language: Language, *, with_points: bool) -> Text:
    earned = "–" if exercise.status == "pending" else points(exercise.points, language)
    shown = f"  {earned}/{points(exercise.max_points, language)}" if exercise.max_points and with_points else ""
    return mark(exercise.status).append(f" {plain(exercise.title)}", "bold").append(shown, "dim")


def _evidence(evidence: Evidence, language: Language, reader: Reader) -> Iterator[RenderableType]:
    """The student's own line and where it stands; its value is for the instructor."""
    if reader == "instructor" and evidence.value:
        yield _indented(word("found", language, value=words.value_found(evidence)))
    if evidence.where.source.strip():
        yield _indented(evidence.where.source, "cyan", columns=6)
    yield _indented(words.place(evidence.where, language), "dim", columns=6)


def _flagged(flags: Iterable[Flag], language: Language, reader: Reader) -> Iterator[RenderableType]:
    for flag in flags:
        if sentence := said(flag.message, language, reader):
            yield _indented(f"⚑ {sentence}", "magenta" if reader == "instructor" else "")


def _execution(result: SubmissionResult, language: Language, reader: Reader) -> list[RenderableType]:
    """What the run itself has to tell: what ended it, notes, cells that failed, commands skipped."""
    run = result.execution
    lines: list[RenderableType] = []
    if run.ended:
        lines.append(safe(said(run.ended, language, reader), "red"))
    if reader == "instructor" or not words.is_seen(result.review):
        lines += _flagged(result.flags, language, reader)
    lines += [safe(text) for text in words.ran(result, language, reader) if text]
    lines += _problems(run.problems, language)
    if run.skipped:
        lines.append(safe(word("skipped", language, commands=words.listed(run.skipped, language)), "dim"))
    return [Text(""), *lines] if lines else []


def _problems(problems: Sequence[CellProblem], language: Language) -> Iterator[RenderableType]:
    """The cells that failed, each on a line; those that were not reached are only counted."""
    failed = [cell for cell in problems if cell.status != "not_run"]
    unreached = sum(cell.status == "not_run" for cell in problems)
    if failed:
        yield safe(word("cells-failed", language))
        yield from (_indented(words.problem(cell, language), "dim") for cell in failed)
    if unreached:
        yield safe(word("cells-not-run", language, count=unreached), "dim")


# A validation, and what a regrade changed


def validation_view(assignment: str, findings: Sequence[Finding], language: Language) -> RenderableType:
    """What a validation found, and in the last line how many of its checks failed.

    Args:
        assignment: name of the assignment.
        findings: each thing that was looked at.
        language: language of the words.
    """
    failed = sum(not finding.ok for finding in findings)
    verdict = word("invalid" if failed else "valid", language, name=assignment, count=len(findings), failed=failed)
    lines = [line for finding in findings for line in _found(finding, language)]
    return Constrain(Group(*lines, safe(verdict, "bold red" if failed else "bold green")), READING_WIDTH)


def _found(finding: Finding, language: Language) -> Iterator[RenderableType]:
    told = said(finding.message, language, "instructor")
    yield mark("passed" if finding.ok else "failed").append(f" {plain(told)}")
    yield from (_indented(said(detail, language, "instructor"), columns=2) for detail in finding.details)
    if finding.margins:
        yield Padding(_margins(finding.margins, language), (0, 0, 0, 2))
        yield _indented(word("in-tolerances", language), "dim", columns=2)


def _margins(margins: Iterable[Margin], language: Language) -> Table:
    """A row per exercise; red where right answers leave the tolerance, or wrong ones come within it."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    figures = (word("tolerance", language), word("spread", language), word("its-distance", language))
    for heading in (word("exercise", language), *figures):
        table.add_column(heading, no_wrap=True)
    table.add_column(word("nearest-mistake", language), overflow="fold")
    for margin in margins:
        table.add_row(
            safe(margin.exercise),
            safe(f"{number(margin.rtol, language)} · |x| + {number(margin.atol, language)}"),
            safe(_widths(margin.spread, language), "" if margin.right_within else "bold red"),
            safe(_widths(margin.distance, language), "" if margin.wrong_beyond else "bold red"),
            safe(margin.nearest or "–"),
        )
    return table


def _widths(value: float, language: Language) -> str:
    """A number of tolerances: two figures say enough."""
    return "∞" if math.isinf(value) else number(float(f"{value:.2g}"), language)


def regrade_view(
    reused: int,
    rerun: Sequence[str],
    why: Iterable[str],
    changes: Sequence[tuple[str, str, float, float]],
    language: Language,
    *,
    report: Report,
) -> RenderableType:
    """What grading again did.

    Args:
        reused: how many submissions were graded from a stored trace.
        rerun: students whose notebook was run again.
        why: why some had to run again.
        changes: student, exercise, points before and points now of each score that changed.
        language: language of the words.
        report: the new report; what people decided of something that is another now is listed.
    """
    facts = [word("reused", language, count=reused)]
    if rerun:
        facts.append(word("rerun", language, count=len(rerun), students=words.listed(rerun, language, most=10)))
    lines: list[RenderableType] = [safe(" · ".join(facts)), *(_indented(reason, "dim") for reason in why)]
    if changes:
        lines.append(safe(word("changes", language, count=len(changes)), "bold"))
        lines.append(_changes(changes, language))
    else:
        lines.append(safe(word("no-change", language)))
    lines += _section(word("review-overtaken", language), words.overtaken(report.submissions, language))
    return Constrain(Group(*lines), READING_WIDTH)


def _changes(changes: Iterable[tuple[str, str, float, float]], language: Language) -> Table:
    grid = Table.grid(padding=(0, 2))
    for student, exercise, before, after in changes:
        by = points(abs(after - before), language)
        step = Text(f"+{by}", "green") if after > before else Text(f"−{by}", "red")
        scores = f"{points(before, language)} → {points(after, language)}"
        grid.add_row(safe(student), safe(exercise), Text(scores), step)
    return grid
