"""Probe single statements, by builtins of a kernel. Runs in the student's kernel."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from grader.kernel.recording.instrument import PROBE_NAME
from grader.kernel.recording.sites import ProbeSite

if TYPE_CHECKING:
    from grader.kernel.recording.recorder import Recorder


class Probe:
    """Observes one statement: called after it, or with the value of its expression."""

    __slots__ = ("count", "on", "run", "site")

    def __init__(self, site: ProbeSite, run: str) -> None:
        """Initialise with the statement, and its run."""
        self.site = site
        self.run = run
        self.on = True
        self.count = 0

    def __call__(self) -> None:
        """Record the names of the preceding statement."""
        raise NotImplementedError

    def passing(self, value: Any) -> Any:
        """Record the value of an expression, and return it."""
        raise NotImplementedError


def probes_of(recorder: Recorder) -> type[Probe]:
    """Create the class of probes that report to a recorder.

    SECURITY: probes are among the builtins. No attribute of one gives access to the recorder.
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


class ProbeTable:
    """The probes of one kernel, by their builtin names."""

    def __init__(self, kind: type[Probe]) -> None:
        """Initialise with the class of probes."""
        self._kind = kind
        self._made = 0
        self._of_cell: dict[Any, tuple[str, Probe]] = {}
        """Name and probe by the key of its site, for the cell that runs."""

    def begin_cell(self) -> None:
        """Begin a cell: its code has probes of its own."""
        self._of_cell.clear()

    def name_of(self, site: ProbeSite, run: str) -> str:
        """Return the name of the probe of a site; make it if the cell has none like it.

        Code that a cell compiles repeatedly, as `%time` in a loop, has one probe, which continues
        to count its passes. A cell could offer any number of values at one place otherwise.

        Args:
            site: the site.
            run: tells the run in which the code is compiled.
        """
        known = self._of_cell.get(site.key)
        if known is not None:
            name, probe = known
            probe.on = True
            return name

        self._made += 1
        name = PROBE_NAME.format(run, self._made)
        probe = self._kind(site, run)
        self._of_cell[site.key] = name, probe
        setattr(builtins, name, probe)
        return name
