"""What several commands do with a class's report: show it, write its pages, say what comes next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import authoring, screen
from grader.messages import Language, word
from grader.outputs.safe_text import safe
from grader.outputs.terminal.tables import class_table, make_console, unsealed_line
from grader.outputs.wording import language_of
from grader.progress import Progress
from grader.report import Report
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.store.store import Store


def write_pages(
    store: Store, report: Report, language: Language | None, progress: Progress
) -> Path:
    """Write the pages of a class beside its report; see `grader.outputs.pages.write`."""
    from grader.outputs.pages import write

    return write.write_pages(store, report, language, progress)


def show_report(report: Report, asked: Language | None, *, as_json: bool) -> None:
    """Print the table of a class, or its report as JSON."""
    language = language_of(report, asked)
    if as_json:
        screen.show_json(report.model_dump_json())
        if report.grader.sandbox == "none":
            make_console(sys.stderr).print(unsealed_line(language))
    else:
        screen.show(class_table(report, language))


def write_pages_and_tell(
    store: Store, report: Report, asked: Language | None, *, err: bool = False
) -> None:
    """Write the pages, and say where everything is."""
    with screen.progress() as progress:
        write_pages(store, report, asked, progress)
    tell_where_next(report, store.folder, language_of(report, asked), err=err)


def tell_where_next(report: Report, folder: Path, language: Language, *, err: bool = False) -> None:
    """Where the pages and the report are, and what to do next."""
    write, console = folder / "index.html", make_console(sys.stderr if err else sys.stdout)
    told = [word("pages", language, file=write)] if write.exists() else []
    told.append(word("report", language, file=folder / "report.json"))
    if waiting := report.summary.pending_exercises:
        told.append(word("next-review", language, count=waiting, folder=folder))
    told.append(word("next-show", language, folder=folder))
    console.print()
    for line in told:
        console.print(safe(line), soft_wrap=True)


def course_language(settings: Settings) -> Language:
    """The language asked for; without one, that of the first assignment."""
    if settings.language:
        return settings.language
    return next(iter(authoring.languages(settings, settings.assignment).values()), "en")
