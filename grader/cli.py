"""The command line: arguments → settings → batch → exit code. Imports no torch and no Jupyter at its start.

What is heavy is imported by the functions that hand a command on to it, which tests put fakes in place of.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__, authoring, exitcodes, exporting, options, screen
from grader.consent import with_consent
from grader.faults import OUR_FAULT, NoSuchStudent, guarded
from grader.messages import LANGUAGES, Language, word
from grader.options import FOLDER, RUNNING, option
from grader.render.progress import Progress
from grader.render.similar import similar_view
from grader.render.terminal import class_table, make_console, regrade_view, submission_view, unsealed_line
from grader.render.words import fitting, language_of, own, safe
from grader.reviewing.command import review
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.arriving.arrivals import MappedFiles
    from grader.assignment import Assignment
    from grader.doctor import Diagnosis
    from grader.regrading import Regraded
    from grader.release import Release
    from grader.report import AssignmentInfo, Report, SubmissionResult
    from grader.story import Story


# What the commands hand on to


def grade_paths(paths: Sequence[Path], settings: Settings, progress: Progress) -> Report:
    """Grade what was handed in; see `grader.batch`."""
    from grader.running.tiers import Sandbox

    with Sandbox(settings.sandbox) as sandbox:
        if settings.fresh or not settings.out.exists():
            sandbox.begin()  # kernels will be needed; the rest is imported meanwhile
        from grader import batch

        return batch.grade_paths(paths, settings, progress, sandbox)


def preview(paths: Sequence[Path], settings: Settings) -> tuple[MappedFiles, Language]:
    """What would be graded; see `grader.arriving`."""
    from grader.arriving import preview

    return preview.preview(paths, settings)


def check_notebook(path: Path, settings: Settings, progress: Progress) -> tuple[Assignment, SubmissionResult]:
    """Grade one notebook for its student; see `grader.batch`."""
    from grader import batch

    return batch.check_notebook(path, settings, progress)


def check_with_release(path: Path, given: Path, progress: Progress) -> tuple[Assignment, SubmissionResult, Release]:
    """Check one notebook with a release; see `grader.home`."""
    from grader.home import check_with

    return check_with(path, given, progress)


def regrade_traces(out: Path, settings: Settings, progress: Progress) -> Regraded:
    """Grade stored traces again; see `grader.regrading`."""
    from grader import regrading

    return regrading.regrade(out, settings, progress)


def find_release(notebook: Path) -> Path | None:
    """The release that is meant for a notebook; see `grader.release`."""
    if not any(path.is_file() for path in (notebook.parent / "check.json", Path("check.json"))):
        return None
    from grader.release import find_release

    return find_release(notebook)


def read_report(folder: Path) -> Report:
    """The report of an earlier run; see `grader.store`."""
    from grader import store

    return store.read_report(folder)


def tell_story(folder: Path, result: SubmissionResult) -> Story:
    """What a submission's lines left behind, from its stored run; see `grader.story`."""
    from grader.kept import read_run
    from grader.story import tell

    return tell(*read_run(folder, result), result)


def write_pages(folder: Path, language: Language | None, progress: Progress) -> Path:
    """Write the pages of a class beside its report; see `grader.pages`."""
    from grader import pages

    return pages.write_pages(folder, language, progress)


def look_at_machine(settings: Settings) -> Diagnosis:
    """What this machine has for grading; see `grader.doctor`."""
    from grader import doctor

    return doctor.diagnose(settings)


# The commands

FAIL_UNDER = "Exit with 1 if a submission has less than this percentage of its points."
OUT = "Folder for report and traces."
DRY_RUN = "Say which file is whose and which count, and run nothing."
ROSTER = "CSV of who is in the class: who they are, and who handed in nothing."
RELEASE = "The check.json, its folder or its zip; found beside the notebook if not given."


