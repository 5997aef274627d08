"""Read notebook files, their cells and headings; analyse code and prose as text.

Entry points: `format.parse` (bytes → cells), `cells.NotebookCell` and `slicing.cells_behind`. Runs
nothing.
"""

__all__ = [
    "cells",
    "format",
    "slicing",
]
