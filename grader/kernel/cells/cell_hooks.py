"""Install output, figures, magics and input around a kernel's cells. Runs in the student's kernel.

Each part keeps a cell running where a notebook written elsewhere would fail here.
"""

from __future__ import annotations

from typing import Any

from grader.kernel.cells import fonts
from grader.kernel.cells.cell_end import CellEnd
from grader.kernel.cells.displays import Displays
from grader.kernel.cells.event_loop import find_nest_asyncio
from grader.kernel.cells.figures import Figures
from grader.kernel.cells.magics import Magics
from grader.kernel.cells.prompts import Prompts
from grader.kernel.portability import former_calls, former_indices, former_names, newer_python
from grader.kernel.recording.figure_records import FigureRecords
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.streams import OutputLimit, listen


class CellHooks:
    """Installs the parts in a shell, and informs them of each cell."""

    def __init__(
        self, recorder: Recorder, shell: Any, output_kib: int, *, records_figures: bool
    ) -> None:
        """Install the parts in a shell.

        Args:
            recorder: the recorder.
            shell: the kernel's IPython shell.
            output_kib: most output of a cell, in units of 1024 characters.
            records_figures: whether an exercise asks for the data of figures.
        """
        self.output = OutputLimit(recorder, output_kib)
        self._displays = Displays(recorder, self.output)
        self._cell_end = CellEnd(shell)
        self._prompts = Prompts(recorder, self._cell_end)

        listen(recorder, self.output)
        find_nest_asyncio()
        former_names.install(recorder)
        former_indices.install(recorder.note)
        fonts.install()
        newer_python.install(shell)
        former_calls.install(recorder)
        self._displays.install(shell)
        self._figure_records = FigureRecords(recorder)
        if records_figures:
            self._figure_records.install()
        Figures(recorder, self._displays).install(shell)
        Magics(recorder, shell).install()
        self._prompts.install(shell)

    def begin_cell(self) -> None:
        """Begin a cell."""
        self.output.begin()
        self._displays.begin_cell()
        self._prompts.begin_cell()
        self._cell_end.begin()

    def finish_cell(self) -> None:
        """Finish a cell, before its last output is flushed."""
        self._figure_records.finish_cell()
        self._cell_end.finish()
        self.output.begin()
