"""Turns pieces of a report into phrases: scores, places, hints, the main thing to know. Lays nothing out.

What a student or an instructor wrote passes through `plain` before it is shown: a file name may hold an
escape sequence that clears the screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from grader.messages import Language, Reader, as_language, number, say, short, word
from grader.outputs.safe_text import plain
from grader.report import (
    AssignmentInfo,
    CellProblem,
    Evidence,
    ExerciseResult,
    Flag,
    Message,
    MistakeFound,
    Report,
    Reviewed,
    SubmissionResult,
    Where,
)

MARKS = {
    "passed": ("✓", "green"),
    "partial": ("◐", "yellow"),
    "failed": ("✗", "red"),
    "pending": ("…", "blue"),
    "missing": ("–", "dim"),
    "not_run": ("–", "red"),
    "not_asked": ("·", "dim"),
    "ungradable": ("!", "magenta"),
}
"""Per exercise status its mark and colour."""


SCORED = ("graded", "unchanged")
"""Statuses of submissions that have points."""


def language_of(report: Report, asked: Language | None = None, assignment: str = "") -> Language:
    """The language asked for; without one, that of an assignment of a report, of the first if it is not there."""
    own = {info.name: info.language for info in report.assignments}
    return asked or as_language(own.get(assignment) or next(iter(own.values()), "en"))


def mark(status: str) -> Text:
    """The mark of an exercise's status, coloured."""
    return Text().append(*MARKS[status])


def outcome(result: ExerciseResult | None, language: Language, *, with_points: bool) -> Text:
    """How an exercise went, for a cell of a table: its mark, and its points once they are decided."""
    if result is None:
        return Text("")
    cell = mark(result.status)
    return (
        cell.append(f" {points(result.points, language)}")
        if with_points and is_decided(result)
        else cell
    )


def questions(results: Sequence[ExerciseResult], language: Language) -> Text:
    """How many answers a person has still to read; once all are read, their points."""
    if waiting := sum(result.status == "pending" for result in results):
        return Text(word("to-read", language, count=waiting), "blue")
    decided = [result for result in results if is_decided(result)]
    if not decided:
        return Text("–" if results else "", "dim")
    return Text(score(sum(r.points for r in decided), sum(r.max_points for r in decided), language))


def is_decided(result: ExerciseResult) -> bool:
    """Whether an exercise has points, none included."""
    return result.status in ("passed", "partial", "failed")


def earned(result: SubmissionResult, language: Language) -> str:
    """The points of a submission; none where there is no work of the student's to grade."""
    graded = result.status == "graded"
    return score(result.points, result.max_points, language) if graded else "–"


def facts(
    result: SubmissionResult, language: Language, *, with_points: bool = True
) -> Iterator[str]:
    """What stands below the name of a submission: its file, points or status, points to come."""
    if result.student:
        yield result.file
    if result.status in SCORED and not with_points:
        return
    if result.status in SCORED:
        had = points(result.points, language)
        yield word("of-points", language, earned=had, possible=result.max_points)
    else:
        yield word(result.status, language)
    if result.pending_points:
        yield word("pending-points", language, points=result.pending_points)


def points(value: float, language: Language) -> str:
    """Points, to two decimal places at most."""
    return number(round(value, 2), language)


def score(earned: float, possible: float, language: Language) -> str:
    """Points earned and to be had: `5,75/10`."""
    return f"{points(earned, language)}/{points(possible, language)}"


def own(texts: Mapping[Language, str] | Mapping[str, str], language: Language) -> str:
    """What an assignment says in a language; in another one that it has, if it has not this one."""
    return texts.get(language) or next(filter(None, texts.values()), "")


def said(message: Message, language: Language, reader: Reader) -> str:
    """A message of the report in words; empty if this reader is not told."""
    return say(message.id, message.params, language=language, reader=reader)


def in_few_words(message: Message, language: Language) -> str:
    """A message for a narrow column; empty if there are no few words for it."""
    return short(message.id, message.params, language)


def place(where: Where, language: Language) -> str:
    """Where something stands: the heading above it first, the cell and line second."""
    heading = plain(where.heading)
    counted = word("line" if where.line else "cell", language, cell=where.cell + 1, line=where.line)
    return f"{word('under', language, heading=heading)} · {counted}" if heading else counted


def value_found(evidence: Evidence) -> str:
    """A value with its name, as an instructor reads it."""
    return f"{evidence.name} = {evidence.value}" if evidence.name else evidence.value


