"""Right answers of honest notebooks are far from agreeing by chance; the figure is printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.grading import follows_data
from grader.grading.chance import MAX_CHANCE
from grader.report import Report
from tests.support.courses import Course, regraded

pytestmark = pytest.mark.kernel

MARGIN = 100
"""How many times below the bound the largest figure of an honest notebook stays."""


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
