"""The command `show`: a class, or one student, of an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options, screen
from grader.cli.class_report import show_report, tell_where_next
from grader.cli.exit import NoSuchStudent, guarded
from grader.cli.options import option
from grader.messages import Language
from grader.outputs.find import matching_submissions
from grader.outputs.terminal.similarity import similar_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.wording import in_language, language_of

if TYPE_CHECKING:
    from grader.outputs.story.story import Story
    from grader.report import AssignmentInfo, Report, SubmissionResult


@click.command(cls=options.GroupedCommand)
@click.argument("words", nargs=-1, metavar="[FOLDER] [STUDENT]")
@options.language
@option(
    "--story", is_flag=True, help="Show a student's lines, and beside each what it left behind."
)
@guarded
def show(words: tuple[str, ...], language: Language | None, story: bool) -> None:
    """Show the class of an earlier run, or one student in full."""
    folder, student = _folder_and_student(words)
    if story and not student:
        raise click.UsageError("--story is of one student: name one.")
    report = read_report(folder)
    if not student:
        show_report(report, language, as_json=False)
        tell_where_next(report, folder, language_of(report, language))
        return
    result = find_submission(report, student)
    language = language_of(report, language, result.assignment)
    infos = [info for info in report.assignments if info.name == result.assignment]
    title, notes = (infos[0].title, _notes(infos[0], language)) if infos else ("", {})
    if story:
        from grader.outputs.terminal.story import story_view

        screen.show(story_view(tell_story(folder, result), result, language, title=title))
        return
    screen.show(submission_view(result, language, "instructor", title=title, notes=notes))
    screen.show(similar_view(report, result, language))


def read_report(folder: Path) -> Report:
    """The report of an earlier run; see `grader.store.store`."""
    from grader.store import store

    return store.read_report(folder)


def tell_story(folder: Path, result: SubmissionResult) -> Story:
    """What a submission's lines left behind, from its stored run; see `grader.outputs.story.story`."""
    from grader.outputs.story.story import tell
    from grader.store.store import Store
    from grader.submissions.snapshot import read_run

    return tell(*read_run(Store(folder), result), result)


def _notes(info: AssignmentInfo, language: Language) -> dict[str, str]:
    """What the instructor should know of each exercise."""
    return {e.id: in_language(e.note, language) for e in info.exercises}


def _folder_and_student(words: Sequence[str]) -> tuple[Path, str]:
    """`[grades/] [STUDENT]`: the first word is a folder if it looks like one; a name may have several."""
    if words and (Path(words[0]).is_dir() or words[0].endswith(("/", "\\"))):
        return Path(words[0]), " ".join(words[1:])
    return Path("grades"), " ".join(words)


def find_submission(report: Report, wanted: str) -> SubmissionResult:
    """The one submission that fits an id, a name or a file.

    Raises:
        NoSuchStudent: none fits, or several do.
    """
    found = matching_submissions(report.submissions, wanted)
    if len(found) == 1:
        return found[0]
    names = [
        one.student if one.student != wanted else one.file for one in (found or report.submissions)
    ]
    problem = f"{len(found)} submissions fit" if found else "No submission fits"
    raise NoSuchStudent(
        f"{problem} {wanted!r}.", f"There is: {', '.join(names[:10])}{', …' * (len(names) > 10)}."
    )
