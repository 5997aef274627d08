"""Print the report of a class, write its pages, and print what to do next."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import console
from grader.cli.exit import is_below
from grader.messages import Language, number, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import class_table, make_console, unsealed_line
from grader.outputs.wording import language_of, score
from grader.progress import Progress
from grader.report import Report, SubmissionResult

if TYPE_CHECKING:
    from grader.store.store import Store


def write_pages(
    store: Store,
    report: Report,
    language: Language | None,
    progress: Progress,
) -> Path:
    """Write the pages of a class beside its report; see `grader.outputs.pages.write`."""
    from grader.outputs.pages import write

    return write.write_pages(store, report, language, progress)


def show_report(report: Report, asked: Language | None, *, as_json: bool) -> None:
    """Print the table of a class, or its report as JSON."""
    language = language_of(report, asked)
    if not as_json:
        console.show(class_table(report, language))
        return
    console.show_json(report.model_dump_json())
    if report.grader.sandbox == "none":
        console.show(unsealed_line(language), err=True)


def write_pages_and_tell(
    store: Store,
    report: Report,
    asked: Language | None,
    *,
    err: bool = False,
) -> None:
    """Write the pages, and print where everything is."""
    with console.progress() as progress:
        write_pages(store, report, asked, progress)
    language = language_of(report, asked)
    tell_where_next(report, store.folder, language, err=err)


def tell_who_is_below(report: Report, percent: float, language: Language) -> None:
    """Print which submissions are below `--fail-under`, on standard error."""
    names: list[str] = []
    for submission in report.submissions:
        if is_below(submission, percent):
            name = submission.student or submission.file
            names.append(f"{name} ({_decided_points(submission, language)})")

    if names:
        limit = number(percent, language)
        sentence = word("below", language, percent=limit, names=", ".join(names))
        console.show(safe(sentence), err=True)


def _decided_points(submission: SubmissionResult, language: Language) -> str:
    """Format the points that `--fail-under` compares, or the reason why there are none."""
    if submission.status in ("graded", "unchanged"):
        return score(submission.points, submission.max_points, language)
    return word(submission.status, language)


def tell_where_next(report: Report, folder: Path, language: Language, *, err: bool = False) -> None:
    """Print where the pages and the report are, and what to do next."""
    stream = sys.stderr if err else sys.stdout
    output = make_console(stream)
    output.print()
    for line in _next_steps(report, folder, language):
        output.print(safe(line), soft_wrap=True)


def _next_steps(report: Report, folder: Path, language: Language) -> Iterator[str]:
    class_page = folder / "index.html"
    if class_page.exists():
        yield word("pages", language, file=class_page)
    yield word("report", language, file=folder / "report.json")

    pending = report.summary.pending_exercises
    if pending:
        yield word("next-review", language, count=pending, folder=folder)
    yield word("next-show", language, folder=folder)
