"""Record what figures of matplotlib hold: axes, labels, and the data of lines and clouds.

Runs inside the student's kernel. A figure is recorded when it is closed, as Jupyter closes each
one that it has shown, or else at the end of its cell.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from grader.kernel.hooks import when_imported
from grader.kernel.recorder import Recorder
from grader.kernel.values import Values, describe

MAX_AXES = 9
"""Most axes of a figure that are recorded."""

MAX_DRAWN = 8
"""Most lines, and most clouds, of one axes that are recorded."""

MAX_LABEL = 200

COLORBAR = "<colorbar>"
"""Label that matplotlib gives the axes of a colour bar."""

KINDS = {
    "Line2D": "line",
    "PathCollection": "cloud",
    "Rectangle": "bars",
    "AxesImage": "image",
    "QuadMesh": "image",
    "QuadContourSet": "contour",
    "TriContourSet": "contour",
    "Wedge": "pie",
    "FillBetweenPolyCollection": "area",
    "PolyCollection": "area",
}
"""What each class of things that are drawn is called here."""

Managers = Callable[[], list[Any]]
"""Lists pyplot's open figures."""


class FigureRecords:
    """Records each figure once in one kernel."""

    def __init__(self, recorder: Recorder) -> None:
        """Take what records."""
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
            setattr(managers, name, self._recording(getattr(managers, name)))

    def _recording(self, close: Callable[..., Any]) -> Callable[..., Any]:
        """Make what closes figures, and records those that are open before."""

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
    """Describe what a figure holds, by paths such as `axes[0].xlabel` and `axes[0].line[1].y`."""
    values: Values = {}
    title = figure.get_suptitle()
    if title:
        values["title"] = _text(title)
    axes = [each for each in figure.axes if each.get_label() != COLORBAR]
    for index, each in enumerate(axes[:MAX_AXES]):
        for path, value in _axes_parts(each):
            values[f"axes[{index}].{path}"] = value
    return values


def _axes_parts(axes: Any) -> Iterator[tuple[str, Any]]:
    kinds = list(dict.fromkeys(_kinds_in(axes)))
    yield "kinds", _text(" ".join(kinds))
    yield "title", _text(axes.get_title() or axes.get_title("left") or axes.get_title("right"))
    yield "xlabel", _text(axes.get_xlabel())
    yield "ylabel", _text(axes.get_ylabel())
    yield "xscale", _text(axes.get_xscale())
    yield "yscale", _text(axes.get_yscale())
    yield "legend", describe(_legend_entries(axes))

    for index, line in enumerate(axes.lines[:MAX_DRAWN]):
        x, y = line.get_data(orig=False)
        yield f"line[{index}].x", describe(x)
        yield f"line[{index}].y", describe(y)
    clouds = [each for each in axes.collections if type(each).__name__ == "PathCollection"]
    for index, cloud in enumerate(clouds[:MAX_DRAWN]):
        points = cloud.get_offsets()
        yield f"cloud[{index}].x", describe(points[:, 0].filled())
        yield f"cloud[{index}].y", describe(points[:, 1].filled())
    bars = [each.get_height() for each in axes.patches if type(each).__name__ == "Rectangle"]
    if bars:
        yield "bars", describe(bars)
    for index, image in enumerate(axes.images[:MAX_DRAWN]):
        yield f"image[{index}]", describe(image.get_array().filled())


def _kinds_in(axes: Any) -> Iterator[str]:
    for artist in axes.get_children():
        if artist in (axes.patch, axes.legend_):
            continue
        for kind in type(artist).__mro__:
            name = KINDS.get(kind.__name__)
            if name is not None:
                yield name
                break


def _legend_entries(axes: Any) -> int:
    legend = axes.get_legend()
    return 0 if legend is None else len(legend.get_texts())


def _text(text: Any) -> Any:
    return describe(str(text)[:MAX_LABEL])
