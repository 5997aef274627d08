"""Leave exercises pending where the machine kept the student's code from running. Pure.

An exercise waits only if the student tried it: cells in its section failed because of the machine,
or build on cells that did.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.grading.causes import LOGGERS, Cause, Causes
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.sections import Sections
from grader.machine import names_own_file
from grader.report import Message


def fault_message(cause: Cause) -> Message:
    """Describe the missing resource of the machine, or the limit that was reached."""
    reason = cause.reason
    if reason == "package" and names_own_file(cause.what):
        reason = "module"
    return message(f"machine.{reason}", what=cause.what, cell=cause.cell)


def waiting_outcome(cause: Cause) -> Outcome:
    """Build the outcome of an exercise that waits because the machine failed."""
    why = fault_message(cause)
    flag = RaisedFlag("machine", None, why)
    return Outcome("pending", why, flags=(flag,))


class MachineFaults:
    """The machine's faults in a submission, by exercise."""

    def __init__(
        self,
        causes: Causes,
        sections: Sections,
        in_functions: Mapping[int, str] | None = None,
        fetched: Mapping[str, Cause] | None = None,
    ) -> None:
        """Initialise with the causes, and the cells that try each exercise.

        Args:
            causes: why cells failed.
            sections: which cells are a try at which exercise.
            in_functions: per cell with functions that need a missing package, the package.
            fetched: per exercise that asks for a name which is from a missing module, the cause.
        """
        self._causes = causes
        self._sections = sections
        self._in_functions = in_functions or {}
        self._fetched = fetched or {}

    def of(self, exercise: str) -> Cause | None:
        """Return the fault that kept an exercise's code from running; None if there is none."""
        for cell in self._sections.cells_of(exercise):
            cause = self._causes.waiting.get(cell)
            if cause is not None:
                return cause
        return self._fetched.get(exercise)

    def lacking(self, exercise: str, *, logging: bool = True) -> Cause | None:
        """Return the missing package that code of an exercise used; None if there is none.

        Args:
            exercise: its id.
            logging: whether a package that only logs counts.
        """
        used = {}
        for cell, package in self._causes.stand_ins.items():
            if logging or package not in LOGGERS:
                used[cell] = package
        return self._package_in(exercise, used)

    def lacking_when_asked(self, exercise: str) -> Cause | None:
        """Return the missing package that functions of an exercise need; None if there is none."""
        return self._package_in(exercise, self._in_functions)

    def _package_in(self, exercise: str, packages: Mapping[int, str]) -> Cause | None:
        for cell in self._sections.cells_of(exercise):
            package = packages.get(cell)
            if package is not None:
                return Cause("machine", "package", package, cell)
        return None
