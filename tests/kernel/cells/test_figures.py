"""Backends with windows become the inline one; huge figures are drawn smaller."""

from __future__ import annotations

import pytest

from grader.kernel.cells.displays import Displays
from grader.kernel.cells.figures import MAX_PIXELS, Figures, bounded_dpi
from grader.kernel.recording.streams import OutputLimit
from grader.kernel.startup import INLINE
from tests.support.recording import Recording


@pytest.fixture
def figures() -> Figures:
    recorder = Recording().recorder
    return Figures(recorder, Displays(recorder, OutputLimit(recorder, kib=1)))


@pytest.mark.parametrize(
    "backend",
    [
        *("TkAgg", "Qt5Agg", "QtAgg", "qt", "tk", "MacOSX", "nbAgg", "WebAgg", "GTK3Agg", "WXAgg"),
        *("notebook", "widget", "ipympl", "module://ipympl.backend_nbagg", "osx", "auto"),
    ],
)
def test_a_backend_with_windows_becomes_the_inline_one(figures, backend):
    assert f"module://{INLINE}" == figures.backend_here(backend)


@pytest.mark.parametrize("backend", ["inline", "agg", "Agg", "svg", f"module://{INLINE}", None])
def test_a_backend_that_works_here_stays(figures, backend):
    assert backend == figures.backend_here(backend)


def test_a_figure_of_the_usual_size_keeps_its_resolution():
    assert 100 == bounded_dpi((6.4, 4.8), 100)


def test_a_wall_of_a_figure_has_no_more_than_two_million_pixels():
    dpi = bounded_dpi((100, 100), 300)
    assert pytest.approx(MAX_PIXELS) == (100 * dpi) ** 2
