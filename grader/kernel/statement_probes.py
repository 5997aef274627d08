"""Watch single statements: the probes among a kernel's builtins. Runs in the student's kernel."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from grader.kernel.sites import ProbeSite

if TYPE_CHECKING:
    from grader.kernel.recorder import Recorder


class Probe:
    """Watches one statement: called after it, or given the value of its expression."""

    __slots__ = ("count", "on", "run", "site")

    def __init__(self, site: ProbeSite, run: str) -> None:
        """Take the statement, and the run that it is made for."""
        self.site = site
        self.run = run
        self.on = True
        self.count = 0

    def __call__(self) -> None:
        """Record the names of the statement before this one."""
        raise NotImplementedError

    def passing(self, value: Any) -> Any:
        """Record the value of an expression, and give it on."""
        raise NotImplementedError


def probes_of(recorder: Recorder) -> type[Probe]:
    """Make the class of probes that report to a recorder.

    SECURITY: probes stand among the builtins. No attribute of one leads to the recorder.
    """

    class RecordingProbe(Probe):
        __slots__ = ()

        def __call__(self) -> None:
            recorder.record(self, sys._getframe(1))

        def passing(self, value: Any) -> Any:
            if self.on:
                recorder.record(self, sys._getframe(1), (value,))
            return value

    return RecordingProbe
