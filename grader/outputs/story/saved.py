"""Find saved outputs of a notebook that differ from a fresh run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.grading.saved_outputs import contradicted
from grader.submissions.submission import Submission
from grader.trace import Array, CellRun, Event, Number

MAX_SAVED = 60
"""Most characters of a saved output that is shown if it contains no number."""


@dataclass(frozen=True)
class Saved:
    """A saved output that differs from a fresh run."""

    saved: str
    fresh: str
    """The number that the fresh run gives, or the type of the exception that ended it."""
    count: int | None
    """The saved execution count of the cell; None if there is none."""
    disorder: tuple[int, int] | None
    """Two saved execution counts, the upper one first: cells were not run from top to bottom."""


def contradicted_output(
    submission: Submission,
    run: CellRun,
    events: Sequence[Event],
) -> Saved | None:
    """Return the saved output of a cell if a fresh run gives another one.

    Args:
        submission: what was handed in: saved outputs, execution counts.
        run: the fresh run of the cell.
        events: the events of that run.
    """
    output = _saved_output(submission, run.cell)
    if not output.strip():
        return None

    difference = _difference(output, run, events)
    if difference is None:
        return None

    saved, fresh = difference
    counts = submission.execution_counts
    return Saved(
        saved=saved,
        fresh=fresh,
        count=_count_of(counts, run.cell),
        disorder=disorder(counts, run.cell),
    )


def _saved_output(submission: Submission, cell: int) -> str:
    """Return the saved output of a cell; empty if it has none."""
    outputs = submission.saved_outputs
    if cell >= len(outputs):
        return ""
    return outputs[cell]


def _count_of(counts: Sequence[int | None], cell: int) -> int | None:
    """Return the saved execution count of a cell; None if it has none."""
    if cell >= len(counts):
        return None
    return counts[cell]


def _difference(
    output: str,
    run: CellRun,
    events: Sequence[Event],
) -> tuple[str, str] | None:
    """Return the saved number and that of a fresh run; None if they agree."""
    if run.status == "error" and run.error:
        if run.error in output:
            return None
        first_line, *_ = output.strip().split("\n")
        return first_line[:MAX_SAVED], run.error

    if run.status != "ok":
        return None
    texts = [event.text for event in events if event.kind == "printed"]
    printed = "".join(texts)
    displayed = _displayed_numbers(events)
    return contradicted(output, printed, displayed)


def _displayed_numbers(events: Sequence[Event]) -> Sequence[float]:
    """Return the numbers of the last expression, if all of them are shown."""
    last = _last_top_level(events)
    if last is None or last.kind != "shown":
        return ()

    value = last.values.get("")
    if isinstance(value, Number):
        return (value.value,)
    if isinstance(value, Array):
        is_whole = len(value.elements) == value.size
        if not is_whole:
            return ()
        return value.elements
    return ()


def _last_top_level(events: Sequence[Event]) -> Event | None:
    """Return the last event of a statement that is in no function."""
    for event in reversed(events):
        if event.line and not event.scope:
            return event
    return None


def disorder(counts: Sequence[int | None], cell: int) -> tuple[int, int] | None:
    """Return two execution counts which show that cells were not run from top to bottom.

    They are those of the cell and one near it, if these show it.

    Args:
        counts: the saved execution count of each cell.
        cell: index of the cell.

    Returns:
        The upper count first; None if the counts of the notebook increase.
    """
    cell_count = _count_of(counts, cell)
    if cell_count is not None:
        above = _numbers(counts[:cell])
        later = [count for count in above if count >= cell_count]
        if later:
            return later[-1], cell_count

        below = _numbers(counts[cell + 1 :])
        earlier = [count for count in below if count <= cell_count]
        if earlier:
            return cell_count, earlier[0]

    for upper, lower in pairwise(_numbers(counts)):
        if upper >= lower:
            return upper, lower
    return None


def _numbers(counts: Sequence[int | None]) -> list[int]:
    """Drop the cells without a count."""
    return [count for count in counts if count is not None]
