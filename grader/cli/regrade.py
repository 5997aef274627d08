"""The command `regrade`: grade again from stored traces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.class_report import write_pages_and_tell
from grader.cli.course import course_language, tell_lost_seed
from grader.cli.exit import guarded
from grader.cli.trust import with_consent
from grader.messages import Language
from grader.outputs.terminal.regrade import regrade_view
from grader.outputs.terminal.tables import unsealed_line
from grader.outputs.wording import language_of
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.batch.regrade import Regraded, StoredRun


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@options.running
@options.folders
@options.language
@guarded
def regrade(folder: Path, trust: bool, **given: Any) -> None:
    """Grade again from stored traces, and list the scores that changed."""
    settings = options.settings_of({"out": folder, **given})

    def decide_again(settings: Settings) -> None:
        with open_stored(settings) as stored:
            tell_lost_seed(stored.store, lambda: course_language(settings))
            with console.progress() as progress:
                regraded = stored.regrade(progress)
            _show(regraded, settings.language)
            write_pages_and_tell(stored.store, regraded.report, settings.language)

    with_consent(
        decide_again,
        settings,
        [folder],
        said=trust,
        language=lambda: course_language(settings),
    )


@contextmanager
def open_stored(settings: Settings) -> Iterator[StoredRun]:
    """Open the stored results of an earlier run; see `grader.batch.regrade`."""
    from grader.batch.regrade import StoredRun
    from grader.running.sandbox.sandbox import Sandbox
    from grader.store.store import Store

    with Sandbox(settings.sandbox) as sandbox, Store(settings.out) as store:
        yield StoredRun(settings, store, sandbox)


def _show(regraded: Regraded, asked: Language | None) -> None:
    """Print which scores changed, and why."""
    language = language_of(regraded.report, asked)
    if regraded.report.grader.sandbox == "none":
        console.show(unsealed_line(language))
    changes = [
        (change.student, change.exercise, change.before, change.after)
        for change in regraded.changes
    ]
    view = regrade_view(
        regraded.reused,
        regraded.rerun,
        regraded.why,
        changes,
        language,
        report=regraded.report,
    )
    console.show(view)
