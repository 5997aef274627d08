"""The command `regrade`: decide again from stored traces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import options, screen
from grader.cli.class_report import course_language, write_pages_and_tell
from grader.cli.exit import guarded
from grader.cli.trust import with_consent
from grader.outputs.terminal.regrade import regrade_view
from grader.outputs.terminal.tables import unsealed_line
from grader.outputs.wording import language_of
from grader.progress import Progress
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.batch.regrade import Regraded


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@options.running
@options.folders
@options.language
@guarded
def regrade(folder: Path, trust: bool, **given: Any) -> None:
    """Grade again from stored traces, and say whose score changed."""

    def graded(settings: Settings) -> Regraded:
        with screen.progress() as progress:
            return regrade_traces(folder, settings, progress)

    settings = options.settings_of({"out": folder, **given})
    regraded = with_consent(
        graded, settings, [folder], said=trust, language=lambda: course_language(settings)
    )
    language = language_of(regraded.report, settings.language)
    if regraded.report.grader.sandbox == "none":
        screen.show(unsealed_line(language))
    changes = [
        (change.student, change.exercise, change.before, change.after)
        for change in regraded.changes
    ]
    screen.show(
        regrade_view(
            regraded.reused, regraded.rerun, regraded.why, changes, language, report=regraded.report
        )
    )
    write_pages_and_tell(regraded.report, folder, settings.language)


def regrade_traces(out: Path, settings: Settings, progress: Progress) -> Regraded:
    """Grade stored traces again; see `grader.batch.regrade`."""
    from grader.batch import regrade as regrading

    return regrading.regrade(out, settings, progress)
