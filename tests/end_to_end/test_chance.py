"""Honest notebooks are far from what is held against cheating; the figures are printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.grading import follows_data
from grader.grading.chance import MAX_CHANCE
from grader.grading.claims import Claims
from grader.report import Report
from grader.store.store import Store
from tests.support.courses import Course, regraded

pytestmark = pytest.mark.kernel

MARGIN = 100
"""How many times below the bound the largest figure of an honest notebook stays."""


def test_all_that_honest_notebooks_claim_fits_their_code(samples: tuple[Report, Path]) -> None:
    report, out = samples
    events = 0
    with Store(out) as store:
        for submission in report.submissions:
            stored = store.read_trace(submission.id)
            if stored is None:
                continue
            trace = stored.trace
            assert Claims(trace.cells).without_misfits(trace) is trace, submission.student
            events += sum(len(run.events) for run in trace.runs)
    print(f"{events} events fit the code")


def test_no_honest_notebook_reaches_for_the_grader(samples: tuple[Report, Path]) -> None:
    report, _ = samples
    flags = {flag.id for submission in report.submissions for flag in submission.flags}
    assert {"tampering", "forged-events"}.isdisjoint(flags)


def test_no_honest_answer_comes_near_the_bound(
    samples: tuple[Report, Path], autograd: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[float] = []
    expected_matches = follows_data.expected_matches

    def noted(offers):
        figure = expected_matches(offers)
        figures.append(figure)
        return figure

    monkeypatch.setattr(follows_data, "expected_matches", noted)
    out = tmp_path / "grades"
    shutil.copytree(samples[1], out, ignore=shutil.ignore_patterns(".lock"))
    regraded(autograd.settings(out))
    print(f"largest of {len(figures)} figures: {max(figures):.1e}; the bound is {MAX_CHANCE}")
    assert max(figures) * MARGIN <= MAX_CHANCE
