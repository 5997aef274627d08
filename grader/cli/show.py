"""The command `show`: print the class of an earlier run, or one student."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import console, options
from grader.cli.class_report import show_report, tell_where_next
from grader.cli.exit import NoSuchStudent, guarded
from grader.cli.options import option
from grader.messages import Language, in_language
from grader.outputs.find import matching_submissions
from grader.outputs.terminal.similarity import similar_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.wording import language_of

if TYPE_CHECKING:
    from grader.outputs.story.story import Story
    from grader.report import AssignmentInfo, Report, SubmissionResult

STORY = "Show a student's lines, each with the values that it computed."

MAX_CANDIDATES = 10
"""Most names that an error lists."""


@click.command(cls=options.GroupedCommand)
@click.argument("words", nargs=-1, metavar="[FOLDER] [STUDENT]")
@options.language
@option("--story", is_flag=True, help=STORY)
@guarded
def show(words: tuple[str, ...], language: Language | None, story: bool) -> None:
    """Show the class of an earlier run, or one student in full."""
    folder, student = _folder_and_student(words)
    if story and not student:
        raise click.UsageError("--story is of one student: name one.")

    if not student:
        with _without_collections():
            _show_class(folder, language)
        return

    report = read_report(folder)
    result = find_submission(report, student)
    if story:
        _show_story(folder, report, result, language)
    else:
        _show_result(report, result, language)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Pause the search for reference cycles, which takes a sixth of the time of a large class."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _show_class(folder: Path, asked: Language | None) -> None:
    report = read_report(folder)
    show_report(report, asked, as_json=False)
    tell_where_next(report, folder, language_of(report, asked))


def _show_result(report: Report, result: SubmissionResult, asked: Language | None) -> None:
    language = language_of(report, asked, result.assignment)
    info = _info(report, result)
    view = submission_view(
        result,
        language,
        "instructor",
        title=info.title if info else "",
        notes=_notes(info, language) if info else {},
    )
    console.show(view)
    console.show(similar_view(report, result, language))


def _show_story(
    folder: Path,
    report: Report,
    result: SubmissionResult,
    asked: Language | None,
) -> None:
    from grader.outputs.terminal.story import story_view

    language = language_of(report, asked, result.assignment)
    info = _info(report, result)
    title = info.title if info else ""
    story = tell_story(folder, result)
    console.show(story_view(story, result, language, title=title))


def read_report(folder: Path) -> Report:
    """Read the report of an earlier run; see `grader.store.store`."""
    from grader.store import store

    return store.read_report(folder)


def tell_story(folder: Path, result: SubmissionResult) -> Story:
    """Show the values that each line of a submission computed, from its stored run.

    See `grader.outputs.story.story`.
    """
    from grader.outputs.story.story import tell
    from grader.store.store import Store
    from grader.submissions.snapshot import read_run

    trace, submission = read_run(Store(folder), result)
    return tell(trace, submission, result)


def _info(report: Report, result: SubmissionResult) -> AssignmentInfo | None:
    """Return the assignment of a submission; None if the report does not describe it."""
    for info in report.assignments:
        if info.name == result.assignment:
            return info
    return None


def _notes(info: AssignmentInfo, language: Language) -> dict[str, str]:
    """Return the notes for the instructor, by exercise."""
    return {exercise.id: in_language(exercise.note, language) for exercise in info.exercises}


def _folder_and_student(words: Sequence[str]) -> tuple[Path, str]:
    """Split `[grades/] [STUDENT]` into folder and student; names may have several words."""
    if words and _is_folder(words[0]):
        return Path(words[0]), " ".join(words[1:])
    if words and _is_report(words[0]):
        return Path(words[0]).parent, " ".join(words[1:])
    return Path("grades"), " ".join(words)


def _is_folder(word: str) -> bool:
    return Path(word).is_dir() or word.endswith(("/", "\\"))


def _is_report(word: str) -> bool:
    """Return whether a word names the report, in place of the folder it is in."""
    path = Path(word)
    return path.name == "report.json" and path.is_file()


def find_submission(report: Report, name: str) -> SubmissionResult:
    """Find the one submission that matches an id, a name or a file.

    Raises:
        NoSuchStudent: none fits, or several do.
    """
    matching = matching_submissions(report.submissions, name)
    if len(matching) == 1:
        return matching[0]

    problem = "No submission fits"
    if matching:
        problem = f"{len(matching)} submissions fit"
    candidates = _candidates(matching or report.submissions, name)
    raise NoSuchStudent(f"{problem} {name!r}.", f"There is: {candidates}.")


def _candidates(submissions: Sequence[SubmissionResult], name: str) -> str:
    """List the students who match; those of the same name are listed with their files."""
    names: list[str] = []
    for submission in submissions:
        is_same = submission.student == name
        names.append(submission.file if is_same else submission.student)

    listed = ", ".join(names[:MAX_CANDIDATES])
    if len(names) <= MAX_CANDIDATES:
        return listed
    return f"{listed}, …"
