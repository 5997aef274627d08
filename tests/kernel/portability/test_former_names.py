"""Names that other releases of numpy, IPython and matplotlib have are known."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterator
from typing import Any

import matplotlib.style
import numpy as np
import pytest

from grader.kernel.portability import former_names
from tests.support.recording import Recording, of_kind


@pytest.fixture
def recording() -> Iterator[Recording]:
    recording = Recording()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "__getattr__", np.__getattr__)
        patch.setattr(matplotlib.style, "use", matplotlib.style.use)
        former_names.install(recording.recorder)
        yield recording


def notes(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "note")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Inf", math.inf),
        ("infty", math.inf),
        ("float", float),
        ("int", int),
        ("float_", np.float64),
        ("product", np.prod),
        ("in1d", np.isin),
    ],
)
def test_a_former_name_of_numpy_means_what_it_meant(
    recording: Recording, name: str, value: Any
) -> None:
    assert value == getattr(np, name)
    assert [f"version numpy.{name}"] == notes(recording)


def test_a_name_that_numpy_never_had_is_the_students_error(recording: Recording) -> None:
    with pytest.raises(AttributeError, match="means"):
        _ = np.means
    assert [] == notes(recording)


def test_functions_of_ipython_are_found_where_they_were(recording: Recording) -> None:
    from IPython.core.display import clear_output, display
    from IPython.display import set_matplotlib_formats

    assert all(map(callable, (clear_output, display, set_matplotlib_formats)))


@pytest.mark.parametrize(
    ("style", "noted"),
    [
        ("ggplot", []),
        ("seaborn", ["seaborn"]),
        ("seaborn-whitegrid", ["seaborn-whitegrid"]),
        (["science", "ggplot", "ieee"], ["science", "ieee"]),
        ("C:/Users/ana/own.mplstyle", ["C:/Users/ana/own.mplstyle"]),
    ],
)
def test_a_style_that_is_not_there_ends_no_cell(
    recording: Recording, style: Any, noted: list[str]
) -> None:
    with matplotlib.rc_context():
        matplotlib.style.use(style)
    assert [f"version style {name}" for name in noted] == notes(recording)


def test_a_module_has_what_it_had_under_former_names(recording: Recording) -> None:
    from PIL import Image
    from scipy.integrate import simps, simpson

    assert isinstance([], collections.Iterable)  # type: ignore[attr-defined]
    assert Image.LANCZOS is Image.ANTIALIAS
    assert simpson is simps
