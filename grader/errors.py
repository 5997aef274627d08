"""The grader's exceptions, for its own faults and the instructor's.

A failure of a student's notebook is data, not an exception.
"""

from __future__ import annotations

from pathlib import Path


class GraderError(Exception):
    """An error that the user can correct; printed as one line.

    Attributes:
        problem: what is wrong, in one sentence.
        advice: what to do about it, in one sentence; may be empty.
        exit_code: exit code of the command (3: our fault or the instructor's; 5: nothing to grade).
    """

    exit_code = 3

    def __init__(self, problem: str, advice: str = "") -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem} {advice}".strip())

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in place of a traceback."""
        return [str(self)]


class AssignmentError(GraderError):
    """An assignment or its reference is invalid: the instructor corrects it.

    Attributes:
        where: the file that has to change.
    """

    def __init__(self, problem: str, advice: str = "", *, where: Path | None = None) -> None:
        self.where = where
        located = problem
        if where:
            located = f"{where}: {problem}"
        super().__init__(located, advice)


class NothingToGrade(GraderError):
    """No submission was found where one was expected."""

    exit_code = 5


class OutputInUse(GraderError):
    """Another run holds the output folder."""


class KernelUnavailable(GraderError):
    """No kernel could be started, or it ended for a reason other than the submission."""


class SandboxUnavailable(GraderError):
    """No sandbox works on this machine, and the user has not agreed to run without."""


class SubmissionUnreadable(GraderError):
    """A submitted file cannot be read as a notebook.

    Attributes:
        reason: message id of the reason, for the report.
        params: parameters of that message.
    """

    def __init__(self, reason: str, **params: str | int) -> None:
        self.reason = reason
        self.params = params
        super().__init__(reason)
