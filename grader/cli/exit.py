"""End a command: exit codes, and one line on stderr in place of a traceback."""

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

# Beside these: 0 (graded), and 5 (nothing to grade), which `NothingToGrade` carries.

BELOW = 1
"""A submission is below `--fail-under`, or a check failed."""

USAGE = 2
"""The command line is wrong; click's own code, too."""

OUR_FAULT = 3
"""A fault of the grader's or of the instructor's."""

UNCHECKED = 4
"""A check in which nothing could be checked."""

INTERRUPTED = 130
"""Somebody pressed Ctrl-C."""

GRADING_MODULES = frozenset(
    {"ipykernel", "jupyter_client", "nbclient", "nbformat", "numpy", "torch", "tornado", "zmq"}
)
"""Packages that the extra `grading` installs, and a student's check does not need."""

ROUNDING = 1e-9
"""Percentages that differ by less count as equal."""

Command = Callable[..., None]


class NoSuchStudent(GraderError):
    """No submission matches the search, or several do."""

    exit_code = USAGE


class FaultReporter:
    """Turns exceptions of a command (except click's) into one line on stderr and an exit code."""

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
        if error is None or _is_exit(error):
            return
        if self._debug:
            traceback.print_exception(error)
        code, line = _fault(error)
        click.echo(f"grade: {plain(line)}", err=True)
        raise click.exceptions.Exit(code) from None


def _is_exit(error: BaseException) -> bool:
    return isinstance(error, click.ClickException | click.exceptions.Exit | SystemExit)


def _fault(error: BaseException) -> tuple[int, str]:
    """Return the exit code for an exception, and the line to print about it."""
    if isinstance(error, GraderError):
        return error.exit_code, str(error)

    # click raises its own for a Ctrl-C at a question.
    if isinstance(error, KeyboardInterrupt | click.Abort):
        line = "Interrupted. What was graded is kept: the same command goes on from there."
        return INTERRUPTED, line

    if isinstance(error, ModuleNotFoundError) and error.name in GRADING_MODULES:
        return OUR_FAULT, (
            f"Grading needs {error.name}, which is not installed. "
            "Run: pip install 'notebook-grader[grading]'. "
            "A student's check needs the release instead."
        )

    description = f"{type(error).__name__}: {error}"
    return OUR_FAULT, (
        f"{description} (a fault of the grader's; run again with --debug to see where)"
    )


def guarded(function: Command) -> Command:
    """Add `--debug` to a command, and print one line in place of a traceback."""

    @click.option("--debug", is_flag=True, help="Show tracebacks.")
    @functools.wraps(function)
    def command(debug: bool, **arguments: Any) -> None:
        with FaultReporter(debug=debug):
            function(**arguments)

    return command


def code_for_class(report: Report, percent: float) -> int:
    """Return the exit code under `--fail-under`.

    Returns:
        1 if a submission is below; 3 if none is, but one is ungradable by our fault; else 0.
    """
    if any(is_below(submission, percent) for submission in report.submissions):
        return BELOW
    if any(submission.status == "ungradable" for submission in report.submissions):
        return OUR_FAULT
    return 0


def is_below(submission: SubmissionResult, percent: float) -> bool:
    """Return whether a submission has less than a percentage of its automatic points.

    An unreadable or wrong file always counts as below. A submission whose points are all pending
    never does, and neither does one that could not be graded.
    """
    if submission.status in ("unreadable", "wrong_file"):
        return True
    if submission.status == "ungradable" or not submission.max_points:
        return False
    earned_percent = 100 * submission.points / submission.max_points
    return earned_percent < percent - ROUNDING


def code_for_check(result: SubmissionResult) -> int:
    """Return the exit code of a check.

    Returns:
        0 if all that was decided passes, 1 if something does not, 4 if nothing could be decided, 3
        if that is our fault.
    """
    if result.status == "ungradable":
        return OUR_FAULT
    if result.status != "graded":
        return BELOW
    for exercise in result.exercises:
        if exercise.automatic and exercise.status not in ("passed", "pending", "not_asked"):
            return BELOW
    passed = [exercise.status == "passed" for exercise in result.exercises if exercise.automatic]
    if not any(passed):
        return UNCHECKED
    return 0
