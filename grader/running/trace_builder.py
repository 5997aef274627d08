"""Build the trace of a job from the events of its kernels."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence

from grader.job import Job, Question
from grader.running.events import EventPipe, run_from
from grader.running.pictures import Pictures
from grader.running.replays import Replay
from grader.trace import BASE, CellRun, Event, Run, Trace


class TraceBuilder:
    """The events from the kernels of a job so far."""

    def __init__(self, job: Job) -> None:
        """Initialise without events; the time of the trace starts now."""
        self._job = job
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._expected: Collection[str] = (BASE,)
        self._forged = 0
        self._truncated = False
        self._peak_mib: int | None = None
        self.base_cells: list[CellRun] = []
        """How the cells of the base run ended, in the order they ran."""
        self.ended: list[str] = []
        """Labels of the runs in which a kernel ended that the grader had not ended."""
        self.pictures = Pictures()

    def take(self, pipe: EventPipe) -> None:
        """Collect the events that have come through a kernel's pipe since the last call.

        SECURITY: those of a run that was not asked for are dropped, and count as forged. A notebook
        that runs on a variant could show its numbers as if they were the student's own.
        """
        for event in pipe.take():
            if event.run in self._expected:
                self._events.append(event)
            else:
                self._forged += 1
        self._note_faults(pipe)

    def expect_replays(self, replays: Iterable[Replay]) -> None:
        """From now on, accept only the events of some replays, and of the calls in them."""
        expected = []
        for replay in replays:
            expected.append(replay.label)
            if replay.calls is not None:
                expected += [f"{replay.calls}{label}" for label in self._question_labels()]
        self._expected = frozenset(expected)

    def expect_answers(self, question: Question) -> None:
        """From now on, accept only the events of one question, and of the cells.

        SECURITY: code that one question calls cannot answer another. Threads of the cells may still
        be at work.
        """
        self._expected = frozenset((BASE, *question.all_labels))

    def _question_labels(self) -> Iterator[str]:
        for question in self._job.questions:
            yield from question.all_labels

    def drop(self, pipe: EventPipe) -> None:
        """Drop the events that have come through a kernel's pipe since the last call."""
        pipe.take()
        self._note_faults(pipe)

    def _note_faults(self, pipe: EventPipe) -> None:
        self._forged += pipe.forged
        pipe.forged = 0
        self._truncated |= pipe.truncated

    def note_memory(self, peak_mib: int | None) -> None:
        """Record the most memory that a kernel used, in MiB; None if unknown."""
        figures = [figure for figure in (self._peak_mib, peak_mib) if figure]
        self._peak_mib = max(figures, default=None)

    def trace(self) -> Trace:
        """Build the trace of what has been recorded so far."""
        names = [file.name for file in self._job.files]
        runs = []
        for label, events in self._events_by_label().items():
            run = self._run(label, events)
            runs.append(run)
        return Trace(
            cells=self._job.cells,
            runs=tuple(runs),
            forged=self._forged,
            truncated=self._truncated,
            seconds=time.monotonic() - self._began,
            peak_mib=self._peak_mib,
            ended=tuple(self.ended),
            pictures=tuple(self.pictures.kept),
            files=tuple(dict.fromkeys(names)),
            modules=self._job.modules,
        )

    def run_of(self, label: str, renamed: str | None = None) -> Run:
        """Build the run of a label.

        Args:
            label: the label under which it was recorded.
            renamed: the label to give it; None: the same.
        """
        events = [event for event in self._events if event.run == label]
        run = self._run(label, events)
        if renamed is None:
            return run
        renamed_events = []
        for event in run.events:
            renamed_event = event.model_copy(update={"run": renamed})
            renamed_events.append(renamed_event)
        update = {"label": renamed, "events": tuple(renamed_events)}
        return run.model_copy(update=update)

    def _events_by_label(self) -> dict[str, list[Event]]:
        by_label: dict[str, list[Event]] = {BASE: []}
        for event in self._events:
            events = by_label.setdefault(event.run, [])
            events.append(event)
        return by_label

    def _run(self, label: str, events: Sequence[Event]) -> Run:
        cells = self.base_cells if label == BASE else ()
        return run_from(label, events, cells)
