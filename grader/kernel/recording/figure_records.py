"""Record the contents of matplotlib figures: axes, labels, and the data of plots.

Runs inside the student's kernel. A figure is recorded when it is closed, as Jupyter closes each
figure that it has shown, or else at the end of its cell.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.kernel.recording.figure_artists import DOTS, artists_in, kind_of, own_call, shown_text
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.values import Values, describe

MAX_AXES = 9
"""Most axes of a figure that are recorded."""

MAX_DRAWN = 8
"""Most lines, and most clouds, of one axes that are recorded."""

COLORBAR = "<colorbar>"
"""Label that matplotlib gives the axes of a colour bar."""

TITLE_PLACES = ("center", "left", "right")

LINES = ("line", DOTS)
"""Kinds that are drawn as a line."""

LABELS = ("xlabel", "ylabel")
SCALES = ("xscale", "yscale")
"""Texts of an axes that have a getter of their name."""

Artists = Sequence[Any]
"""What an axes shows."""

Managers = Callable[[], list[Any]]
"""Lists pyplot's open figures."""


class FigureRecords:
    """Records each figure once in one kernel."""

    def __init__(self, recorder: Recorder) -> None:
        """Initialise with the recorder."""
        self._recorder = recorder
        self._recorded: weakref.WeakSet[Any] = weakref.WeakSet()
        self._open: Managers = list

    def install(self) -> None:
        """Watch pyplot's figures, now or when it is imported."""
        when_imported("matplotlib._pylab_helpers", self._watch)

    def finish_cell(self) -> None:
        """Record the figures that a cell leaves open."""
        for manager in self._open():
            self._record(manager)

    def _watch(self, helpers: types.ModuleType) -> None:
        managers = helpers.Gcf
        self._open = managers.get_all_fig_managers
        for name in ("destroy", "destroy_all"):
            close = getattr(managers, name)
            recording = self._recording(close)
            setattr(managers, name, recording)

    def _recording(self, close: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function that closes figures, to record those that are open before."""

        def closing(*args: Any, **named: Any) -> Any:
            for manager in self._open():
                self._record(manager)
            return close(*args, **named)

        return closing

    def _record(self, manager: Any) -> None:
        try:
            figure = manager.canvas.figure
            if figure in self._recorded:
                return
            self._recorded.add(figure)
            values = described_figure(figure)
        except Exception as error:  # noqa: BLE001 - a figure of the student's must not end the cell
            self._recorder.note(f"hook: {type(error).__name__}")
            return
        if values:
            self._recorder.send_figure(values)


def described_figure(figure: Any) -> Values:
    """Describe a figure by paths such as `axes[0].xlabel` and `axes[0].line[1].y`."""
    values: Values = {}
    title = shown_text(figure.get_suptitle())
    if title:
        values["title"] = describe(title)
    axes = [each for each in figure.axes if each.get_label() != COLORBAR and each.get_visible()]
    for index, each in enumerate(axes[:MAX_AXES]):
        prefix = f"axes[{index}]"
        for path, value in _axes_parts(each):
            values[f"{prefix}.{path}"] = value
    return values


def _axes_parts(axes: Any) -> Iterator[tuple[str, Any]]:
    artists = artists_in(axes)
    kinds = dict.fromkeys(map(kind_of, artists))
    kinds_text = " ".join(kinds)
    yield "kinds", describe(kinds_text)

    yield from _text_parts(axes)
    yield from _line_parts(artists)
    yield from _cloud_parts(artists)
    yield from _bar_parts(artists)
    yield from _image_parts(artists)


def _text_parts(axes: Any) -> Iterator[tuple[str, Any]]:
    """Describe the texts around the plots."""
    title = _title(axes)
    yield "title", describe(title)
    for name in LABELS:
        label = _label(axes, name)
        yield name, describe(label)
    for name in SCALES:
        scale = own_call(axes, f"get_{name}")
        yield name, describe(scale)

    entries = _legend_entries(axes)
    yield "legend", describe(entries)


def _title(axes: Any) -> str:
    """Return the first title of the three that an axes may have."""
    for place in TITLE_PLACES:
        title = own_call(axes, "get_title", place)
        text = shown_text(title)
        if text:
            return text
    return ""


def _label(axes: Any, name: str) -> str:
    """Return the label of an axis; empty where axes are hidden."""
    if not axes.axison:
        return ""
    label = own_call(axes, f"get_{name}")
    return shown_text(label)


def _line_parts(artists: Artists) -> Iterator[tuple[str, Any]]:
    lines = [artist for artist in artists if kind_of(artist) in LINES]
    for index, line in enumerate(lines[:MAX_DRAWN]):
        path = f"line[{index}]"
        x, y = own_call(line, "get_data", orig=False)
        yield f"{path}.x", describe(x)
        yield f"{path}.y", describe(y)


def _cloud_parts(artists: Artists) -> Iterator[tuple[str, Any]]:
    clouds = _of_class(artists, "PathCollection")
    for index, cloud in enumerate(clouds[:MAX_DRAWN]):
        path = f"cloud[{index}]"
        points = own_call(cloud, "get_offsets")
        x = points[:, 0].filled()
        y = points[:, 1].filled()
        yield f"{path}.x", describe(x)
        yield f"{path}.y", describe(y)


def _bar_parts(artists: Artists) -> Iterator[tuple[str, Any]]:
    bars = _of_class(artists, "Rectangle")
    heights = [bar.get_height() for bar in bars]
    if heights:
        yield "bars", describe(heights)


def _image_parts(artists: Artists) -> Iterator[tuple[str, Any]]:
    images = _of_class(artists, "AxesImage")
    for index, image in enumerate(images[:MAX_DRAWN]):
        pixels = image.get_array()
        yield f"image[{index}]", describe(pixels.filled())


def _of_class(artists: Artists, name: str) -> list[Any]:
    """List the artists of exactly one class, without derived ones."""
    return [artist for artist in artists if type(artist).__name__ == name]


def _legend_entries(axes: Any) -> int:
    legend = own_call(axes, "get_legend")
    if legend is None or not legend.get_visible():
        return 0
    entries = []
    for entry in legend.get_texts():
        text = shown_text(entry.get_text())
        if text:
            entries.append(text)
    return len(entries)
