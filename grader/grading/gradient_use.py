"""Find how a student's statements used the gradients of a backward pass. Pure.

A value that does not depend on the data, such as a step of 0, explains a failure only with this
evidence: otherwise every `w = torch.ones(1)` would look like a step that did not move.
"""

from __future__ import annotations

from grader.trace import Event, Trace

GRADIENT = ".grad"


class GradientUse:
    """The statements of a base run that used a gradient."""

    def __init__(self, trace: Trace) -> None:
        """Read the events of the base run in their order."""
        self.used: set[int] = set()
        """Ids (`id(event)`) of the events that did more with a gradient than copy it."""
        self.stepped = False
        """Whether something was computed from a gradient and kept, or an optimizer took a step."""
        self._handout = trace.handout_cells()
        self._has_run_backward = False
        self._reached: set[str] = set()
        """Names that a gradient has reached, or that were computed from such."""
        self._gradients: set[str] = set()
        """Names of copies of a gradient."""
        for event in trace.base.events:
            self._read(event)

    def _read(self, event: Event) -> None:
        if event.kind == "grad":
            self._read_backward(event)
            return

        kind = event.kind
        touches = not self._reached.isdisjoint(event.reads)
        if touches and kind in ("value", "step"):
            self._reached.update(event.assigned)

        if not self._has_run_backward:
            return
        if kind == "step" or (touches and _does_more(event)):
            self.used.add(id(event))
        if event.cell not in self._handout:
            self._read_step(event)

    def _read_backward(self, event: Event) -> None:
        self._has_run_backward = True
        for path in event.values:
            if path.endswith(GRADIENT):
                name, _, _ = path.partition(".")
                self._reached.add(name)

    def _read_step(self, event: Event) -> None:
        if event.kind == "step":
            self.stepped = True
        if event.kind != "value":
            return

        reads = event.reads
        reads_copy = not self._gradients.isdisjoint(reads)
        if not reads_copy and GRADIENT not in event.source:
            return
        if len(reads) == 1:
            self._gradients.update(event.assigned)
        elif len(reads) > 1:
            self.stepped = True


def _does_more(event: Event) -> bool:
    """Return whether a statement that reads a gradient does more than copy it."""
    if GRADIENT in event.source:
        return True
    return len(event.reads) > 1
