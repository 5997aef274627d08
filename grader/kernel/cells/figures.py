"""Show matplotlib figures inline, whatever backend a notebook asks for, and draw only a few.

Runs inside the student's kernel. Backends with windows, or with widgets in a browser, would show
them to nobody. A figure that is not kept is not drawn: that would take 0.1 s of the cell's time.
"""

from __future__ import annotations

import functools
import math
import re
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.cells.displays import Displays
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder
from grader.kernel.startup import INLINE

MAX_PIXELS = 2_000_000
"""Most pixels of a figure that is shown: a wall of 100 × 100 inches would take seconds and GiB."""

ELSEWHERE = re.compile(
    r"(module://)?(ipympl|widget|notebook|nbagg|webagg|macosx|osx|tk|wx|qt|gtk|auto)", re.IGNORECASE
)
"""Names of backends that show figures in a window or a browser, of matplotlib and `%matplotlib`."""

Function = Callable[..., Any]


class Figures:
    """Redirects backends and limits figures in one kernel."""

    def __init__(self, recorder: Recorder, displays: Displays) -> None:
        """Initialise with the recorder, and the counter of pictures."""
        self._recorder = recorder
        self._displays = displays
        self._shell: Any = None

    def install(self, shell: Any) -> None:
        """Make a shell and matplotlib show figures inline."""
        self._shell = shell
        shell.enable_matplotlib = self._inline_magic(shell.enable_matplotlib)
        shell.enable_gui = self._no_gui
        when_imported("matplotlib", self._redirect_use)
        when_imported("matplotlib.pyplot", self._redirect_switch)
        when_imported("IPython.core.pylabtools", self._bound_figures)

    def backend_here(self, backend: Any) -> Any:
        """Return the backend to use in place of another, or the same if it works here."""
        if isinstance(backend, str) and ELSEWHERE.match(backend):
            self._recorder.note(f"display {backend}")
            return f"module://{INLINE}"
        return backend

    def _inline_magic(self, enable: Function) -> Function:
        """Create the replacement for `%matplotlib`."""

        @functools.wraps(enable)
        def enable_matplotlib(gui: Any = None) -> Any:
            if gui is None:
                return enable("inline")
            if self.backend_here(gui) != gui:
                return enable("inline")
            return enable(gui)

        return enable_matplotlib

    def _no_gui(self, gui: Any = None) -> None:
        """Replacement for `%gui`, which would wait for events of windows."""
        if gui and gui != "inline":
            self._recorder.note(f"display {gui}")

    def _redirect_use(self, matplotlib: types.ModuleType) -> None:
        """Make `matplotlib.use` choose a backend that works here."""
        plain = matplotlib.use

        @functools.wraps(plain)
        def use(backend: Any, *args: Any, **named: Any) -> None:
            plain(self.backend_here(backend), *args, **named)

        setattr(matplotlib, "use", use)  # noqa: B010 - mypy knows no such attribute of a module

    def _redirect_switch(self, pyplot: types.ModuleType) -> None:
        """Make `plt.switch_backend` choose a backend that works here."""
        plain = pyplot.switch_backend

        @functools.wraps(plain)
        def switch_backend(newbackend: Any) -> None:
            plain(self.backend_here(newbackend))

        setattr(pyplot, "switch_backend", switch_backend)  # noqa: B010 - as above

    def _bound_figures(self, pylabtools: types.ModuleType) -> None:
        plain = pylabtools.print_figure

        @functools.wraps(plain)
        def print_figure(fig: Any, fmt: str = "png", *args: Any, **named: Any) -> Any:
            if not self._displays.wants_picture:
                return None
            if fmt == "retina":
                fmt = "png"
            dpi = named.get("dpi", fig.dpi)
            if isinstance(dpi, (int, float)):
                named["dpi"] = bounded_dpi(fig.get_size_inches(), dpi)
            return plain(fig, fmt, *args, **named)

        setattr(pylabtools, "print_figure", print_figure)  # noqa: B010 - as above
        self._renew_formatters(pylabtools)

    def _renew_formatters(self, pylabtools: types.ModuleType) -> None:
        """Make the formatters of figures call the limited function instead of the original."""
        backend = sys.modules.get(INLINE)
        settings_class = getattr(backend, "InlineBackend", None)
        if settings_class is None:  # it is still being imported, and will make them itself
            return
        settings = settings_class.instance()
        options = settings.print_figure_kwargs
        pylabtools.select_figure_formats(self._shell, settings.figure_formats, **options)


def bounded_dpi(size_inches: Any, dpi: float) -> float:
    """Return the dots per inch at which a figure has at most two million pixels."""
    width, height = size_inches
    area = max(float(width) * float(height), 1e-6)
    return min(dpi, math.sqrt(MAX_PIXELS / area))
