"""What a command does with an exception: one line on stderr and an exit code, in place of a traceback."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import click

from grader.errors import GraderError
from grader.outputs.safe_text import plain
from grader.report import Report, SubmissionResult

BELOW, USAGE, OUR_FAULT, INTERRUPTED = 1, 2, 3, 130
"""Exit codes beside 0 (graded) and 5 (nothing to grade, which `NothingToGrade` carries)."""

OF_GRADING = frozenset(
    {"ipykernel", "jupyter_client", "nbclient", "nbformat", "numpy", "torch", "tornado", "zmq"}
)
"""What the extra `grading` installs, and a student's check does without."""

Command = Callable[..., None]


class NoSuchStudent(GraderError):
    """No single submission fits what was asked for."""

    exit_code = USAGE


class Faults:
    """Turns what a command raises (but click's own) into one line on stderr, and an exit code."""

    def __init__(self, *, debug: bool) -> None:
        self._debug = debug

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(
            error, click.ClickException | click.exceptions.Exit | SystemExit
        ):
            return
        if self._debug:
            traceback.print_exception(error)
        code, line = _fault(error)
        click.echo(f"grade: {plain(line)}", err=True)
        raise click.exceptions.Exit(code) from None


def _fault(error: BaseException) -> tuple[int, str]:
    if isinstance(error, GraderError):
        return error.exit_code, str(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):  # click's own is for one at a question
        return (
            INTERRUPTED,
            "Interrupted. What was graded is kept: the same command goes on from there.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name in OF_GRADING:
        advice = "Install the rest with: pip install 'grader[grading]'. A student's check needs the release instead."
        return OUR_FAULT, f"Grading needs {error.name}, which is not installed. {advice}"
    name = type(error).__name__
    return (
        OUR_FAULT,
        f"{name}: {error} (a fault of the grader's; run again with --debug to see where)",
    )


def guarded(function: Command) -> Command:
    """Give a command `--debug`, and one line in place of a traceback."""

    @click.option("--debug", is_flag=True, help="Show tracebacks.")
    @functools.wraps(function)
    def command(debug: bool, **arguments: Any) -> None:
        with Faults(debug=debug):
            function(**arguments)

    return command


def of_class(report: Report, percent: float) -> int:
    """The exit code under `--fail-under`: 1 if one is below; 3 if none is, but one is ungradable by our fault."""
    if any(is_below(submission, percent) for submission in report.submissions):
        return BELOW
    return OUR_FAULT if any(one.status == "ungradable" for one in report.submissions) else 0


def is_below(submission: SubmissionResult, percent: float) -> bool:
    """Whether a submission has less than a percentage of its automatic points.

    One that cannot be read or is a wrong file always counts as below; one without points to be had (all of
    them pending) never does, nor one that we could not grade.
    """
    if submission.status in ("unreadable", "wrong_file"):
        return True
    if submission.status == "ungradable" or not submission.max_points:
        return False
    return 100 * submission.points / submission.max_points < percent - 1e-9


def of_check(result: SubmissionResult) -> int:
    """The exit code of a check: whether a student's notebook passes all that is decided automatically."""
    if result.status == "ungradable":
        return OUR_FAULT
    automatic = [exercise.status for exercise in result.exercises if exercise.automatic]
    passed = result.status == "graded" and all(
        status in ("passed", "pending") for status in automatic
    )
    return 0 if passed else BELOW
