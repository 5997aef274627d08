"""The command `run`: grade a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, export, options
from grader.cli.class_report import show_report, tell_who_is_below, write_pages_and_tell
from grader.cli.course import course_language, require_submissions, tell_lost_seed
from grader.cli.exit import code_for_class, guarded
from grader.cli.options import FOLDER, FOLDERS, RUNNING, option
from grader.cli.trust import with_consent
from grader.messages import Language
from grader.outputs.wording import language_of
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.batch.run import ClassRun
    from grader.batch.workers.cluster_file import ClusterChoice
    from grader.outputs.write import Outputs
    from grader.report import Report
    from grader.submissions.collect import MappedFiles

FAIL_UNDER = "Exit with 1 if a submission has less than this percentage of its points."
JSON = "Print the report as JSON in place of the table."
OUT = "Folder for report and traces."
DRY_RUN = "Show which student each file belongs to and which files count; run nothing."
ROSTER = "CSV file with the class list: names, and who handed in nothing."
FRESH = "Run every notebook again, even unchanged ones."
ALLOW_MIXED = "Also use workers with other versions of grader, torch or Python; the report says so."

PATHS = click.Path(path_type=Path)
PERCENT = click.FloatRange(0, 100)


@click.command(cls=options.GroupedCommand)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=PATHS)
@option("--fail-under", metavar="PCT", type=PERCENT, help=FAIL_UNDER)
@option("--json", "as_json", is_flag=True, help=JSON)
@option("--dry-run", is_flag=True, help=DRY_RUN)
@option("--roster", metavar="FILE", type=PATHS, help=ROSTER)
@options.running
@option("--fresh", group=RUNNING, is_flag=True, help=FRESH)
@options.cluster
@option("--allow-mixed", group=RUNNING, is_flag=True, help=ALLOW_MIXED)
@options.limits
@options.assignment
@option("--out", group=FOLDERS, type=FOLDER, default="grades", show_default=True, help=OUT)
@options.folders
@export.outputs
@options.language
@guarded
def run(
    *,
    paths: tuple[Path, ...],
    fail_under: float | None,
    as_json: bool,
    dry_run: bool,
    trust: bool,
    cluster: str | None,
    allow_mixed: bool,
    **given: Any,
) -> None:
    """Grade notebooks: files, folders, and the zips of an LMS."""
    requested = export.take_outputs(given)
    if requested.github and as_json:
        raise click.UsageError(
            "--json and --github both print on standard output: give one of them."
        )
    settings = options.settings_of(given)
    if dry_run:
        _show_mapping(paths, settings, as_json=as_json)
        return

    choice = _cluster_choice(cluster, trust=trust, allow_mixed=allow_mixed)
    handed_in = _HandedIn(paths, requested, choice, as_json=as_json)
    with export.reporting_failure(requested, settings.language):
        if choice is not None:
            report = handed_in.grade(settings)  # --trust is for its workers
        else:
            report = with_consent(
                handed_in.grade,
                settings,
                paths,
                said=trust,
                language=lambda: course_language(settings),
            )
    if fail_under is not None:
        language = language_of(report, settings.language)
        tell_who_is_below(report, fail_under, language)
        console.leave(code_for_class(report, fail_under))


@dataclass(frozen=True)
class _HandedIn:
    """The submissions of one call of the command, and its outputs."""

    paths: Sequence[Path]
    requested: Outputs
    cluster: ClusterChoice | None
    as_json: bool = field(kw_only=True)

    def grade(self, settings: Settings) -> Report:
        """Grade the submissions, print the class, and write the requested outputs."""
        as_json = self.as_json
        with open_run(self.paths, settings, self.cluster) as opened:
            console.tell_missing_packages(opened.assignments, opened.language)
            tell_lost_seed(opened.store, lambda: opened.language)
            with export.muted(self.requested):
                with console.progress() as progress:
                    report = opened.grade(progress)
                show_report(report, settings.language, as_json=as_json)
                write_pages_and_tell(opened.store, report, settings.language, err=as_json)
            export.write(
                self.requested,
                report,
                opened.store,
                settings.language,
                roots=self.paths,
                err=as_json,
            )
        return report


def _cluster_choice(given: str | None, *, trust: bool, allow_mixed: bool) -> ClusterChoice | None:
    """Read the cluster to run on; None for this machine."""
    if given is None:
        if allow_mixed:
            raise click.UsageError("--allow-mixed says which workers of a --cluster are used.")
        return None
    from grader.batch.workers.cluster_file import ClusterChoice, read_cluster

    return ClusterChoice(read_cluster(given), trust=trust, allow_mixed=allow_mixed)


@contextmanager
def open_run(
    paths: Sequence[Path], settings: Settings, cluster: ClusterChoice | None = None
) -> Iterator[ClassRun]:
    """Open a run; see `grader.batch.run`."""
    from grader.running.sandbox.sandbox import Sandbox

    require_submissions(paths, settings.exercises)
    with Sandbox(settings.sandbox) as sandbox:
        is_new = settings.fresh or not settings.out.exists()
        if is_new and cluster is None:
            sandbox.begin()  # kernels will be needed; the rest is imported meanwhile
        from grader.batch import run

        with run.open_run(paths, settings, sandbox, cluster) as opened:
            yield opened


def preview(paths: Sequence[Path], settings: Settings) -> tuple[MappedFiles, Language]:
    """List the files that would be graded; see `grader.submissions.collect`."""
    from grader.submissions import collect

    require_submissions(paths, settings.exercises)
    return collect.preview(paths, settings)


def _show_mapping(paths: Sequence[Path], settings: Settings, *, as_json: bool) -> None:
    """Print which file belongs to whom and which files count."""
    from grader.outputs.terminal.submissions import mapping_view

    files, course_language = preview(paths, settings)
    if as_json:
        console.show_json(files.model_dump_json())
        return
    language = settings.language or course_language
    console.show(mapping_view(files, language, course_language))