def mistake_name(mistake: MistakeFound, language: Language) -> str:
    """The name of a known mistake, with those that explain as much."""
    return word("or", language).join([own(mistake.name, language) or mistake.id, *mistake.also])


def mistake_hint(mistake: MistakeFound, language: Language) -> str:
    """What a student reads of a mistake; said to be one possible cause where others explain as much."""
    texts = (own(mistake.happened, language), own(mistake.hint, language))
    hint = " ".join(text for text in texts if text)
    return word("perhaps", language, hint=hint) if mistake.also and hint else hint


NOTHING_SAID = ("value.absent", "value.missing", "series.absent", "series.missing", "mistake")
"""Messages that say only that the answer was not found: to a student, a hint of a mistake says more."""


def sentences(exercise: ExerciseResult, language: Language, reader: Reader) -> Iterator[str]:
    """What is said of an exercise: to a student, the hint of a known mistake in place of "not found".

    Where a person decided, it is what they say, and to the instructor also what the grader had found.
    """
    student, review = reader == "student", exercise.review
    if not (exercise.is_judged and (student or not exercise.automatic)):
        yield from _found(exercise, language, reader)
    if review and not student:
        yield from reviewed(review, language)
    elif review and review.applies:
        settled = (
            say("review.settled", {}, language=language, reader="student") if review.decides else ""
        )
        yield review.comment or settled


def reviewed(review: Reviewed, language: Language) -> Iterator[str]:
    """What a person decided, and why: for the instructor."""
    params: dict[str, Any] = {
        "by": review.by,
        "credit": review.credit,
        "automatic": review.automatic_credit,
    }
    if review.changed:
        yield say(
            "review.changed" if review.applies else "review.stale",
            params,
            language=language,
            reader="instructor",
        )
    if review.decides:
        overrides = review.automatic_status not in ("pending", None) and review.reason
        told = "review.override" if overrides else "review.settled"
        yield say(told, params, language=language, reader="instructor")
    elif review.applies:
        yield say("review.kept", params, language=language, reader="instructor")
    if review.reason:
        yield word("review-reason", language, reason=review.reason)
    if review.comment:
        yield word("review-comment", language, comment=review.comment)


def _found(exercise: ExerciseResult, language: Language, reader: Reader) -> Iterator[str]:
    """What the grader found."""
    student = reader == "student"
    hints = [mistake_hint(mistake, language) for mistake in exercise.mistakes] if student else []
    for check in exercise.checks:
        if not (any(hints) and check.message.id in NOTHING_SAID):
            yield said(check.message, language, reader)
        yield from hints
        yield from (said(note, language, reader) for note in check.notes)
    for mistake in () if student else exercise.mistakes:
        params = {"name": mistake_name(mistake, language)}
        yield say("mistake", params, language=language, reader=reader)


def ran(result: SubmissionResult, language: Language, reader: Reader) -> Iterator[str]:
    """What the run itself has to tell, beside what ended it."""
    run = result.execution
    yield from (said(note, language, reader) for note in run.notes)
    if run.again:
        cells = ", ".join(str(cell) for cell in run.again)
        yield say("note.again", {"cells": cells}, language=language, reader=reader)


def problem(cell: CellProblem, language: Language) -> str:
    """A cell that did not end well: where it stands, and with what it ended."""
    error = f"{cell.error}: {cell.message}" if cell.message else cell.error
    what = error if cell.status == "error" and error else word(f"cell-{cell.status}", language)
    return f"{place(cell.where, language)} · {what}"


def listed(texts: Sequence[str], language: Language, most: int = 3) -> str:
    """The first of some texts, and how many more there are."""
    rest = [word("more", language, count=len(texts) - most)] if len(texts) > most else []
    return ", ".join([*texts[:most], *rest])


def flags(submission: SubmissionResult) -> Iterator[tuple[str, Flag]]:
    """What a person should look at and nobody has yet, with the title of its exercise."""
    yield from (("", flag) for flag in submission.flags if not is_seen(submission.review))
    for exercise in submission.exercises:
        yield from (
            (exercise.title, flag) for flag in exercise.flags if not is_seen(exercise.review)
        )


def is_seen(review: Reviewed | None) -> bool:
    """Whether a person has looked at what there is to look at."""
    return review is not None and review.applies


