"""Show the result of one submission, to its student or to the instructor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from grader.messages import Language, Reader, in_language, own_first, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe
from grader.outputs.terminal.tables import READING_WIDTH, indented, unsealed_warning
from grader.outputs.wording import mark, message_text, points
from grader.report import (
    CellProblem,
    Evidence,
    ExerciseResult,
    Flag,
    Message,
    Reviewed,
    SubmissionResult,
)

if TYPE_CHECKING:
    from grader.assignment import Assignment

EVIDENCE_INDENT = 6


def student_notes(assignment: Assignment, language: Language) -> dict[str, str]:
    """Return the notes for students on each exercise, by its id; empty texts for none."""
    notes: dict[str, str] = {}
    for exercise in assignment.exercises:
        texts = own_first(exercise.student_note, assignment.language)
        notes[exercise.id] = in_language(texts, language)
    return notes


def submission_view(
    result: SubmissionResult,
    language: Language,
    reader: Reader,
    *,
    title: str = "",
    notes: Mapping[str, str] | None = None,
    with_points: bool = True,
) -> RenderableType:
    """Show one submission in full.

    Args:
        result: how it was graded.
        language: language of the words.
        reader: a student sees their own lines, hints and points, never a value that was found nor
            a note for the instructor; only the instructor is told that it was not sealed.
        title: title of the assignment.
        notes: what this reader should know of exercises, by the id of the exercise.
        with_points: show points.

    Returns:
        What rich can print, at most 100 columns wide.
    """
    view = _SubmissionView(
        result,
        language,
        reader,
        notes or {},
        with_points,
    )
    parts = view.parts(title)
    return Constrain(Group(*parts), READING_WIDTH)


def submission_heading(
    result: SubmissionResult,
    language: Language,
    title: str,
    *,
    with_points: bool = True,
) -> RenderableType:
    """Show the head of a submission: assignment, student, file and points."""
    lines = []
    if title:
        lines.append(safe(title, "dim"))

    name = result.student or result.file
    lines.append(safe(name, "bold"))

    facts = wording.submission_facts(result, language, with_points=with_points)
    joined = " · ".join(facts)
    lines.append(safe(joined, "dim"))
    return Group(*lines)


@dataclass(frozen=True)
class _SubmissionView:
    """Lays out one submission for one reader."""

    result: SubmissionResult
    language: Language
    reader: Reader
    notes: Mapping[str, str]
    with_points: bool

    @property
    def _for_instructor(self) -> bool:
        return self.reader == "instructor"

    def parts(self, title: str) -> list[RenderableType]:
        """Return everything to show, from top to bottom."""
        return [
            *self._above(title),
            *self._exercises(),
            *self._below(),
        ]

    def _above(self, title: str) -> Iterator[RenderableType]:
        result = self.result
        if self._for_instructor:
            yield from unsealed_warning(result.execution.sandbox, self.language)

        yield submission_heading(result, self.language, title, with_points=self.with_points)

        if result.reason:
            reason = self._message_text(result.reason)
            yield indented(reason, columns=0)
        if result.review and self._for_instructor:
            for sentence in wording.review_sentences(result.review, self.language):
                yield indented(sentence, columns=0)

    def _exercises(self) -> Iterator[RenderableType]:
        """Show the exercises; answers that a person still has to read are only counted."""
        unread_count = 0
        for exercise in self.result.exercises:
            if not self._is_shown(exercise):
                unread_count += 1
                continue
            yield Text("")
            yield self._exercise_title(exercise)
            yield from self._exercise(exercise)

        if unread_count:
            sentence = word("read-by-a-person", self.language, count=unread_count)
            yield Text("")
            yield mark("pending").append(f" {sentence}")

    def _is_shown(self, exercise: ExerciseResult) -> bool:
        """Return whether a reader sees an exercise.

        While a person still has to read an answer, there is nothing to show to its student.
        """
        if self._for_instructor or exercise.automatic:
            return True
        return exercise.status != "pending"

    def _message_text(self, message: Message) -> str:
        return message_text(message, self.language, self.reader)

    def _has_open_flags(self, review: Reviewed | None) -> bool:
        """Return whether flags are shown: students do not see settled ones."""
        if self._for_instructor:
            return True
        return not wording.is_reviewed(review)

    # One exercise

    def _exercise_title(self, exercise: ExerciseResult) -> Text:
        title = plain(exercise.title)
        score_text = self._exercise_score(exercise)

        line = mark(exercise.status)
        line.append(f" {title}", "bold")
        line.append(score_text, "dim")
        return line

    def _exercise_score(self, exercise: ExerciseResult) -> str:
        if not (exercise.max_points and self.with_points):
            return ""

        earned = "–"
        if exercise.status != "pending":
            earned = points(exercise.points, self.language)
        possible = points(exercise.max_points, self.language)
        return f"  {earned}/{possible}"

    def _exercise(self, exercise: ExerciseResult) -> Iterator[RenderableType]:
        sentences = wording.exercise_sentences(exercise, self.language, self.reader)
        for sentence in dict.fromkeys(sentences):
            if sentence:
                yield indented(sentence)

        found = [check.found for check in exercise.checks if check.found]
        for evidence in found:
            yield from self._evidence(evidence)

        if self._has_open_flags(exercise.review):
            yield from self._flags(wording.flags_to_tell(exercise))
        for flag in exercise.flags:
            for evidence in flag.evidence:
                if evidence not in found:
                    yield from self._evidence(evidence)

        note = self.notes.get(exercise.id, "")
        if note:
            yield indented(note, "italic")

    def _evidence(self, evidence: Evidence) -> Iterator[RenderableType]:
        """Show the student's own line and its place; the value is for the instructor."""
        if self._for_instructor and evidence.value:
            value = wording.value_found(evidence)
            sentence = word("found", self.language, value=value)
            yield indented(sentence)

        source = evidence.where.source
        if source.strip():
            yield indented(source, "cyan", columns=EVIDENCE_INDENT)

        location = wording.place(evidence.where, self.language)
        yield indented(location, "dim", columns=EVIDENCE_INDENT)

    def _flags(self, flags: Sequence[Flag]) -> Iterator[RenderableType]:
        style = ""
        if self._for_instructor:
            style = "magenta"
        for flag in flags:
            sentence = self._message_text(flag.message)
            if sentence:
                yield indented(f"⚑ {sentence}", style)

    # The run

    def _below(self) -> list[RenderableType]:
        lines = list(self._execution())
        if not lines:
            return []
        return [Text(""), *lines]

    def _execution(self) -> Iterator[RenderableType]:
        """Show what ended the run, notes on it, failed cells and skipped commands."""
        result = self.result
        execution = result.execution
        if execution.ended:
            ending = self._message_text(execution.ended)
            yield safe(ending, "red")

        if self._has_open_flags(result.review):
            yield from self._flags(result.flags)

        for note in wording.run_notes(result, self.language, self.reader):
            if note:
                yield safe(note)

        yield from self._problems(execution.problems)

        if execution.skipped:
            commands = wording.listed(execution.skipped, self.language)
            sentence = word("skipped", self.language, commands=commands)
            yield safe(sentence, "dim")

    def _problems(self, problems: Sequence[CellProblem]) -> Iterator[RenderableType]:
        """List the cells that failed; cells that did not run are only counted."""
        failed = [cell for cell in problems if cell.status != "not_run"]
        if failed:
            title = word("cells-failed", self.language)
            yield safe(title)
        for cell in failed:
            problem = wording.problem(cell, self.language)
            yield indented(problem, "dim")

        unreached = len(problems) - len(failed)
        if unreached:
            sentence = word("cells-not-run", self.language, count=unreached)
            yield safe(sentence, "dim")
