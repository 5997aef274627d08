"""Print how far graded notebooks are from what is held against cheating.

For each folder that `grade` wrote: how many of their notebooks' events do not fit the code, how
many notebooks reach for the grader's parts, and the largest number of matches to be expected by
chance for an answer that earned points. Notebooks of honest students have none of the first two.

    python scripts/honest_figures.py GRADES...
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.batch.regrade import StoredRun
from grader.grading import follows_data
from grader.grading.chance import MAX_CHANCE, Offer
from grader.grading.claims import Claims
from grader.grading.tampering import find_tampering
from grader.progress import SilentProgress
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store
from grader.trace import Trace


def main() -> None:
    """Look at every folder."""
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as temporary:
            out = Path(temporary) / "grades"
            shutil.copytree(name, out, ignore=shutil.ignore_patterns(".lock"))
            print(f"{name}: {_traces(out)}; {_largest_figure(out)}")


def _traces(out: Path) -> str:
    notebooks = events = misfits = reaching = 0
    with Store(out) as store:
        report = store.read_report()
        assert report is not None
        for submission in report.submissions:
            stored = store.read_trace(submission.id)
            if stored is None:
                continue
            trace = stored.trace
            notebooks += 1
            events += _count_events(trace)
            misfits += _count_events(trace)
            misfits -= _count_events(Claims(trace.cells).without_misfits(trace))
            reaching += any(any(find_tampering(cell)) for cell in trace.cells)
    return (
        f"{notebooks} notebooks, {events} events, {misfits} of them do not fit the code, "
        f"{reaching} notebooks reach for the grader"
    )


def _count_events(trace: Trace) -> int:
    return sum(len(run.events) for run in trace.runs)


def _largest_figure(out: Path) -> str:
    figures = [0.0]
    deciding: Any = follows_data
    expected_matches = deciding.expected_matches

    def noted(offers: Iterable[Offer]) -> float:
        figure: float = expected_matches(offers)
        if figure <= MAX_CHANCE:
            figures.append(figure)
        return figure

    deciding.expected_matches = noted
    try:
        with Sandbox("auto") as sandbox, Store(out) as store:
            StoredRun(Settings(out=out), store, sandbox).regrade(SilentProgress())
    finally:
        deciding.expected_matches = expected_matches
    largest = max(figures)
    return f"largest of {len(figures) - 1} figures {largest:.1e}, the bound is {MAX_CHANCE}"


if __name__ == "__main__":
    main()
