"""Shows a run under way: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from grader.outputs.safe_text import plain


class ProgressBar:
    """How far a run has come: a bar with the time left on a terminal, a line now and then elsewhere.

    Use it as a context manager; `stage` and `advance` are called by what does the work.
    """

    def __init__(
        self,
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = 30.0,
    ) -> None:
        """Take the console (of stderr, so that stdout holds only results), a clock, seconds between lines."""
        self._console = console
        self._clock = clock
        self._every_s = every_s
        self._told_at: float | None = None
        self._stage, self._done, self._total = "", 0, 0
        self._began = clock()
        self._bar = _bar(console) if console.is_interactive else None

    def __enter__(self) -> ProgressBar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def stage(self, text: str, total: int | None) -> None:
        """Begin a stage of `total` units; None: nobody knows how many."""
        self._stage, self._done, self._total, self._began = (
            plain(text),
            0,
            total or 0,
            self._clock(),
        )
        if self._bar:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(self._stage, total=total)
        else:
            self._tell()

    def advance(self, text: str = "") -> None:
        """One unit is done; `text` says which."""
        self._done += 1
        if self._bar and self._bar.task_ids:
            described = f"{self._stage} · {plain(text)}" if text else self._stage
            self._bar.update(self._bar.task_ids[-1], advance=1, description=described)
        elif not self._bar:
            self._tell()

    def _tell(self) -> None:
        """A plain line, at the start and then at most every so many seconds."""
        now = self._clock()
        if self._told_at is not None and now - self._told_at < self._every_s:
            return
        self._told_at = now
        self._console.print(Text(f"{self._stage}{self._counts(now)}"))

    def _counts(self, now: float) -> str:
        if not (self._total and self._done):
            return f" (0/{self._total})" if self._total else ""
        left_s = round((now - self._began) / self._done * (self._total - self._done))
        return f" ({self._done}/{self._total}, ~{left_s // 60}:{left_s % 60:02})"


class _Count(bars.MofNCompleteColumn):
    """How many units are done, of how many; nothing where nobody knows how many there are."""

    def render(self, task: bars.Task) -> Text:
        return Text("") if task.total is None else super().render(task)


def _bar(console: Console) -> bars.Progress:
    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        _Count(),
        bars.TimeRemainingColumn(compact=True),
    )
    return bars.Progress(*columns, console=console, transient=True)
