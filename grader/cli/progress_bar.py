"""Show progress: a bar on a terminal, occasional lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich import progress as rich_progress
from rich.console import Console
from rich.text import Text

from grader.outputs.safe_text import plain, safe


class ProgressBar:
    """Shows how far a run has come, with an estimate of the time left.

    Use it as a context manager; `stage` and `advance` are called by the code that does the work.
    """

    def __init__(
        self,
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = 30.0,
    ) -> None:
        """Prepare the bar.

        Args:
            console: the console of stderr, so that stdout holds only results.
            clock: gives the time in seconds.
            every_s: seconds between two lines.
        """
        self._console = console
        self._clock = clock
        self._every_s = every_s
        self._printed_at: float | None = None
        self._stage = ""
        self._done = 0
        self._total = 0
        self._began = clock()
        self._bar = _make_bar(console) if console.is_interactive else None

    def __enter__(self) -> ProgressBar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Hide the bar while something else is printed."""
        if self._bar:
            self._bar.stop()
        try:
            yield
        finally:
            if self._bar:
                self._bar.start()

    def stage(self, text: str, total: int | None) -> None:
        """Begin a stage of `total` units; None if the number is unknown."""
        self._stage = plain(text)
        self._done = 0
        self._total = total or 0
        self._began = self._clock()

        if self._bar is None:
            self._print_line()
            return
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._bar.add_task(self._stage, total=total)

    def advance(self, text: str = "") -> None:
        """Count one unit as done; `text` describes it."""
        self._done += 1
        if self._bar is None:
            self._print_line()
            return

        # A run may advance before its first stage: then there is no task yet.
        if self._bar.task_ids:
            description = self._stage
            if text:
                description += f" · {plain(text)}"
            task = self._bar.task_ids[-1]
            self._bar.update(task, advance=1, description=description)

    def note(self, text: str) -> None:
        """Print a lasting line above the bar."""
        self._console.print(safe(text))

    def _print_line(self) -> None:
        """Print a plain line, unless one was printed only seconds ago."""
        now = self._clock()
        if self._printed_at is not None and now - self._printed_at < self._every_s:
            return
        self._printed_at = now
        self._console.print(Text(f"{self._stage}{self._counts(now)}"))

    def _counts(self, now: float) -> str:
        """Format how many units are done, and the time left in minutes and seconds."""
        if not self._total:
            return ""
        if not self._done:
            return f" (0/{self._total})"

        seconds_per_unit = (now - self._began) / self._done
        remaining_s = round(seconds_per_unit * (self._total - self._done))
        minutes, seconds = divmod(remaining_s, 60)
        return f" ({self._done}/{self._total}, ~{minutes}:{seconds:02})"


class _CountColumn(rich_progress.MofNCompleteColumn):
    """Shows how many units of how many are done; empty if the total is unknown."""

    def render(self, task: rich_progress.Task) -> Text:
        if task.total is None:
            return Text("")
        return super().render(task)


def _make_bar(console: Console) -> rich_progress.Progress:
    return rich_progress.Progress(
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        _CountColumn(),
        rich_progress.TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
    )