def overtaken(
    submissions: Iterable[SubmissionResult], language: Language
) -> Iterator[tuple[str, str]]:
    """What a person decided of something that is another now, a line each: whose, and what to do."""
    for submission in submissions:
        for exercise in submission.exercises:
            if exercise.review and exercise.review.changed:
                (told, *_) = reviewed(exercise.review, language)
                yield submission.student or submission.file, f"{exercise.title}: {told}"


def flag_in_few_words(flag: Flag, language: Language) -> str:
    """A flag for a narrow column."""
    return (
        in_few_words(flag.message, language)
        or in_few_words(Message(id=f"flag.{flag.id}"), language)
        or flag.id
    )


def main_things(submission: SubmissionResult, language: Language) -> Iterator[str]:
    """What to know of a submission, the weightiest first, in few words each."""
    if submission.status != "graded":
        reason = in_few_words(submission.reason, language) if submission.reason else ""
        status = word(submission.status, language)
        yield f"{status}: {reason}" if reason else status
        return
    if submission.execution.ended:
        yield in_few_words(submission.execution.ended, language)
    for _, flag in flags(submission):
        yield flag_in_few_words(flag, language)
    yield from _causes(submission, language)


def _causes(submission: SubmissionResult, language: Language) -> Iterator[str]:
    """The mistakes that were recognised; without any, why exercises did not pass."""
    automatic = [
        exercise
        for exercise in submission.exercises
        if exercise.automatic and not exercise.is_judged
    ]
    mistakes = [
        mistake_name(mistake, language) for exercise in automatic for mistake in exercise.mistakes
    ]
    yield from mistakes
    if not mistakes:
        unmet = (
            exercise
            for exercise in automatic
            if exercise.status in ("failed", "partial", "missing")
        )
        yield from (
            in_few_words(check.message, language) for exercise in unmet for check in exercise.checks
        )


def summary_line(report: Report, language: Language) -> str:
    """The class in numbers, on one line."""
    summary = report.summary
    parts = [word("submissions", language, count=summary.submissions), _mean(report, language)]
    for status in ("unreadable", "wrong_file", "unchanged", "ungradable"):
        if count := getattr(summary, status):
            parts.append(word(f"count-{status}", language, count=count))
    if summary.pending_exercises:
        parts.append(word("count-pending", language, count=summary.pending_exercises))
    parts.append(_duration(report.seconds))
    return " · ".join(part for part in parts if part)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _mean(report: Report, language: Language) -> str:
    """The mean of the class; out of how many points, if all belong to one assignment."""
    if report.summary.mean_points is None:
        return ""
    mean = points(report.summary.mean_points, language)
    if len(report.assignments) != 1:
        return word("mean", language, mean=mean)
    return word(
        "mean-of", language, mean=mean, points=points(report.assignments[0].max_points, language)
    )


def looks(submissions: Iterable[SubmissionResult], language: Language) -> Iterator[tuple[str, str]]:
    """Whom a person should look at, and why."""
    for submission in submissions:
        name = submission.student or submission.file
        if submission.status != "graded" and submission.reason and not is_seen(submission.review):
            yield name, said(submission.reason, language, "instructor")
        for title, flag in flags(submission):
            yield name, _look(title, flag, language)
        yield from overtaken([submission], language)


def _look(title: str, flag: Flag, language: Language) -> str:
    sentence = said(flag.message, language, "instructor")
    titled = f"{title}: {sentence}" if title else sentence
    lines = [
        f"{evidence.where.source.strip() or value_found(evidence)} ({place(evidence.where, language)})"
        for evidence in flag.evidence[:2]
    ]
    return " — ".join([titled, *lines])


def exercise_notes(
    infos: Iterable[AssignmentInfo], language: Language
) -> Iterator[tuple[str, str]]:
    """What the instructor should know of each exercise."""
    for info in infos:
        for exercise in info.exercises:
            if note := own(exercise.note, language):
                yield exercise.id, note


def fitting(submissions: Sequence[SubmissionResult], wanted: str) -> Sequence[SubmissionResult]:
    """The submissions whose id, student or file is what is wanted; if none, those of which it is a part.

    Case and accents do not matter.
    """
    folded = _folded(wanted)
    names = [
        (one, [_folded(text) for text in (one.id, one.student, one.file)]) for one in submissions
    ]
    whole = [one for one, texts in names if folded in texts]
    return whole or [one for one, texts in names if any(folded in text for text in texts)]


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
