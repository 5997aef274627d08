"""Print one student's result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from grader.messages import Language, Reader, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe
from grader.outputs.terminal.tables import READING_WIDTH, indented, unsealed
from grader.outputs.wording import mark, points, said
from grader.report import CellProblem, Evidence, ExerciseResult, Flag, SubmissionResult


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
        parts += [indented(said(result.reason, language, reader), columns=0)]
    if result.review and reader == "instructor":
        parts += [indented(told, columns=0) for told in wording.reviewed(result.review, language)]
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


def head(
    result: SubmissionResult, language: Language, title: str, *, with_points: bool = True
) -> RenderableType:
    """What stands above one submission: the assignment, who handed it in, the file and the points."""
    lines = [safe(title, "dim")] if title else []
    facts = " · ".join(wording.facts(result, language, with_points=with_points))
    return Group(*lines, safe(result.student or result.file, "bold"), safe(facts, "dim"))


def _exercise(
    exercise: ExerciseResult, language: Language, reader: Reader, note: str
) -> Iterator[RenderableType]:
    for sentence in filter(None, dict.fromkeys(wording.sentences(exercise, language, reader))):
        yield indented(sentence)
    for evidence in [check.found for check in exercise.checks if check.found]:
        yield from _evidence(evidence, language, reader)
    if reader == "instructor" or not wording.is_seen(exercise.review):
        yield from _flagged(exercise.flags, language, reader)
    shown = [check.found for check in exercise.checks]
    for evidence in [e for flag in exercise.flags for e in flag.evidence if e not in shown]:
        yield from _evidence(evidence, language, reader)
    if note:
        yield indented(note, "italic")


def _title(exercise: ExerciseResult, language: Language, *, with_points: bool) -> Text:
    earned = "–" if exercise.status == "pending" else points(exercise.points, language)
    shown = (
        f"  {earned}/{points(exercise.max_points, language)}"
        if exercise.max_points and with_points
        else ""
    )
    return mark(exercise.status).append(f" {plain(exercise.title)}", "bold").append(shown, "dim")


def _evidence(evidence: Evidence, language: Language, reader: Reader) -> Iterator[RenderableType]:
    """The student's own line and where it stands; its value is for the instructor."""
    if reader == "instructor" and evidence.value:
        yield indented(word("found", language, value=wording.value_found(evidence)))
    if evidence.where.source.strip():
        yield indented(evidence.where.source, "cyan", columns=6)
    yield indented(wording.place(evidence.where, language), "dim", columns=6)


def _flagged(flags: Iterable[Flag], language: Language, reader: Reader) -> Iterator[RenderableType]:
    for flag in flags:
        if sentence := said(flag.message, language, reader):
            yield indented(f"⚑ {sentence}", "magenta" if reader == "instructor" else "")


def _execution(
    result: SubmissionResult, language: Language, reader: Reader
) -> list[RenderableType]:
    """What the run itself has to tell: what ended it, notes, cells that failed, commands skipped."""
    run = result.execution
    lines: list[RenderableType] = []
    if run.ended:
        lines.append(safe(said(run.ended, language, reader), "red"))
    if reader == "instructor" or not wording.is_seen(result.review):
        lines += _flagged(result.flags, language, reader)
    lines += [safe(text) for text in wording.ran(result, language, reader) if text]
    lines += _problems(run.problems, language)
    if run.skipped:
        lines.append(
            safe(word("skipped", language, commands=wording.listed(run.skipped, language)), "dim")
        )
    return [Text(""), *lines] if lines else []


def _problems(problems: Sequence[CellProblem], language: Language) -> Iterator[RenderableType]:
    """The cells that failed, each on a line; those that were not reached are only counted."""
    failed = [cell for cell in problems if cell.status != "not_run"]
    unreached = sum(cell.status == "not_run" for cell in problems)
    if failed:
        yield safe(word("cells-failed", language))
        yield from (indented(wording.problem(cell, language), "dim") for cell in failed)
    if unreached:
        yield safe(word("cells-not-run", language, count=unreached), "dim")