class DefaultsToRun(click.Group):
    """A group in which `grade PATH…` means `grade run PATH…`."""

    command_class = options.GroupedCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before arguments that begin with neither a command nor an option of the group."""
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=DefaultsToRun, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Grade PyTorch notebooks by what they compute.

    `grade PATH…` is short for `grade run PATH…`. A path that is named like a command is given as ./check.

    Exit codes: 0 graded; 1 below --fail-under, or a check failed; 2 usage; 3 a fault of the grader's or the
    instructor's; 5 nothing to grade.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@option("--fail-under", metavar="PCT", type=click.FloatRange(0, 100), help=FAIL_UNDER)
@option("--json", "as_json", is_flag=True, help="Print the report as JSON in place of the table.")
@option("--dry-run", is_flag=True, help=DRY_RUN)
@option("--roster", metavar="FILE", type=click.Path(path_type=Path), help=ROSTER)
@options.running
@option("--fresh", group=RUNNING, is_flag=True, help="Run every notebook again, also unchanged ones.")
@options.limits
@options.assignment
@option("--out", group=options.FOLDERS, type=FOLDER, default="grades", show_default=True, help=OUT)
@options.folders
@exporting.outputs
@options.language
@guarded
def run(
    paths: tuple[Path, ...], fail_under: float | None, as_json: bool, dry_run: bool, trust: bool, **given: Any
) -> None:
    """Grade notebooks: files, folders of them, and the zips that an LMS gives."""

    def graded(settings: Settings) -> Report:
        with screen.progress() as progress:
            return grade_paths(paths, settings, progress)

    wanted = exporting.take_outputs(given)
    if wanted.github and as_json:
        raise click.UsageError("--json and --github both print on standard output: give one of them.")
    settings = options.settings_of(given)
    if dry_run:
        _show_mapping(*preview(paths, settings), settings.language, as_json=as_json)
        return
    with exporting.failing_to(wanted, settings.language):
        with exporting.muted(wanted):
            report = with_consent(graded, settings, paths, said=trust, language=lambda: _course_language(settings))
            _show_report(report, settings.language, as_json=as_json)
            _with_pages(report, settings.out, settings.language, err=as_json)
        exporting.write(wanted, report, settings.out, settings.language, roots=paths, err=as_json)
    if fail_under is not None:
        screen.leave(exitcodes.of_class(report, fail_under))


@cli.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@option("--release", metavar="PATH", type=click.Path(path_type=Path), help=RELEASE)
@options.assignment
@options.folders
@options.language
@guarded
def check(notebook: Path, release: Path | None, **given: Any) -> None:
    """Check one notebook: what passes, what does not and why. Shows no answers.

    With a release (the zip that came with the assignment, or the check.json in it), other numbers take the data's
    place, and no reference is needed. Without one, the reference is run.
    """
    settings = options.settings_of(given)
    found, with_points = release or find_release(notebook), True
    with screen.progress() as progress:
        if found:
            assignment, result, made = check_with_release(notebook, found, progress)
            with_points = made.shows_points
        else:
            assignment, result = check_notebook(notebook, settings, progress)
    language = settings.language or assignment.language
    notes = {exercise.id: own(exercise.student_note, language) for exercise in assignment.exercises}
    view = submission_view(result, language, "student", title=assignment.title, notes=notes, with_points=with_points)
    screen.show(view)
    if found:
        screen.tell("with-other-numbers", language)
    code = exitcodes.of_check(result)
    if code != OUR_FAULT:
        screen.tell("again" if code else "all-right", language)
    screen.leave(code)


@cli.command()
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
    regraded = with_consent(graded, settings, [folder], said=trust, language=lambda: _course_language(settings))
    language = language_of(regraded.report, settings.language)
    if regraded.report.grader.sandbox == "none":
        screen.show(unsealed_line(language))
    changes = [(change.student, change.exercise, change.before, change.after) for change in regraded.changes]
    screen.show(regrade_view(regraded.reused, regraded.rerun, regraded.why, changes, language, report=regraded.report))
    _with_pages(regraded.report, folder, settings.language)


@cli.command()
@click.argument("words", nargs=-1, metavar="[FOLDER] [STUDENT]")
@options.language
@option("--story", is_flag=True, help="Show a student's lines, and beside each what it left behind.")
@guarded
def show(words: tuple[str, ...], language: Language | None, story: bool) -> None:
    """Show the class of an earlier run, or one student in full."""
    folder, student = _folder_and_student(words)
    if story and not student:
        raise click.UsageError("--story is of one student: name one.")
    report = read_report(folder)
    if not student:
        _show_report(report, language, as_json=False)
        _where_next(report, folder, language_of(report, language))
        return
    result = find_submission(report, student)
    language = language_of(report, language, result.assignment)
    infos = [info for info in report.assignments if info.name == result.assignment]
    title, notes = (infos[0].title, _notes(infos[0], language)) if infos else ("", {})
    if story:
        from grader.render.story import story_view

        screen.show(story_view(tell_story(folder, result), result, language, title=title))
        return
    screen.show(submission_view(result, language, "instructor", title=title, notes=notes))
    screen.show(similar_view(report, result, language))


@cli.command()
@option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is found.")
@guarded
def doctor(as_json: bool, language: Language) -> None:
    """Look at what this machine has for grading, and how to get more.

    Exit code 0 if notebooks can be sealed off here, 3 if not.
    """
    with screen.progress() as progress:
        progress.stage(word("stage-doctor", language), None)
        diagnosis = look_at_machine(Settings(language=language))
    if as_json:
        screen.show_json(diagnosis.model_dump_json())
    else:
        from grader.render.diagnosis import diagnosis_view

        screen.show(diagnosis_view(diagnosis, language))
    screen.leave(0 if diagnosis.sealed else OUR_FAULT)


for command in (authoring.new, authoring.validate, authoring.release, review, exporting.export):
    cli.add_command(command)


# What they are made of


def _show_mapping(files: MappedFiles, course: Language, asked: Language | None, *, as_json: bool) -> None:
    from grader.render.handed_in import mapping_view

    if as_json:
        screen.show_json(files.model_dump_json())
    else:
        screen.show(mapping_view(files, asked or course, course))


def _show_report(report: Report, asked: Language | None, *, as_json: bool) -> None:
    language = language_of(report, asked)
    if as_json:
        screen.show_json(report.model_dump_json())
        if report.grader.sandbox == "none":
            make_console(sys.stderr).print(unsealed_line(language))
    else:
        screen.show(class_table(report, language))


def _with_pages(report: Report, folder: Path, asked: Language | None, *, err: bool = False) -> None:
    """Write the pages, and say where everything is."""
    with screen.progress() as progress:
        write_pages(folder, asked, progress)
    _where_next(report, folder, language_of(report, asked), err=err)


def _where_next(report: Report, folder: Path, language: Language, *, err: bool = False) -> None:
    """Where the pages and the report are, and what to do next."""
    pages, console = folder / "index.html", make_console(sys.stderr if err else sys.stdout)
    told = [word("pages", language, file=pages)] if pages.exists() else []
    told.append(word("report", language, file=folder / "report.json"))
    if waiting := report.summary.pending_exercises:
        told.append(word("next-review", language, count=waiting, folder=folder))
    told.append(word("next-show", language, folder=folder))
    console.print()
    for line in told:
        console.print(safe(line), soft_wrap=True)


def _course_language(settings: Settings) -> Language:
    """The language asked for; without one, that of the first assignment."""
    if settings.language:
        return settings.language
    return next(iter(authoring.languages(settings, settings.assignment).values()), "en")


def _notes(info: AssignmentInfo, language: Language) -> dict[str, str]:
    """What the instructor should know of each exercise."""
    return {e.id: own(e.note, language) for e in info.exercises}


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
    found = fitting(report.submissions, wanted)
    if len(found) == 1:
        return found[0]
    names = [one.student if one.student != wanted else one.file for one in (found or report.submissions)]
    problem = f"{len(found)} submissions fit" if found else "No submission fits"
    raise NoSuchStudent(f"{problem} {wanted!r}.", f"There is: {', '.join(names[:10])}{', …' * (len(names) > 10)}.")
